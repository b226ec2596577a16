"""An application's configuration, as it is given, changed and described."""

from collections.abc import Mapping
from typing import Any

from localaws.errors import AwsError, NotImplementedHere
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.kinesisanalyticsv2 import code, networks

_SERVICE = "kinesisanalyticsv2"
_FLINK = {
    "CheckpointConfiguration": {
        "ConfigurationType": "DEFAULT",
        "CheckpointingEnabled": True,
        "CheckpointInterval": 60_000,
        "MinPauseBetweenCheckpoints": 5_000,
    },
    "MonitoringConfiguration": {
        "ConfigurationType": "DEFAULT",
        "MetricsLevel": "APPLICATION",
        "LogLevel": "INFO",
    },
    "ParallelismConfiguration": {
        "ConfigurationType": "DEFAULT",
        "Parallelism": 1,
        "ParallelismPerKPU": 1,
        "AutoScalingEnabled": False,
    },
}
# More would neither fit the memory nor find processors.
_PARALLEL = 8
Members = dict[str, Any]


def bad(message: str) -> AwsError:
    """Return the error of an input that is wrong."""
    return AwsError("InvalidArgumentException", message)


def described(context: Context, role: str, given: Mapping[str, Any]) -> Members:
    """Return a new application's ApplicationConfigurationDescription.

    Args:
        context: The endpoint.
        role: The application's.
        given: An ApplicationConfiguration.

    Raises:
        AwsError: It is not valid, or its code cannot be had.
    """
    if "ApplicationCodeConfiguration" not in given:
        raise bad("ApplicationCodeConfiguration is required for Flink applications.")
    wanted = given["ApplicationCodeConfiguration"]
    content = wanted.get("CodeContent", {}).get("S3ContentLocation")
    if content is None:
        raise bad("CodeContent must name an S3ContentLocation.")
    flink = given.get("FlinkApplicationConfiguration", {})
    snapshots = given.get("ApplicationSnapshotConfiguration", {})
    groups = given.get("EnvironmentProperties", {}).get("PropertyGroups", [])
    return {
        "ApplicationCodeConfigurationDescription": _code(context, role, content),
        "FlinkApplicationConfigurationDescription": {
            f"{name}Description": _part(name, default, flink.get(name, {}))
            for name, default in _FLINK.items()
        },
        "EnvironmentPropertyDescriptions": {"PropertyGroupDescriptions": _own(groups)},
        "ApplicationSnapshotConfigurationDescription": {
            "SnapshotsEnabled": snapshots.get("SnapshotsEnabled", True)
        },
        "VpcConfigurationDescriptions": [
            networks.described(context, one)
            for one in given.get("VpcConfigurations", [])
        ],
    }


def changed(
    context: Context, role: str, known: Members, given: Mapping[str, Any]
) -> Members:
    """Return a description with the changes of an ApplicationConfigurationUpdate.

    Args:
        context: The endpoint.
        role: The application's, as it will be.
        known: The description until now.
        given: The changes.
    """
    made = dict(known)
    name = "ApplicationCodeConfigurationDescription"
    inner = known[name]["CodeContentDescription"]
    location = dict(inner["S3ApplicationCodeLocationDescription"])
    update = given.get("ApplicationCodeConfigurationUpdate", {})
    update = update.get("CodeContentUpdate", {}).get("S3ContentLocationUpdate")
    if update is not None:
        location |= _plain(update)
        made[name] = _code(context, role, location)
    name = "FlinkApplicationConfigurationDescription"
    flink = given.get("FlinkApplicationConfigurationUpdate", {})
    made[name] = dict(known[name])
    for part, default in _FLINK.items():
        told = _plain(flink.get(f"{part}Update", {}))
        before = known[name][f"{part}Description"]
        made[name][f"{part}Description"] = _part(part, default, {**before, **told})
    if "EnvironmentPropertyUpdates" in given:
        groups = _own(given["EnvironmentPropertyUpdates"]["PropertyGroups"])
        made["EnvironmentPropertyDescriptions"] = {"PropertyGroupDescriptions": groups}
    if "ApplicationSnapshotConfigurationUpdate" in given:
        told = _plain(given["ApplicationSnapshotConfigurationUpdate"])
        made["ApplicationSnapshotConfigurationDescription"] = told
    return made


def _plain(update: Mapping[str, Any]) -> Members:
    return {name.removesuffix("Update"): value for name, value in update.items()}


def _code(context: Context, role: str, location: Mapping[str, str]) -> Members:
    facts = code.checked(context, role, location)
    where = {"S3ApplicationCodeLocationDescription": dict(location)}
    return {
        "CodeContentType": "ZIPFILE",
        "CodeContentDescription": {**facts, **where},
    }


def _own(groups: list[Members]) -> list[Members]:
    names = [group["PropertyGroupId"] for group in groups]
    if len(set(names)) < len(names):
        raise bad("A property group ID is given twice.")
    return groups


def _part(name: str, default: Members, given: Mapping[str, Any]) -> Members:
    """Return one of Flink's settings; of the default kind, nothing else is heard."""
    if given.get("ConfigurationType", "DEFAULT") == "DEFAULT":
        made = dict(default)
    else:
        made = {**default, **{key: given[key] for key in default if key in given}}
    if name != "ParallelismConfiguration":
        return made
    parallel, each = made["Parallelism"], made["ParallelismPerKPU"]
    if each > limit(_SERVICE, "parallelism_per_kpu"):
        raise bad(f"ParallelismPerKPU {each} is more than 8.")
    if -(-parallel // each) > limit(_SERVICE, "kpus"):
        raise AwsError(
            "LimitExceededException",
            f"A parallelism of {parallel} needs more KPUs than the account's limit.",
        )
    if parallel > _PARALLEL:
        raise NotImplementedHere(
            f"{_SERVICE} Parallelism={parallel} (here at most {_PARALLEL})",
            "runs that many tasks side by side",
        )
    return {**made, "CurrentParallelism": parallel}


def kpus(config: Members) -> int:
    """Return how many KPUs a running application has, one for orchestration."""
    given = config["FlinkApplicationConfigurationDescription"]
    given = given["ParallelismConfigurationDescription"]
    return -(-int(given["Parallelism"]) // int(given["ParallelismPerKPU"])) + 1


def groups(config: Members) -> dict[str, dict[str, str]]:
    """Return the runtime properties, by their group."""
    found = config["EnvironmentPropertyDescriptions"]["PropertyGroupDescriptions"]
    return {one["PropertyGroupId"]: one["PropertyMap"] for one in found}
