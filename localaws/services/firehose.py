"""Amazon Data Firehose: streams into Amazon S3."""

import base64
import binascii
import copy
import datetime as dt
import hashlib
from typing import Any

from localaws import trust
from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.firehose_config import destination
from localaws.services.firehose_delivery import PRINCIPAL, deliver
from localaws.services.firehose_prefixes import invalid
from localaws.services.firehose_source import latest
from localaws.services.firehose_streams import ACCOUNT, Hoses
from localaws.services.json_operations import handlers
from localaws.services.kinesis_streams import Streams
from localaws.services.metric_tally import Tally

Members = dict[str, Any]
_DESTINATION = "destinationId-000000000001"
_CONFIG, _UPDATE = "ExtendedS3DestinationConfiguration", "ExtendedS3DestinationUpdate"


def _create(context: Context, given: Members) -> Members:
    hoses, now = context.part(Hoses), context.clock.now()
    name = given["DeliveryStreamName"]
    kind = given.get("DeliveryStreamType", "DirectPut")
    if _CONFIG not in given:
        raise invalid("Exactly one destination configuration is supported.")
    config = destination(given[_CONFIG])
    _check_roles(context, config)
    document = {
        "DeliveryStreamName": name,
        "DeliveryStreamARN": hoses.arn(name),
        "DeliveryStreamType": kind,
        "VersionId": "1",
        "CreateTimestamp": now,
        "S3": config,
        "Tags": given.get("Tags", []),
        "Ready": now + dt.timedelta(seconds=limit("latency", "settling_seconds")),
    }
    positions = {}
    source = given.get("KinesisStreamSourceConfiguration")
    if (source is not None) != (kind == "KinesisStreamAsSource"):
        raise invalid(
            "KinesisSourceStreamConfig is only applicable for KinesisStreamAsSource "
            "stream type, which needs it."
        )
    if source:
        _check_role(context, source["RoleARN"])
        positions = _positions(context, source["KinesisStreamARN"])
        document["Source"] = {**source, "DeliveryStartTimestamp": now}
    with hoses.lock:
        if hoses.knows(name):
            raise AwsError(
                "ResourceInUseException",
                f"Firehose {name} under accountId {ACCOUNT} already exists",
            )
        hoses.keep(document)
        hoses.wait(name, [], positions)
    return {"DeliveryStreamARN": document["DeliveryStreamARN"]}


def _positions(context: Context, arn: str) -> dict[str, int]:
    streams = context.part(Streams)
    with streams.lock:
        try:
            return latest(context, streams.readable({"StreamARN": arn}))
        except AwsError as error:
            raise invalid(error.message) from error


def _check_roles(context: Context, config: Members) -> None:
    backup = config.get("S3BackupDescription", {})
    conversion = config.get("DataFormatConversionConfiguration") or {}
    schema = conversion.get("SchemaConfiguration", {})
    for arn in (config["RoleARN"], backup.get("RoleARN"), schema.get("RoleARN")):
        if arn:
            _check_role(context, arn)


def _check_role(context: Context, arn: str) -> None:
    if not trust.trusts(context.aws, arn, PRINCIPAL):
        raise invalid(
            f"Firehose is unable to assume role {arn}. Please check the role provided."
        )


def _status(context: Context, document: Members) -> str:
    return "ACTIVE" if context.clock.now() >= document["Ready"] else "CREATING"


def _describe(context: Context, given: Members) -> Members:
    document = context.part(Hoses).find(given["DeliveryStreamName"])
    missing = (document["Ready"] - context.clock.now()).total_seconds()
    if context.clock.standing and missing > 0:
        context.clock.advance(missing)
    found = {
        **document,
        "DeliveryStreamStatus": _status(context, document),
        "HasMoreDestinations": False,
        "Destinations": [
            {
                "DestinationId": _DESTINATION,
                "S3DestinationDescription": document["S3"],
                "ExtendedS3DestinationDescription": document["S3"],
            }
        ],
    }
    if "Source" in document:
        found["Source"] = {"KinesisStreamSourceDescription": document["Source"]}
    return {"DeliveryStreamDescription": found}


def _list(context: Context, given: Members) -> Members:
    start = given.get("ExclusiveStartDeliveryStreamName", "")
    kind = given.get("DeliveryStreamType")
    names = [
        stream["DeliveryStreamName"]
        for stream in context.part(Hoses)
        if stream["DeliveryStreamName"] > start
        and kind in (None, stream["DeliveryStreamType"])
    ]
    page = names[: given.get("Limit", 10)]
    return {
        "DeliveryStreamNames": page,
        "HasMoreDeliveryStreams": len(page) < len(names),
    }


def _delete(context: Context, given: Members) -> Members:
    context.part(Hoses).remove(given["DeliveryStreamName"])
    return {}


def _update(context: Context, given: Members) -> Members:
    hoses = context.part(Hoses)
    name, version = given["DeliveryStreamName"], given["CurrentDeliveryStreamVersionId"]
    with hoses.lock:
        document = copy.deepcopy(hoses.find(name))
        if document["VersionId"] != version:
            raise AwsError(
                "ConcurrentModificationException",
                f"Cannot update firehose: {name} since the current version id: "
                f"{document['VersionId']} and specified version id: {version} do not "
                "match",
            )
        if given["DestinationId"] != _DESTINATION:
            raise invalid(f"Destination Id {given['DestinationId']} not found")
        document["S3"] = destination(given.get(_UPDATE, {}), document["S3"])
        _check_roles(context, document["S3"])
        document["VersionId"] = str(int(version) + 1)
        document["LastUpdateTimestamp"] = context.clock.now()
        hoses.keep(document)
    return {}


