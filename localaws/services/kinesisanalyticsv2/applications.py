"""Applications: CreateApplication, UpdateApplication, their lists and tags."""

from typing import Any

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.json_operations import page
from localaws.services.kinesisanalyticsv2 import (
    acting,
    code,
    configuration,
    history,
    snapshots,
)
from localaws.services.kinesisanalyticsv2.configuration import bad
from localaws.services.kinesisanalyticsv2.documents import (
    TABLE,
    arn,
    by_arn,
    demand_current,
    demand_state,
    detail,
    find,
    identity,
    risen,
    summary,
)
from localaws.services.kinesisanalyticsv2.lifecycle import Lifecycle
from localaws.services.kinesisanalyticsv2.log import place
from localaws.services.records import Records

_PAGE = 50
Members = dict[str, Any]


def create(context: Context, given: Members) -> Members:
    """Answer CreateApplication."""
    name, role = given["ApplicationName"], given["ServiceExecutionRole"]
    records = context.part(Records)
    if records.get(TABLE, name) is not None:
        raise _taken(context, name)
    tags = {one["Key"]: one.get("Value", "") for one in given.get("Tags", [])}
    _demand_few(tags)
    config = given.get("ApplicationConfiguration", {})
    config = configuration.described(context, role, config)
    options = [
        _option(context, one["LogStreamARN"])
        for one in given.get("CloudWatchLoggingOptions", [])
    ]
    now = context.clock.now()
    with records.lock:
        if records.get(TABLE, name) is not None:
            raise _taken(context, name)
        document = {
            "name": name,
            "arn": arn(context, name),
            "id": identity(context, "application"),
            "description": given.get("ApplicationDescription"),
            "runtime": given["RuntimeEnvironment"],
            "role": role,
            "status": "READY",
            "version": 1,
            "updated_from": None,
            "version_created": now,
            "created": now,
            "updated": now,
            "config": config,
            "logging": options,
            "tags": tags,
            "run": {},
        }
        records.put(TABLE, name, document)
    return {"ApplicationDetail": detail(document)}


def _taken(context: Context, name: str) -> AwsError:
    return AwsError(
        "ResourceInUseException",
        f"Application already exists: {arn(context, name)}",
    )


def _option(context: Context, stream: str, key: str = "") -> Members:
    """Return a CloudWatchLoggingOptionDescription of a stream that is there."""
    where, logs = place(stream), context.aws.client("logs")
    name = where["logStreamName"]
    try:
        found = logs.describe_log_streams(
            logGroupName=where["logGroupName"] or "none", logStreamNamePrefix=name
        )["logStreams"]
    except logs.exceptions.ResourceNotFoundException:
        found = []
    if not name or all(one["logStreamName"] != name for one in found):
        raise bad(f"The log stream {stream} does not exist.")
    key = key or f"1.{identity(context, 'option')[:8]}"
    return {"CloudWatchLoggingOptionId": key, "LogStreamARN": stream}


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeApplication; more details are the job's plan."""
    document = find(context, given["ApplicationName"])
    answer = detail(document)
    running = context.part(Lifecycle).running(document["name"])
    if given.get("IncludeAdditionalDetails") and running and running.healthy():
        assert running.process.flink is not None
        plan = running.process.flink.plan(running.process.job)
        name = "FlinkApplicationConfigurationDescription"
        config = answer["ApplicationConfigurationDescription"]
        config[name] = {**config[name], "JobPlanDescription": plan}
    return {"ApplicationDetail": answer}


def listed(context: Context, given: Members) -> Members:
    """Answer ListApplications."""
    every = context.part(Records).all(TABLE)
    found = [summary(every[name]) for name in sorted(every)]
    asked = {**given, "MaxResults": given.get("Limit", _PAGE)}
    return page("ApplicationSummaries", found, asked, _PAGE)


def update(context: Context, given: Members) -> Members:
    """Answer UpdateApplication: what runs is started anew, from a snapshot."""
    document = find(context, given["ApplicationName"])
    demand_current(document, given)
    role = given.get("ServiceExecutionRoleUpdate", document["role"])
    options = {one["CloudWatchLoggingOptionId"]: one for one in document["logging"]}
    for one in given.get("CloudWatchLoggingOptionUpdates", []):
        key = one["CloudWatchLoggingOptionId"]
        if key not in options:
            raise bad(f"There is no CloudWatch logging option {key}.")
        options[key] = _option(context, one["LogStreamARNUpdate"], key)
    if "ServiceExecutionRoleUpdate" in given:
        code.assume(context, role)
    told = given.get("ApplicationConfigurationUpdate", {})
    config = configuration.changed(context, role, document["config"], told)
    restore = given.get("RunConfigurationUpdate", {})
    changes = {"role": role, "config": config, "logging": [*options.values()]}
    document, operation = _apply(
        context, document, "UpdateApplication", changes, restore
    )
    return {"ApplicationDetail": detail(document), **operation}


