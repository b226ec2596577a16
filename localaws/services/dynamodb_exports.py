"""Amazon DynamoDB: exports of a table to Amazon S3, in the documented layout.

moto's export is not used: it writes one file without manifests.
"""

import base64
import datetime as dt
import gzip
import hashlib
import json
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.json_operations import handlers

Members = dict[str, Any]
_RECORD = "dynamodb-export"
_FAILURES = {
    "NoSuchBucket": ("S3NoSuchBucket", "The specified bucket does not exist"),
    "AccessDenied": ("S3AccessDenied", "Access Denied"),
}


class Exports:
    """Every export of the account.

    Args:
        context: Where the journal is.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.found: dict[str, Members] = {}

    def keep(self, document: Members) -> None:
        """Remember an export."""
        self._context.journal.record(_RECORD, document)
        self.restore(document)

    def restore(self, payload: Members) -> None:
        """Take an export as it was written down."""
        self.found[payload["ExportArn"]] = payload


def _export(context: Context, given: Members) -> Members:
    table, now = _table(context, given["TableArn"]), context.clock.now()
    token = given.get("ClientToken")
    for known in context.part(Exports).found.values():
        if token and known.get("ClientToken") == token:
            return {"ExportDescription": _shown(context, known)}
    count = context.clock.count("dynamodb-export")
    mark = hashlib.md5(f"{count}".encode(), usedforsecurity=False).hexdigest()
    number = f"{int(now.timestamp() * 1000):014d}-{mark[:8]}"
    document = {
        "ExportArn": f"{table['TableArn']}/export/{number}",
        "StartTime": now,
        "EndTime": now + dt.timedelta(seconds=limit("latency", "settling_seconds")),
        "ExportTime": now,
        "TableArn": table["TableArn"],
        "TableId": table.get("TableId"),
        "S3Bucket": given["S3Bucket"],
        "S3BucketOwner": given.get("S3BucketOwner"),
        "S3Prefix": given.get("S3Prefix"),
        "S3SseAlgorithm": given.get("S3SseAlgorithm", "AES256"),
        "ExportFormat": "DYNAMODB_JSON",
        "ExportType": "FULL_EXPORT",
        "ClientToken": token,
        "ExportStatus": "COMPLETED",
    }
    try:
        document |= _write(context, document, table["TableName"], number, mark)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        found = _FAILURES.get(code, ("UNKNOWN", str(error)))
        document |= {
            "ExportStatus": "FAILED",
            "FailureCode": found[0],
            "FailureMessage": found[1],
        }
    context.part(Exports).keep(document)
    return {"ExportDescription": _shown(context, document)}


def _table(context: Context, arn: str) -> Members:
    """Return the description of a table that may be exported."""
    client, name = context.aws.client("dynamodb"), arn.rpartition("/")[2]
    try:
        table = client.describe_table(TableName=name)["Table"]
        backups = client.describe_continuous_backups(TableName=name)
    except client.exceptions.ClientError as error:
        raise AwsError("TableNotFoundException", f"Table not found: {name}") from error
    found = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    if found["PointInTimeRecoveryStatus"] != "ENABLED":
        raise AwsError(
            "PointInTimeRecoveryUnavailableException",
            f"Point in time recovery is not enabled for table '{name}'",
        )
    return table


def _write(
    context: Context, document: Members, table: str, number: str, mark: str
) -> Members:
    """Write the data and the manifests; return what is known of them."""
    s3, bucket = context.aws.client("s3"), document["S3Bucket"]
    prefix = document["S3Prefix"]
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    folder += f"AWSDynamoDB/{number}"
    s3.put_object(Bucket=bucket, Key=f"{folder}/_started", Body=b"")
    lines, size = [], 0
    pages = context.aws.client("dynamodb").get_paginator("scan")
    for page in pages.paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            lines.append(json.dumps({"Item": item}, default=_binary))
            size += len(lines[-1])
    text = "".join(f"{line}\n" for line in lines).encode()
    body = gzip.compress(text, mtime=0)
    data = f"{folder}/data/{mark[8:34]}.json.gz"
    stored = s3.put_object(Bucket=bucket, Key=data, Body=body)
    files = {
        "itemCount": len(lines),
        "md5Checksum": _checksum(body),
        "etag": stored["ETag"].strip('"'),
        "dataFileS3Key": data,
    }
    _manifest(s3, bucket, f"{folder}/manifest-files", f"{json.dumps(files)}\n")
    summary = {
        "version": "2020-06-30",
        "exportArn": document["ExportArn"],
        "startTime": _time(document["StartTime"]),
        "endTime": _time(document["EndTime"]),
        "tableArn": document["TableArn"],
        "tableId": document["TableId"],
        "exportTime": _time(document["ExportTime"]),
        "s3Bucket": bucket,
        "s3Prefix": prefix,
        "s3SseAlgorithm": document["S3SseAlgorithm"],
        "s3SseKmsKeyId": None,
        "manifestFilesS3Key": f"{folder}/manifest-files.json",
        "billedSizeBytes": size,
        "itemCount": len(lines),
        "outputFormat": "DYNAMODB_JSON",
        "exportType": "FULL_EXPORT",
    }
    _manifest(s3, bucket, f"{folder}/manifest-summary", json.dumps(summary))
    return {
        "ExportManifest": f"{folder}/manifest-summary.json",
        "ItemCount": len(lines),
        "BilledSizeBytes": size,
    }


def _manifest(s3: Any, bucket: str, name: str, text: str) -> None:
    body = text.encode()
    s3.put_object(Bucket=bucket, Key=f"{name}.json", Body=body)
    s3.put_object(Bucket=bucket, Key=f"{name}.checksum", Body=_checksum(body).encode())


def _checksum(body: bytes) -> str:
    digest = hashlib.md5(body, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def _binary(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _time(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _shown(context: Context, document: Members) -> Members:
    if context.clock.now() >= document["EndTime"]:
        return document
    hidden = ("EndTime", "ExportManifest", "ItemCount", "BilledSizeBytes")
    kept = {name: v for name, v in document.items() if name not in hidden}
    kept.pop("FailureCode", None)
    kept.pop("FailureMessage", None)
    return {**kept, "ExportStatus": "IN_PROGRESS"}


def _describe(context: Context, given: Members) -> Members:
    document = context.part(Exports).found.get(given["ExportArn"])
    if document is None:
        raise AwsError(
            "ExportNotFoundException", f"Export not found: {given['ExportArn']}"
        )
    missing = (document["EndTime"] - context.clock.now()).total_seconds()
    if context.clock.standing and missing > 0:
        context.clock.advance(missing)
    return {"ExportDescription": _shown(context, document)}


def _list(context: Context, given: Members) -> Members:
    table, start = given.get("TableArn"), given.get("NextToken", "")
    found = [
        _shown(context, document)
        for arn, document in sorted(context.part(Exports).found.items())
        if arn > start and table in (None, document["TableArn"])
    ]
    page = found[: given.get("MaxResults", 25)]
    more = len(page) < len(found)
    return {
        "ExportSummaries": page,
        "NextToken": page[-1]["ExportArn"] if more else None,
    }


HANDLERS = handlers(
    "dynamodb",
    {
        "ExportTableToPointInTime": _export,
        "DescribeExport": _describe,
        "ListExports": _list,
    },
)
RESTORERS = {
    _RECORD: lambda context, payload, body: context.part(Exports).restore(payload)
}
