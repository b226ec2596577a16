"""Tasks: what is copied from where to where, and how."""

from localaws.services.context import Context
from localaws.services.datasync.documents import (
    EXECUTIONS,
    LOCATIONS,
    TASKS,
    arn,
    find,
    identity,
    invalid,
    tags_of,
)
from localaws.services.json_operations import Members, page
from localaws.services.records import Records

ENDED = ("SUCCESS", "ERROR")
OPTIONS = {
    "VerifyMode": "POINT_IN_TIME_CONSISTENT",
    "OverwriteMode": "ALWAYS",
    "Atime": "BEST_EFFORT",
    "Mtime": "PRESERVE",
    "Uid": "INT_VALUE",
    "Gid": "INT_VALUE",
    "PreserveDeletedFiles": "PRESERVE",
    "PreserveDevices": "NONE",
    "PosixPermissions": "PRESERVE",
    "BytesPerSecond": -1,
    "TaskQueueing": "ENABLED",
    "LogLevel": "OFF",
    "TransferMode": "CHANGED",
    "SecurityDescriptorCopyFlags": "NONE",
    "ObjectTags": "PRESERVE",
}


def _create(context: Context, given: Members) -> Members:
    source, target = given["SourceLocationArn"], given["DestinationLocationArn"]
    for one in (source, target):
        find(context, LOCATIONS, one)
    if source == target:
        raise invalid("The source and the destination must not be the same location.")
    name = arn(context, "task", identity(context, "task"))
    document = {
        "TaskArn": name,
        "Name": given.get("Name", ""),
        "SourceLocationArn": source,
        "DestinationLocationArn": target,
        "Options": OPTIONS | given.get("Options", {}),
        "Includes": given.get("Includes", []),
        "Excludes": given.get("Excludes", []),
        "CreationTime": context.clock.now(),
        "TaskMode": "BASIC",
        "_tags": tags_of(given),
    }
    check_options(document["Options"])
    context.part(Records).put(TASKS, name, document)
    return {"TaskArn": name}


def check_options(options: Members) -> None:
    """Raise unless options go together."""
    if options["TransferMode"] == "ALL" and options["PreserveDeletedFiles"] == "REMOVE":
        raise invalid("PreserveDeletedFiles REMOVE needs TransferMode CHANGED.")


def running(context: Context, task: str) -> str | None:
    """Return the execution of a task that has not ended, or None."""
    for name, one in context.part(Records).all(EXECUTIONS).items():
        if one["_task"] == task and one["Status"] not in ENDED:
            return name
    return None


def _described(context: Context, document: Members) -> Members:
    current = running(context, document["TaskArn"])
    status = {"Status": "RUNNING" if current else "AVAILABLE"}
    return document | status | ({"CurrentTaskExecutionArn": current} if current else {})


def _describe(context: Context, given: Members) -> Members:
    return _described(context, find(context, TASKS, given["TaskArn"]))


def _list(context: Context, given: Members) -> Members:
    found = context.part(Records).all(TASKS).values()
    return page("Tasks", [_described(context, one) for one in found], given, 100)


def _update(context: Context, given: Members) -> Members:
    document = find(context, TASKS, given["TaskArn"])
    options = document["Options"] | given.get("Options", {})
    check_options(options)
    kept = ("Name", "Includes", "Excludes")
    members = {key: given[key] for key in kept if key in given}
    records = context.part(Records)
    records.change(TASKS, given["TaskArn"], Options=options, **members)
    return {}


def _delete(context: Context, given: Members) -> Members:
    name = given["TaskArn"]
    find(context, TASKS, name)
    if running(context, name):
        raise invalid(f"Task {name} is running: cancel its execution first.")
    records = context.part(Records)
    for key, one in records.all(EXECUTIONS).items():
        if one["_task"] == name:
            records.drop(EXECUTIONS, key)
    records.drop(TASKS, name)
    return {}


OPERATIONS = {
    "CreateTask": _create,
    "DescribeTask": _describe,
    "ListTasks": _list,
    "UpdateTask": _update,
    "DeleteTask": _delete,
}
