"""StartExportTask: a snapshot's tables in S3, as Parquet."""

from typing import Any

from localaws import trust
from localaws.errors import AwsError
from localaws.query import parse_query
from localaws.services.context import Context
from localaws.services.rds.answers import document
from localaws.services.rds.exporting import TABLE, Export
from localaws.services.rds.instances import SNAPSHOTS, Instances
from localaws.services.records import Records
from localaws.store import model
from localaws.wire import Request, Response

PRINCIPAL = "export.rds.amazonaws.com"
_ENDED = ("COMPLETE", "FAILED", "CANCELED")
_LOST = "The local endpoint was restarted while the task ran."
Members = dict[str, Any]


def _given(operation: str, request: Request) -> Members:
    shape = model("rds").operation_model(operation).input_shape
    return parse_query(shape, request.body)


def start(context: Context, request: Request) -> Response:
    """Answer StartExportTask."""
    given = _given("StartExportTask", request)
    records, name = context.part(Records), given["ExportTaskIdentifier"]
    snapshot = given["SourceArn"].rpartition(":")[2].lower()
    instances = context.part(Instances)
    known = records.get(SNAPSHOTS, snapshot)
    if known is None:
        raise AwsError("DBSnapshotNotFound", f"DBSnapshot {snapshot} not found.", 404)
    if known["status"] != "available":
        raise AwsError(
            "InvalidExportSourceState",
            f"Export source should be 'available' but current status is "
            f"{known['status']}.",
        )
    if not trust.trusts(context.aws, given["IamRoleArn"], PRINCIPAL):
        raise AwsError(
            "IamRoleNotFound",
            f"The IAM role {given['IamRoleArn']} doesn't exist or can't be assumed by "
            f"{PRINCIPAL}.",
            404,
        )
    with records.lock:
        if records.get(TABLE, name) is not None:
            raise AwsError(
                "ExportTaskAlreadyExists",
                f"Cannot start export task because a task with the identifier {name} "
                "already exists.",
            )
        task = {
            "ExportTaskIdentifier": name,
            "SourceArn": given["SourceArn"],
            "ExportOnly": given.get("ExportOnly", []),
            "SnapshotTime": context.clock.now(),
            "S3Bucket": given["S3BucketName"],
            "S3Prefix": given.get("S3Prefix", ""),
            "IamRoleArn": given["IamRoleArn"],
            "KmsKeyId": given["KmsKeyId"],
            "Status": "STARTING",
            "PercentProgress": 0,
            "TotalExtractedDataInGB": 0,
            "SourceType": "SNAPSHOT",
        }
        records.put(TABLE, name, task)
    instances.later(f"export {name}", Export(context, task, snapshot, known).run)
    return document("StartExportTask", _members(task))


def describe(context: Context, request: Request) -> Response:
    """Answer DescribeExportTasks."""
    given = _given("DescribeExportTasks", request)
    every = context.part(Records).all(TABLE)
    name = given.get("ExportTaskIdentifier")
    if name is not None and name not in every:
        raise _missing(name)
    found = [
        task
        for key, task in every.items()
        if name in (None, key)
        and given.get("SourceArn", task["SourceArn"]) == task["SourceArn"]
    ]
    listed = [("ExportTask", _members(task)) for task in found]
    return document("DescribeExportTasks", [("ExportTasks", listed)])


def _missing(name: str) -> AwsError:
    return AwsError(
        "ExportTaskNotFound",
        f"Cannot cancel export task because a task with the identifier {name} is not "
        "exist.",
        404,
    )


def cancel(context: Context, request: Request) -> Response:
    """Answer CancelExportTask."""
    name = _given("CancelExportTask", request)["ExportTaskIdentifier"]
    records = context.part(Records)
    with records.lock:
        task = records.get(TABLE, name)
        if task is None:
            raise _missing(name)
        if task["Status"] not in _ENDED:
            task = records.change(TABLE, name, Status="CANCELED")
    return document("CancelExportTask", _members(task))


def _members(task: Members) -> list[tuple[str, Any]]:
    shown: list[tuple[str, Any]] = []
    for name, value in task.items():
        if isinstance(value, list):
            shown.append((name, [("member", item) for item in value]))
        elif hasattr(value, "strftime"):
            shown.append((name, value.strftime("%Y-%m-%dT%H:%M:%S.000Z")))
        else:
            shown.append((name, value))
    return shown


def resume(context: Context) -> None:
    """Fail the exports that ran when the endpoint was killed."""
    records = context.part(Records)
    for name, task in records.all(TABLE).items():
        if task["Status"] not in _ENDED:
            now = context.clock.now()
            failed = {"Status": "FAILED", "FailureCause": _LOST, "TaskEndTime": now}
            records.change(TABLE, name, **failed)


HANDLERS: dict[tuple[str, str], Any] = {
    ("rds", "StartExportTask"): start,
    ("rds", "DescribeExportTasks"): describe,
    ("rds", "CancelExportTask"): cancel,
}
