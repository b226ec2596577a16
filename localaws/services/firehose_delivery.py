"""Amazon Data Firehose: buffers that are delivered to Amazon S3."""

import base64
import contextlib
import datetime as dt
import gzip
import io
import json
import uuid
import zipfile
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from localaws import trust
from localaws.limits import limit
from localaws.services import firehose_prefixes as prefixes
from localaws.services.context import Context
from localaws.services.firehose_processing import (
    Failed,
    Made,
    Undelivered,
    conversion_of,
    objects,
)
from localaws.services.firehose_streams import Buffer, Hoses, Item
from localaws.services.metric_tally import Tally
from localaws.services.permissions import Caller

Members = dict[str, Any]
PRINCIPAL = "firehose.amazonaws.com"
_MEBIBYTE = 2**20
_DENIED = (
    "Access was denied. Ensure that the trust policy for the provided IAM role allows "
    "Firehose to assume the role, and the access policy allows access to the S3 bucket."
)
_NO_BUCKET = (
    "The specified bucket does not exist. Create the bucket or use a different bucket "
    "that does exist."
)
_EXTENSIONS = {"GZIP": ".gz", "ZIP": ".zip"}
_PAUSE = dt.timedelta(minutes=1)


def due(stream: Members, buffer: Buffer) -> dt.datetime | None:
    """Return when the oldest record of a buffer is to be delivered, at the latest."""
    if not buffer.items:
        return None
    seconds = stream["S3"]["BufferingHints"]["IntervalInSeconds"]
    moment = buffer.items[0].arrived + dt.timedelta(seconds=seconds)
    return max(moment, buffer.again) if buffer.again else moment


def deliver(context: Context, name: str) -> None:
    """Deliver what is due of a stream: by age, by size, or not yet."""
    hoses = context.part(Hoses)
    buffer = hoses.buffer(name)
    if not buffer.delivering.acquire(blocking=False):
        return
    try:
        while hoses.knows(name):
            now, stream = context.clock.now(), hoses.find(name)
            with hoses.lock:
                items = _batch(stream, buffer, now)
            if not items:
                return
            try:
                _store(context, stream, items)
            except Undelivered as error:
                if not _fail(context, stream, buffer, items, error):
                    return
            hoses.done(name, items[-1].number)
    finally:
        buffer.delivering.release()


def _batch(stream: Members, buffer: Buffer, now: dt.datetime) -> list[Item]:
    """Return the records of the next object, or none."""
    if buffer.again and now < buffer.again:
        return []
    room = stream["S3"]["BufferingHints"]["SizeInMBs"] * _MEBIBYTE
    last = due(stream, buffer)
    if last is None or (buffer.size < room and now < last):
        return []
    items: list[Item] = []
    for item in buffer.items:
        items.append(item)
        room -= item.size
        if room <= 0:
            break
    return items


def _fail(
    context: Context,
    stream: Members,
    buffer: Buffer,
    items: Sequence[Item],
    error: Undelivered,
) -> bool:
    """Tell of a failure; return whether it was the last attempt."""
    now = context.clock.now()
    _log(context, stream, error.code, str(error))
    _count(context, stream, {"DeliveryToS3.Success": 0})
    buffer.attempts += 1
    buffer.again = now + _PAUSE * min(buffer.attempts, 60)
    patience = dt.timedelta(seconds=limit("firehose", "retry_seconds"))
    return now - items[0].arrived >= patience


def _store(context: Context, stream: Members, items: Sequence[Item]) -> None:
    config = stream["S3"]
    backup = config.get("S3BackupDescription")
    if config.get("S3BackupMode") == "Enabled" and backup:
        body = b"".join(base64.b64decode(item.data) for item in items)
        extension = _EXTENSIONS.get(backup["CompressionFormat"], "")
        _put(context, stream, backup, Made({}, list(items), body), extension)
    made, failed = objects(context, stream, items)
    for one in made:
        _put(context, stream, config, one, _extension(config))
    by_kind: dict[str, list[Failed]] = {}
    for one in failed:
        by_kind.setdefault(one.kind, []).append(one)
    for kind, some in by_kind.items():
        _put_failed(context, stream, kind, some)
    delivered = [item for one in made for item in one.items]
    now = context.clock.now()
    counts = {
        "DeliveryToS3.Success": 1,
        "DeliveryToS3.Records": len(delivered),
        "DeliveryToS3.Bytes": sum(len(one.body) for one in made),
        "DeliveryToS3.DataFreshness": (now - items[0].arrived).total_seconds(),
    }
    if conversion_of(config):
        wrong = by_kind.get("format-conversion-failed", [])
        counts |= {
            "SucceedConversion.Records": len(delivered),
            "SucceedConversion.Bytes": sum(item.size for item in delivered),
            "FailedConversion.Records": len(wrong),
            "FailedConversion.Bytes": sum(one.item.size for one in wrong),
        }
    _count(context, stream, counts)