def _apply(
    context: Context,
    document: Members,
    what: str,
    changes: Members,
    told: Members | None = None,
) -> tuple[Members, Members]:
    """Keep a new version; what runs is started anew with it.

    Returns:
        The application, and the OperationId of what is under way.
    """
    name, told = document["name"], told or {}
    demand_state(document, ("READY", "RUNNING"), "updated")
    if document["status"] == "READY":
        if told:
            changes["run"], _ = acting.restoring(context, document, told)
        return risen(context, document, **changes), {}
    lifecycle, key = context.part(Lifecycle), None
    described, restore = acting.restoring(context, document, told)
    asked = told.get("ApplicationRestoreConfiguration")
    if acting.snapshots_on(document):
        acting.demand_healthy(context, document)
        key = snapshots.begin(context, document, identity(context, "snapshot"))
    if asked is None:
        restore.pop("path", None)
    elif asked["ApplicationRestoreType"] == "SKIP_RESTORE_FROM_SNAPSHOT":
        restore["path"] = None
    elif asked["ApplicationRestoreType"] == "RESTORE_FROM_LATEST_SNAPSHOT" and key:
        restore.pop("path", None)
    changes |= {"run": described} if told else {}
    found = risen(context, document, **changes, status="UPDATING")
    operation = history.begin(context, found, what)
    lifecycle.later(name, lifecycle.update, operation, key, restore)
    return found, {"OperationId": operation}


def add_option(context: Context, given: Members) -> Members:
    """Answer AddApplicationCloudWatchLoggingOption."""
    document = find(context, given["ApplicationName"])
    demand_current(document, given)
    made = _option(context, given["CloudWatchLoggingOption"]["LogStreamARN"])
    changes = {"logging": [*document["logging"], made]}
    what = "AddApplicationCloudWatchLoggingOption"
    return _options(*_apply(context, document, what, changes))


def delete_option(context: Context, given: Members) -> Members:
    """Answer DeleteApplicationCloudWatchLoggingOption."""
    document = find(context, given["ApplicationName"])
    demand_current(document, given)
    key = given["CloudWatchLoggingOptionId"]
    kept = [
        one for one in document["logging"] if one["CloudWatchLoggingOptionId"] != key
    ]
    if len(kept) == len(document["logging"]):
        raise AwsError("ResourceNotFoundException", f"There is no option {key}.")
    what = "DeleteApplicationCloudWatchLoggingOption"
    return _options(*_apply(context, document, what, {"logging": kept}))


def _options(document: Members, operation: Members) -> Members:
    return {
        "ApplicationARN": document["arn"],
        "ApplicationVersionId": document["version"],
        "CloudWatchLoggingOptionDescriptions": document["logging"],
        **operation,
    }


def _demand_few(tags: Members) -> None:
    if len(tags) > limit("kinesisanalyticsv2", "tags"):
        raise AwsError(
            "TooManyTagsException", "An application has at most 50 user-defined tags."
        )


def tags(context: Context, given: Members) -> Members:
    """Answer ListTagsForResource."""
    found = by_arn(context, given["ResourceARN"])["tags"]
    return {"Tags": [{"Key": key, "Value": value} for key, value in found.items()]}


def tag(context: Context, given: Members) -> Members:
    """Answer TagResource."""
    document = by_arn(context, given["ResourceARN"])
    made = {one["Key"]: one.get("Value", "") for one in given["Tags"]}
    made = {**document["tags"], **made}
    _demand_few(made)
    context.part(Records).change(TABLE, document["name"], tags=made)
    return {}


def untag(context: Context, given: Members) -> Members:
    """Answer UntagResource."""
    document = by_arn(context, given["ResourceARN"])
    kept = {k: v for k, v in document["tags"].items() if k not in given["TagKeys"]}
    context.part(Records).change(TABLE, document["name"], tags=kept)
    return {}


OPERATIONS: dict[str, Any] = {
    "CreateApplication": create,
    "DescribeApplication": describe,
    "ListApplications": listed,
    "UpdateApplication": update,
    "AddApplicationCloudWatchLoggingOption": add_option,
    "DeleteApplicationCloudWatchLoggingOption": delete_option,
    "ListTagsForResource": tags,
    "TagResource": tag,
    "UntagResource": untag,
}
