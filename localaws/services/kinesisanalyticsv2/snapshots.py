"""Snapshots of applications: Flink's savepoints, kept in the endpoint's folder."""

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.json_operations import page
from localaws.services.kinesisanalyticsv2.documents import find
from localaws.services.records import Records

TABLE = "flink-snapshot"
_PAGE = 50
_SLACK = dt.timedelta(milliseconds=1)
Members = dict[str, Any]


def folder(context: Context, document: Members) -> Path:
    """Return where an application's savepoints and checkpoints are."""
    return context.home.parent / "flink" / str(document["id"])


def _key(document: Members, name: str) -> str:
    return f"{document['id']}/{name}"


def begin(context: Context, document: Members, name: str) -> str:
    """Note that a snapshot is being made, and return its key.

    Raises:
        AwsError: There is one of this name.
    """
    key, records = _key(document, name), context.part(Records)
    with records.lock:
        if records.get(TABLE, key) is not None:
            raise AwsError("ResourceInUseException", f"Snapshot {name} already exists.")
        row = {
            "application": document["id"],
            "SnapshotName": name,
            "SnapshotStatus": "CREATING",
            "ApplicationVersionId": document["version"],
            "RuntimeEnvironment": document["runtime"],
            "SnapshotCreationTimestamp": context.clock.now(),
        }
        records.put(TABLE, key, row)
    return key


def end(context: Context, key: str, location: str | None) -> None:
    """Note where a snapshot is; without a location it has failed."""
    status = "READY" if location else "FAILED"
    path = location.removeprefix("file:") if location else None
    context.part(Records).change(TABLE, key, SnapshotStatus=status, path=path)


def of(context: Context, document: Members) -> list[Members]:
    """Return the snapshots of an application, the newest first."""
    rows = context.part(Records).all(TABLE).values()
    return [row for row in rows if row["application"] == document["id"]][::-1]


def latest(context: Context, document: Members) -> Members | None:
    """Return the newest snapshot that is ready."""
    ready = (one for one in of(context, document) if one["SnapshotStatus"] == "READY")
    return next(ready, None)


def named(context: Context, document: Members, name: str) -> Members:
    """Return a snapshot.

    Raises:
        AwsError: There is none of this name.
    """
    found = context.part(Records).get(TABLE, _key(document, name))
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Snapshot {name} not found.")
    return found


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeApplicationSnapshot."""
    document = find(context, given["ApplicationName"])
    return {"SnapshotDetails": named(context, document, given["SnapshotName"])}


def listed(context: Context, given: Members) -> Members:
    """Answer ListApplicationSnapshots."""
    found = of(context, find(context, given["ApplicationName"]))
    asked = {**given, "MaxResults": given.get("Limit", _PAGE)}
    return page("SnapshotSummaries", found, asked, _PAGE)


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteApplicationSnapshot."""
    document = find(context, given["ApplicationName"])
    row = named(context, document, given["SnapshotName"])
    if not same(row["SnapshotCreationTimestamp"], given["SnapshotCreationTimestamp"]):
        raise AwsError(
            "InvalidArgumentException",
            "SnapshotCreationTimestamp is not that of the snapshot.",
        )
    if row["SnapshotStatus"] == "CREATING":
        raise AwsError("ResourceInUseException", "The snapshot is being created.")
    drop(context, row)
    return {}


def drop(context: Context, row: Members) -> None:
    """Forget a snapshot and remove its files."""
    key = f"{row['application']}/{row['SnapshotName']}"
    context.part(Records).drop(TABLE, key)
    if row.get("path"):
        shutil.rmtree(row["path"], ignore_errors=True)


def same(known: dt.datetime, given: float) -> bool:
    """Return whether a time is what was told of it: to the millisecond, or second."""
    told = dt.datetime.fromtimestamp(given, dt.UTC)
    return abs(known - told) <= _SLACK or known.replace(microsecond=0) == told


OPERATIONS: dict[str, Any] = {
    "DescribeApplicationSnapshot": describe,
    "ListApplicationSnapshots": listed,
    "DeleteApplicationSnapshot": delete,
}