def _extension(config: Members) -> str:
    conversion = conversion_of(config)
    if config.get("FileExtension"):
        return config["FileExtension"]
    if conversion:
        writer = conversion["OutputFormatConfiguration"]["Serializer"]
        return ".orc" if "OrcSerDe" in writer else ".parquet"
    return _EXTENSIONS.get(config["CompressionFormat"], "")


def _put(
    context: Context, stream: Members, config: Members, made: Made, extension: str
) -> None:
    zone = config.get("CustomTimeZone", "UTC")
    oldest = made.items[0].arrived
    name = _name(context, stream, oldest, zone)
    prefix = prefixes.delivered(
        config.get("Prefix"), oldest, zone, name[-11:], made.keys
    )
    body = _packed(config["CompressionFormat"], name, made.body)
    _write(context, config, f"{prefix}{name}{extension}", body)


def _put_failed(
    context: Context, stream: Members, kind: str, failed: Sequence[Failed]
) -> None:
    config, now = stream["S3"], context.clock.now()
    zone, oldest = config.get("CustomTimeZone", "UTC"), failed[0].item.arrived
    name = _name(context, stream, oldest, zone)
    prefix = prefixes.failed(
        config.get("Prefix"),
        config.get("ErrorOutputPrefix"),
        kind,
        oldest,
        zone,
        name[-11:],
    )
    lines = [
        json.dumps(
            {
                "attemptsMade": 1,
                "arrivalTimestamp": int(one.item.arrived.timestamp() * 1000),
                "attemptEndingTimestamp": int(now.timestamp() * 1000),
                "rawData": one.item.data,
                **one.members,
            }
        )
        for one in failed
    ]
    _write(context, config, f"{prefix}{name}", ("\n".join(lines) + "\n").encode())
    told = failed[0].members
    code = told.get("errorCode") or told["ErrorCode"]
    _log(context, stream, code, told.get("errorMessage") or told["ErrorMessage"])


def _name(context: Context, stream: Members, oldest: dt.datetime, zone: str) -> str:
    count = context.clock.count("firehose-object")
    mark = uuid.uuid5(uuid.NAMESPACE_URL, f"localaws:firehose/{count}")
    time = prefixes.stamp(oldest, zone)
    return f"{stream['DeliveryStreamName']}-{stream['VersionId']}-{time}-{mark}"


def _packed(form: str, name: str, body: bytes) -> bytes:
    if form == "GZIP":
        return gzip.compress(body, mtime=0)
    if form == "ZIP":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()
    return body


def _write(context: Context, config: Members, key: str, body: bytes) -> None:
    """Store an object with the rights of the stream's role."""
    aws, role = context.aws, config["RoleARN"]
    bucket = config["BucketARN"].removeprefix("arn:aws:s3:::")
    if not trust.trusts(aws, role, PRINCIPAL):
        raise Undelivered("S3.AccessDenied", _DENIED)
    session = trust.assume(aws, role, "AWSFirehoseToS3")
    caller = Caller(aws, role, session)
    try:
        caller.demand("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
        caller.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            raise Undelivered("S3.NoSuchBucket", _NO_BUCKET) from error
        raise Undelivered("S3.AccessDenied", _DENIED) from error


def _log(context: Context, stream: Members, code: str, message: str) -> None:
    options = stream["S3"].get("CloudWatchLoggingOptions", {})
    if not options.get("Enabled"):
        return
    event = {
        "deliveryStreamARN": stream["DeliveryStreamARN"],
        "destination": stream["S3"]["BucketARN"],
        "deliveryStreamVersionId": int(stream["VersionId"]),
        "message": message,
        "errorCode": code,
    }
    with contextlib.suppress(ClientError):
        context.aws.client("logs").put_log_events(
            logGroupName=options.get("LogGroupName", ""),
            logStreamName=options.get("LogStreamName", ""),
            logEvents=[
                {
                    "timestamp": int(context.clock.now().timestamp() * 1000),
                    "message": json.dumps(event),
                }
            ],
        )


def _count(context: Context, stream: Members, values: dict[str, float]) -> None:
    dimensions = {"DeliveryStreamName": stream["DeliveryStreamName"]}
    for name, value in values.items():
        unit = "Bytes" if name.endswith("Bytes") else "Count"
        unit = "Seconds" if name.endswith("Freshness") else unit
        context.part(Tally).add("AWS/Firehose", dimensions, name, value, unit)
