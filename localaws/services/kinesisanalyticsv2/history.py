"""What was done to an application: DescribeApplicationOperation and its list."""

from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.json_operations import page
from localaws.services.kinesisanalyticsv2.documents import find, identity
from localaws.services.records import Records

TABLE = "flink-operation"
_PAGE = 50
Members = dict[str, Any]


def begin(context: Context, document: Members, operation: str) -> str:
    """Note that an operation has begun, and return its id."""
    key, now = identity(context, "operation"), context.clock.now()
    row = {
        "application": document["id"],
        "Operation": operation,
        "OperationId": key,
        "StartTime": now,
        "EndTime": now,
        "OperationStatus": "IN_PROGRESS",
    }
    context.part(Records).put(TABLE, key, row)
    return key


def end(context: Context, key: str, failed: str = "", status: str = "") -> None:
    """Note how an operation has ended.

    Args:
        context: The endpoint.
        key: Its id.
        failed: Why it failed; empty if it did not.
        status: Another than `FAILED` or `SUCCESSFUL`.
    """
    records = context.part(Records)
    if records.get(TABLE, key) is None:
        return
    more: Members = {}
    if failed:
        error = {"ErrorInfo": {"ErrorString": failed}}
        more = {"OperationFailureDetails": error}
    found = status or ("FAILED" if failed else "SUCCESSFUL")
    now = context.clock.now()
    records.change(TABLE, key, OperationStatus=found, EndTime=now, **more)


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeApplicationOperation."""
    document = find(context, given["ApplicationName"])
    row = context.part(Records).get(TABLE, given["OperationId"])
    if row is None or row["application"] != document["id"]:
        raise AwsError("ResourceNotFoundException", "The operation is not found.")
    return {"ApplicationOperationInfoDetails": row}


def listed(context: Context, given: Members) -> Members:
    """Answer ListApplicationOperations: the newest first."""
    document = find(context, given["ApplicationName"])
    found = [
        row
        for row in reversed(context.part(Records).all(TABLE).values())
        if row["application"] == document["id"]
        and given.get("Operation", row["Operation"]) == row["Operation"]
        and given.get("OperationStatus", row["OperationStatus"])
        == row["OperationStatus"]
    ]
    asked = {**given, "MaxResults": given.get("Limit", _PAGE)}
    return page("ApplicationOperationInfoList", found, asked, _PAGE)


def forget(context: Context, document: Members) -> None:
    """Forget the operations of an application."""
    records = context.part(Records)
    for key, row in records.all(TABLE).items():
        if row["application"] == document["id"]:
            records.drop(TABLE, key)


OPERATIONS: dict[str, Any] = {
    "DescribeApplicationOperation": describe,
    "ListApplicationOperations": listed,
}
