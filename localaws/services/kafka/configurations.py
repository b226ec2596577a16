"""MSK configurations: properties of brokers, in revisions, for clusters to be made."""

import uuid
from typing import Any

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.context import Context
from localaws.services.kafka.clusters import ACCOUNT, Clusters
from localaws.services.kafka.operations import bad, page
from localaws.services.records import Records

TABLE = "kafka-configuration"
_HOUR, _MINUTE = 3_600_000, 60_000
_RETENTION = {
    "log.retention.hours": _HOUR,
    "log.retention.minutes": _MINUTE,
    "log.retention.ms": 1,
}
_LEAST = {
    "num.partitions": 1,
    "default.replication.factor": 1,
    "min.insync.replicas": 1,
    "message.max.bytes": 0,
    "log.retention.bytes": -1,
    **dict.fromkeys(_RETENTION, -1),
}
_SWITCHES = ("auto.create.topics.enable",)
_THREE = 3
Members = dict[str, Any]


def _defaults(zones: int) -> dict[str, str]:
    """Return MSK's own configuration, which depends on the number of zones."""
    three = zones >= _THREE
    return {
        "auto.create.topics.enable": "false",
        "default.replication.factor": "3" if three else "2",
        "log.retention.ms": str(168 * _HOUR),
        "min.insync.replicas": "2" if three else "1",
        "num.partitions": "1",
    }


def _properties(operation: str, content: bytes) -> dict[str, str]:
    """Read server.properties.

    Raises:
        AwsError: It is wrong, or a property does not act here.
    """
    found = {}
    for line in content.decode("utf-8", "replace").splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            raise bad(f"The line '{text}' is not a property.", "serverProperties")
        if name in _SWITCHES:
            right = value in ("true", "false")
        elif name in _LEAST:
            number = value.lstrip("-").isdecimal()
            right = number and int(value) >= _LEAST[name]
        else:
            raise NotImplementedHere(
                f"kafka:{operation} ServerProperties {name}={value}",
                "sets this property of the brokers",
            )
        if not right:
            raise bad(f"The value {value} of {name} is not valid.", "serverProperties")
        found[name] = value
    return found


def chosen(
    context: Context, given: Members | None, subnets: list[str]
) -> tuple[Members, dict[str, str]]:
    """Return a cluster's configuration, as Describe shows it and as brokers obey it.

    Args:
        context: The endpoint.
        given: ConfigurationInfo.
        subnets: One in each zone.

    Raises:
        AwsError: There is no such revision.
    """
    configs = _defaults(len(subnets))
    if given is None:
        return {}, configs
    revision = _revision(_find(context, given["Arn"]), given["Revision"])
    found = _properties("CreateConfiguration", revision["ServerProperties"])
    for name, factor in _RETENTION.items():
        if name in found:
            value = int(found.pop(name))
            configs["log.retention.ms"] = str(value * factor if value > 0 else value)
    return {"Arn": given["Arn"], "Revision": given["Revision"]}, {**configs, **found}


def _find(context: Context, arn: str) -> Members:
    found = context.part(Records).get(TABLE, arn)
    if found is None:
        raise AwsError(
            "NotFoundException", "The requested configuration doesn't exist.", 404
        )
    return found


def _revision(row: Members, number: int) -> Members:
    if not 1 <= number <= len(row["revisions"]):
        raise bad("The configuration has no such revision.", "revision")
    found: Members = row["revisions"][number - 1]
    return found


def _new(context: Context, given: Members, number: int) -> Members:
    return {
        "CreationTime": context.clock.now(),
        "Description": given.get("Description", ""),
        "Revision": number,
        "ServerProperties": given["ServerProperties"],
    }


def _shown(row: Members) -> Members:
    return row | {"LatestRevision": row["revisions"][-1], "State": "ACTIVE"}


def create(context: Context, given: Members) -> Members:
    """Answer CreateConfiguration."""
    _properties("CreateConfiguration", given["ServerProperties"])
    records, name = context.part(Records), given["Name"]
    with records.lock:
        if any(row["Name"] == name for row in records.all(TABLE).values()):
            raise AwsError(
                "ConflictException",
                "A resource with this name already exists.",
                409,
                invalidParameter="name",
            )
        number = context.clock.count("kafka configuration")
        identity = uuid.uuid5(uuid.NAMESPACE_URL, f"kafka configuration {number}")
        place = f"{context.aws.region}:{ACCOUNT}:configuration"
        revision = _new(context, given, 1)
        row = {
            "Arn": f"arn:aws:kafka:{place}/{name}/{identity}-1",
            "Name": name,
            "CreationTime": revision["CreationTime"],
            "Description": revision["Description"],
            "KafkaVersions": given.get("KafkaVersions", []),
            "revisions": [revision],
        }
        records.put(TABLE, row["Arn"], row)
    return _shown(row)


def update(context: Context, given: Members) -> Members:
    """Answer UpdateConfiguration; clusters keep the revision that they have."""
    _properties("UpdateConfiguration", given["ServerProperties"])
    records = context.part(Records)
    with records.lock:
        row = _find(context, given["Arn"])
        revision = _new(context, given, len(row["revisions"]) + 1)
        records.change(TABLE, row["Arn"], revisions=[*row["revisions"], revision])
    return {"Arn": row["Arn"], "LatestRevision": revision}


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeConfiguration."""
    return _shown(_find(context, given["Arn"]))


def describe_revision(context: Context, given: Members) -> Members:
    """Answer DescribeConfigurationRevision."""
    row = _find(context, given["Arn"])
    return _revision(row, given["Revision"]) | {"Arn": row["Arn"]}


def list_all(context: Context, given: Members) -> Members:
    """Answer ListConfigurations."""
    rows = context.part(Records).all(TABLE).values()
    return page("Configurations", [_shown(row) for row in rows], given)


def list_revisions(context: Context, given: Members) -> Members:
    """Answer ListConfigurationRevisions."""
    return page("Revisions", _find(context, given["Arn"])["revisions"], given)


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteConfiguration."""
    row = _find(context, given["Arn"])
    clusters = context.part(Clusters).all()
    if any(one["configuration"].get("Arn") == row["Arn"] for one in clusters):
        raise bad("The configuration is in use by a cluster.", "arn")
    context.part(Records).drop(TABLE, row["Arn"])
    return {"Arn": row["Arn"], "State": "DELETING"}


OPERATIONS = {
    "CreateConfiguration": create,
    "DeleteConfiguration": delete,
    "DescribeConfiguration": describe,
    "DescribeConfigurationRevision": describe_revision,
    "ListConfigurationRevisions": list_revisions,
    "ListConfigurations": list_all,
    "UpdateConfiguration": update,
}
