"""Data repository tasks: import, export and release of the files of Lustre."""

from pathlib import Path

from botocore.exceptions import ClientError

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services.background import Background
from localaws.services.context import Context
from localaws.services.file_systems import FileSystems
from localaws.services.fsx.documents import (
    SYSTEMS,
    TASKS,
    arn,
    find,
    identity,
    listed,
)
from localaws.services.fsx.lustre import split, stubs
from localaws.services.fsx.repositories import of_system
from localaws.services.json_operations import Members
from localaws.services.records import Records
from localaws.shares import PathError

_ENDED = ("SUCCEEDED", "FAILED", "CANCELED")
_LOST = "The local endpoint was restarted while the task ran."


def _create(context: Context, given: Members) -> Members:
    name = given["FileSystemId"]
    system = find(context, SYSTEMS, name)
    if system["FileSystemType"] != "LUSTRE":
        raise AwsError(
            "UnsupportedOperation", "Data repository tasks need FSx for Lustre."
        )
    if not of_system(context, name):
        raise AwsError("BadRequest", "The file system is not linked to a repository.")
    for one in context.part(Records).all(TASKS).values():
        if one["FileSystemId"] == name and one["Lifecycle"] not in _ENDED:
            raise AwsError(
                "DataRepositoryTaskExecuting",
                f"Task {one['TaskId']} is executing on the file system.",
            )
    key = identity(context, "task")
    document = {
        "TaskId": key,
        "Lifecycle": "PENDING",
        "Type": given["Type"],
        "CreationTime": context.clock.now(),
        "ResourceARN": arn(context, "task", f"{name}/{key}"),
        "Tags": given.get("Tags", []),
        "FileSystemId": name,
        "Paths": given.get("Paths", []),
        "Report": {"Enabled": False},
        "Status": {"TotalCount": 0, "SucceededCount": 0, "FailedCount": 0},
    }
    context.part(Records).put(TASKS, key, document)
    context.part(Background).submit(_run, context, key)
    return {"DataRepositoryTask": document}


def _run(context: Context, key: str) -> None:
    records = context.part(Records)
    document = find(context, TASKS, key)
    began = context.clock.now()
    records.change(TASKS, key, Lifecycle="EXECUTING", StartTime=began)
    members: Members = {"Lifecycle": "SUCCEEDED"}
    count, size = 0, 0
    try:
        count, size = _work(context, document)
    except (AwsError, ClientError, OSError, PathError) as error:
        members = {"Lifecycle": "FAILED", "FailureDetails": {"Message": str(error)}}
    end = context.clock.elapse(began, limit("fsx", "working_seconds"))
    status = {"TotalCount": count, "SucceededCount": count, "FailedCount": 0}
    if document["Type"] == "RELEASE_DATA_FROM_FILESYSTEM":
        status["ReleasedCapacity"] = size // 2**30
    status["LastUpdatedTime"] = end
    records.change(TASKS, key, EndTime=end, Status=status, **members)


def _work(context: Context, document: Members) -> tuple[int, int]:
    """Do what a task asks for; return how many files and bytes it was about."""
    name = document["FileSystemId"]
    shares, found = context.part(FileSystems).shares, stubs(context, name)
    wanted = [shares.inside(name, path) for path in document["Paths"]]
    if document["Type"] == "RELEASE_DATA_FROM_FILESYSTEM":
        done = [found.release(one) for one in wanted or [shares.inside(name, "/")]]
        return sum(files for files, _ in done), sum(size for _, size in done)
    count = 0
    for path, source, target in of_system(context, name):
        folder = shares.inside(name, path)
        if document["Type"] == "IMPORT_METADATA_FROM_REPOSITORY":
            count += found.import_metadata(*split(context, source, ""), folder)
            continue
        for below in _within(folder, wanted):
            bucket, prefix = split(context, target, "")
            count += found.export(bucket, prefix, below, folder)
    return count, 0


def _within(folder: Path, wanted: list[Path]) -> list[Path]:
    return [one for one in wanted if one.is_relative_to(folder)] or (
        [] if wanted else [folder]
    )


def _describe(context: Context, given: Members) -> Members:
    filters = {
        "file-system-id": lambda one: one["FileSystemId"],
        "task-lifecycle": lambda one: one["Lifecycle"],
    }
    names = given.get("TaskIds", [])
    return listed(context, TASKS, "DataRepositoryTasks", given, names, filters)


def resume(context: Context) -> None:
    """End the tasks that ran when the endpoint was killed."""
    records = context.part(Records)
    for key, one in records.all(TASKS).items():
        if one["Lifecycle"] not in _ENDED:
            why = {"Message": _LOST}
            records.change(TASKS, key, Lifecycle="FAILED", FailureDetails=why)


OPERATIONS = {
    "CreateDataRepositoryTask": _create,
    "DescribeDataRepositoryTasks": _describe,
}