def _put_record(context: Context, given: Members) -> Members:
    answer = _put(context, given["DeliveryStreamName"], [given["Record"]], "PutRecord")
    if answer is None:
        raise AwsError("ServiceUnavailableException", "Slow down.", 503)
    return {"RecordId": answer[0], "Encrypted": False}


def _put_batch(context: Context, given: Members) -> Members:
    records = given["Records"]
    answer = _put(context, given["DeliveryStreamName"], records, "PutRecordBatch")
    if answer is None:
        slow = {
            "ErrorCode": "ServiceUnavailableException",
            "ErrorMessage": "Slow down.",
        }
        responses: list[Members] = [slow] * len(records)
    else:
        responses = [{"RecordId": number} for number in answer]
    return {
        "FailedPutCount": 0 if answer else len(records),
        "Encrypted": False,
        "RequestResponses": responses,
    }


def _put(
    context: Context, name: str, records: list[Members], operation: str
) -> list[str] | None:
    """Take records into the buffer; return their ids, or None if it is too much."""
    hoses, now = context.part(Hoses), context.clock.now()
    rows = [(one["Data"], _size(one["Data"]), now) for one in records]
    size = sum(row[1] for row in rows)
    if size > limit("firehose", "batch_bytes"):
        raise invalid("Records size exceeds 4 MB limit")
    with hoses.lock:
        document = hoses.find(name)
        if _status(context, document) != "ACTIVE":
            raise AwsError(
                "ResourceNotFoundException",
                f"Firehose {name} under account {ACCOUNT} is not ACTIVE.",
            )
        if "Source" in document:
            raise AwsError(
                "InvalidSourceException",
                f"Only the Kinesis stream that is its source puts records into {name}.",
            )
        buffer = hoses.buffer(name)
        _count(context, name, {"IncomingPutRequests": 1})
        if not buffer.requests.admits(now, size):
            _count(context, name, {"ThrottledRecords": len(rows)})
            return None
        buffer.requests.take(now, size)
        first = buffer.last + 1
        hoses.wait(name, rows, {})
    counts = {"IncomingRecords": len(rows), "IncomingBytes": size}
    counts |= {f"{operation}.Requests": 1, f"{operation}.Bytes": size}
    if operation == "PutRecordBatch":
        counts["PutRecordBatch.Records"] = len(rows)
    _count(context, name, counts)
    deliver(context, name)
    return [_record_id(name, first + place) for place in range(len(rows))]


def _size(data: str) -> int:
    try:
        size = len(base64.b64decode(data, validate=True))
    except binascii.Error as error:
        raise AwsError("SerializationException", f"data: {error}") from error
    most = int(limit("firehose", "record_bytes"))
    if size > most:
        raise AwsError(
            "ValidationException",
            "1 validation error detected: Value at 'record.data' failed to satisfy "
            f"constraint: Member must have length less than or equal to {most}",
        )
    return size


def _record_id(name: str, number: int) -> str:
    return hashlib.sha512(f"{name}/{number}".encode()).hexdigest()


def _count(context: Context, name: str, values: dict[str, float]) -> None:
    for metric, value in values.items():
        unit = "Bytes" if metric.endswith("Bytes") else "Count"
        dimensions = {"DeliveryStreamName": name}
        context.part(Tally).add("AWS/Firehose", dimensions, metric, value, unit)


def _tag(context: Context, given: Members) -> Members:
    new = {tag["Key"]: tag for tag in given["Tags"]}
    return _retag(context, given, lambda tags: tags | new)


def _untag(context: Context, given: Members) -> Members:
    gone = given["TagKeys"]
    return _retag(
        context,
        given,
        lambda tags: {key: tag for key, tag in tags.items() if key not in gone},
    )


def _retag(context: Context, given: Members, change: Any) -> Members:
    hoses = context.part(Hoses)
    with hoses.lock:
        document = copy.deepcopy(hoses.find(given["DeliveryStreamName"]))
        tags = {tag["Key"]: tag for tag in document["Tags"]}
        document["Tags"] = list(change(tags).values())
        hoses.keep(document)
    return {}


def _list_tags(context: Context, given: Members) -> Members:
    document = context.part(Hoses).find(given["DeliveryStreamName"])
    start = given.get("ExclusiveStartTagKey", "")
    tags = sorted(document["Tags"], key=lambda tag: tag["Key"])
    found = [tag for tag in tags if tag["Key"] > start]
    page = found[: given.get("Limit", 50)]
    return {"Tags": page, "HasMoreTags": len(page) < len(found)}


OPERATIONS = {
    "CreateDeliveryStream": _create,
    "DescribeDeliveryStream": _describe,
    "ListDeliveryStreams": _list,
    "DeleteDeliveryStream": _delete,
    "UpdateDestination": _update,
    "PutRecord": _put_record,
    "PutRecordBatch": _put_batch,
    "TagDeliveryStream": _tag,
    "UntagDeliveryStream": _untag,
    "ListTagsForDeliveryStream": _list_tags,
}
HANDLERS = handlers("firehose", OPERATIONS)
LATENCY = {
    ("firehose", name): limit("latency", "stream_seconds")
    for name in ("PutRecord", "PutRecordBatch")
}
