"""Workgroups: where results go, what a query may scan, and its metrics."""

from typing import Any

from localaws.errors import AwsError
from localaws.services.athena.errors import invalid
from localaws.services.context import Context
from localaws.services.json_operations import Members, page
from localaws.services.records import Records

TABLE = "athena-workgroup"
PRIMARY = "primary"
_LEAST_CUTOFF = 10_000_000
_ENGINE = {
    "SelectedEngineVersion": "AUTO",
    "EffectiveEngineVersion": "Athena engine version 3",
}
_DEFAULT: Members = {
    "ResultConfiguration": {},
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": True,
    "RequesterPaysEnabled": False,
    "EngineVersion": _ENGINE,
}


def find(context: Context, name: str) -> Members:
    """Return a workgroup.

    Raises:
        AwsError: It does not exist.
    """
    found = context.part(Records).get(TABLE, name)
    if found is None and name == PRIMARY:
        return {
            "Name": PRIMARY,
            "State": "ENABLED",
            "Configuration": _DEFAULT
            | {
                "EnforceWorkGroupConfiguration": False,
                "PublishCloudWatchMetricsEnabled": False,
            },
            "CreationTime": context.clock.now(),
        }
    if found is None:
        raise invalid(f"WorkGroup {name} is not found.")
    return found


def create(context: Context, given: Members) -> Members:
    """Answer CreateWorkGroup."""
    name, records = given["Name"], context.part(Records)
    with records.lock:
        if name == PRIMARY or records.get(TABLE, name):
            raise invalid("WorkGroup is already created")
        configuration = _DEFAULT | given.get("Configuration", {})
        _check(configuration)
        configuration["EngineVersion"] = _ENGINE
        records.put(
            TABLE,
            name,
            {
                "Name": name,
                "State": "ENABLED",
                "Description": given.get("Description", ""),
                "Configuration": configuration,
                "CreationTime": context.clock.now(),
                "Tags": given.get("Tags", []),
            },
        )
    return {}


def _check(configuration: Members) -> None:
    cutoff = configuration.get("BytesScannedCutoffPerQuery")
    if cutoff is not None and cutoff < _LEAST_CUTOFF:
        raise invalid(
            f"1 validation error detected: Value '{cutoff}' at "
            "'configuration.bytesScannedCutoffPerQuery' failed to satisfy constraint: "
            f"Member must have value greater than or equal to {_LEAST_CUTOFF}"
        )
    location = configuration["ResultConfiguration"].get("OutputLocation")
    if location is not None and not location.startswith("s3://"):
        raise invalid("outputLocation is not a valid S3 path.")


def get(context: Context, given: Members) -> Members:
    """Answer GetWorkGroup."""
    return {"WorkGroup": find(context, given["WorkGroup"])}


def listed(context: Context, given: Members) -> Members:
    """Answer ListWorkGroups."""
    every = context.part(Records).all(TABLE)
    every.setdefault(PRIMARY, find(context, PRIMARY))
    found = [
        group | {"EngineVersion": group["Configuration"]["EngineVersion"]}
        for _, group in sorted(every.items())
    ]
    return page("WorkGroups", found, given, 50)


def update(context: Context, given: Members) -> Members:
    """Answer UpdateWorkGroup."""
    records = context.part(Records)
    with records.lock:
        group = find(context, given["WorkGroup"])
        updates = dict(given.get("ConfigurationUpdates", {}))
        configuration = group["Configuration"]
        results = updates.pop("ResultConfigurationUpdates", {})
        if results.get("RemoveOutputLocation"):
            configuration["ResultConfiguration"].pop("OutputLocation", None)
        if "OutputLocation" in results:
            location = results["OutputLocation"]
            configuration["ResultConfiguration"]["OutputLocation"] = location
        if updates.pop("RemoveBytesScannedCutoffPerQuery", False):
            configuration.pop("BytesScannedCutoffPerQuery", None)
        updates.pop("EngineVersion", None)
        configuration |= updates
        _check(configuration)
        group |= {
            name: given[name] for name in ("Description", "State") if name in given
        }
        records.put(TABLE, group["Name"], group)
    return {}


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteWorkGroup."""
    name, records = given["WorkGroup"], context.part(Records)
    with records.lock:
        if name == PRIMARY:
            raise invalid("primary workgroup cannot be deleted")
        find(context, name)
        owned = {
            table: [
                key
                for key, one in records.all(table).items()
                if one.get("WorkGroup", one.get("WorkGroupName")) == name
            ]
            for table in ("athena-named-query", "athena-prepared", "athena-query")
        }
        if any(owned.values()) and not given.get("RecursiveDeleteOption"):
            raise invalid(f"WorkGroup {name} is not empty")
        for table, keys in owned.items():
            for key in keys:
                records.drop(table, key)
        records.drop(TABLE, name)
    return {}


def settings(context: Context, name: str, asked: str | None) -> tuple[Members, str]:
    """Return the configuration that a query runs with, and where its results go.

    Args:
        context: The endpoint.
        name: The workgroup.
        asked: Output location that the query asks for.

    Raises:
        AwsError: The workgroup is disabled, or nobody says where results go.
    """
    group = find(context, name)
    if group["State"] != "ENABLED":
        raise invalid(f"WorkGroup {name} is disabled.")
    configuration = group["Configuration"]
    own = configuration["ResultConfiguration"].get("OutputLocation")
    enforced = configuration["EnforceWorkGroupConfiguration"] and own
    location = own if enforced else asked or own
    if not location:
        raise invalid(
            "No output location provided. An output location is required either "
            "through the Workgroup result configuration setting or as an API input."
        )
    if not location.startswith("s3://"):
        raise invalid("outputLocation is not a valid S3 path.")
    return configuration, f"{location.rstrip('/')}/"


def tags(context: Context, given: Members) -> Members:
    """Answer ListTagsForResource."""
    group = _by_arn(context, given["ResourceARN"])
    return page("Tags", group.get("Tags", []), given, 75)


def tag(context: Context, given: Members) -> Members:
    """Answer TagResource."""
    records = context.part(Records)
    with records.lock:
        group = _by_arn(context, given["ResourceARN"])
        new = {one["Key"]: one for one in [*group.get("Tags", []), *given["Tags"]]}
        records.put(TABLE, group["Name"], group | {"Tags": [*new.values()]})
    return {}


def untag(context: Context, given: Members) -> Members:
    """Answer UntagResource."""
    records = context.part(Records)
    with records.lock:
        group = _by_arn(context, given["ResourceARN"])
        kept = [t for t in group.get("Tags", []) if t["Key"] not in given["TagKeys"]]
        records.put(TABLE, group["Name"], group | {"Tags": kept})
    return {}


def _by_arn(context: Context, arn: str) -> Any:
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind != "workgroup":
        raise AwsError("ResourceNotFoundException", f"{arn} is not found.")
    return find(context, name)


OPERATIONS = {
    "CreateWorkGroup": create,
    "GetWorkGroup": get,
    "ListWorkGroups": listed,
    "UpdateWorkGroup": update,
    "DeleteWorkGroup": delete,
    "ListTagsForResource": tags,
    "TagResource": tag,
    "UntagResource": untag,
}
