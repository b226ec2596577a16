"""Amazon Kinesis Data Streams: records that come and go."""

import base64
import binascii
import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.limits import limit
from localaws.loopback import ENGINE_KEY
from localaws.services import kinesis_billing
from localaws.services.context import Context
from localaws.services.json_operations import Handler, handlers
from localaws.services.kinesis_iterators import Iterator, position
from localaws.services.kinesis_scaling import observe
from localaws.services.kinesis_shards import HASH_KEYS, Record, Shard
from localaws.services.kinesis_stream import ACCOUNT, Stream, refused
from localaws.services.kinesis_streams import Streams
from localaws.services.metric_tally import Tally
from localaws.wire import Request, Response

Members = dict[str, Any]
_THROTTLED = "ProvisionedThroughputExceeded"
_BACKOFF = 1.0


@dataclass(frozen=True)
class Batch:
    """What was read of a shard.

    Attributes:
        records: The records.
        after: Where the next ones begin.
        behind: Milliseconds from the last record to now; 0 at the tip of the shard.
        ended: Whether the shard is closed and nothing follows.
    """

    records: list[Record]
    after: int
    behind: int
    ended: bool


def read(
    context: Context, stream: Stream, shard: Shard, after: int, most: int
) -> Batch:
    """Return what follows a sequence number, whatever the throughput.

    Args:
        context: Where the clock is.
        stream: The stream; the lock of `Streams` is held.
        shard: The shard.
        after: Sequence number; 0 for the oldest record.
        most: How many records.
    """
    room, records = limit("kinesis", "get_bytes"), []
    following = context.part(Streams).log(stream, shard).after(after)
    for record in following:
        room -= record.size
        if len(records) == most or room < 0:
            break
        records.append(record)
        after = record.sequence
    else:
        return Batch(records, after, 0, shard.closed is not None)
    last = records[-1] if records else record
    behind = (context.clock.now() - last.arrived).total_seconds()
    return Batch(records, after, max(1, int(behind * 1000)), False)


def _put_record(context: Context, given: Members) -> Members:
    streams = context.part(Streams)
    with streams.lock:
        stream = streams.readable(given)
        row = _row(stream, given, "data")
        ((shard, record),) = streams.append(stream, [row])
        observe(context, stream)
    _count_puts(context, stream, "PutRecord", [(shard, record, row[-1])])
    if record is None:
        raise refused(_THROTTLED, _exceeded(stream, shard))
    return {"ShardId": shard.id, "SequenceNumber": str(record.sequence)}


def _put_records(context: Context, given: Members) -> Members:
    streams = context.part(Streams)
    with streams.lock:
        stream = streams.readable(given)
        rows = [
            _row(stream, entry, f"records.{number}.member.data")
            for number, entry in enumerate(given["Records"], 1)
        ]
        if sum(row[-1] for row in rows) > limit("kinesis", "put_bytes"):
            raise refused("InvalidArgument", "Records size exceeds 10 MB limit")
        put = streams.append(stream, rows)
        observe(context, stream)
    done = [(shard, r, row[-1]) for (shard, r), row in zip(put, rows, strict=True)]
    _count_puts(context, stream, "PutRecords", done)
    return {
        "FailedRecordCount": sum(record is None for _, record in put),
        "Records": [
            {"ShardId": shard.id, "SequenceNumber": str(record.sequence)}
            if record
            else {
                "ErrorCode": f"{_THROTTLED}Exception",
                "ErrorMessage": _exceeded(stream, shard),
            }
            for shard, record in put
        ],
    }


def _row(stream: Stream, entry: Members, place: str) -> tuple[Shard, str, str, int]:
    """Return the shard, key, data and size of a record that is to be put."""
    key, explicit = entry["PartitionKey"], entry.get("ExplicitHashKey")
    try:
        blob = len(base64.b64decode(entry["Data"], validate=True))
    except binascii.Error as error:
        raise AwsError("SerializationException", f"{place}: {error}") from error
    most = int(limit("kinesis", "record_bytes"))
    size = blob + len(key.encode())
    if size > most:
        raise ValidationError(
            f"1 validation error detected: Value at '{place}' failed to satisfy "
            f"constraint: Member must have length less than or equal to {most}"
        )
    if explicit and int(explicit) >= HASH_KEYS:
        raise refused(
            "InvalidArgument",
            "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, "
            f"2^128-1]. Specified value was {explicit}",
        )
    return stream.shard_of(key, explicit), key, entry["Data"], size


def _exceeded(stream: Stream, shard: Shard) -> str:
    return (
        f"Rate exceeded for shard {shard.id} in stream {stream.name} under account "
        f"{ACCOUNT}."
    )


def _get_shard_iterator(context: Context, given: Members) -> Members:
    streams, now = context.part(Streams), context.clock.now()
    with streams.lock:
        stream = streams.readable(given)
        shard = stream.shard(given["ShardId"])
        start = {
            "Type": given["ShardIteratorType"],
            "SequenceNumber": given.get("StartingSequenceNumber"),
            "Timestamp": given.get("Timestamp"),
        }
        log = streams.log(stream, shard)
        after = position(stream, shard, log, start, now, "GetShardIterator")
    return {"ShardIterator": Iterator(stream.name, shard.id, after).token(now)}


def _get_records(context: Context, given: Members) -> Members:
    streams, now = context.part(Streams), context.clock.now()
    iterator = Iterator.read(given["ShardIterator"], now)
    with streams.lock:
        stream = streams.readable({"StreamName": iterator.stream})
        shard = stream.shard(iterator.shard)
        window = streams.log(stream, shard).reads
        if not window.admits(now):
            _count(context, stream, shard, {"ReadProvisionedThroughputExceeded": 1})
            raise refused(_THROTTLED, _exceeded(stream, shard))
        most = given.get("Limit", int(limit("kinesis", "get_records")))
        batch = read(context, stream, shard, iterator.after, most)
        window.take(now, sum(record.size for record in batch.records))
        children = stream.children(shard) if batch.ended else []
    count_reads(context, stream, shard, batch)
    following = Iterator(stream.name, shard.id, batch.after)
    return {
        "Records": [record.shown() for record in batch.records],
        "NextShardIterator": None if batch.ended else following.token(now),
        "MillisBehindLatest": batch.behind,
        "ChildShards": [s.shown_to_readers() for s in children] if children else None,
    }


def count_reads(context: Context, stream: Stream, shard: Shard, batch: Batch) -> None:
    """Measure a read that GetRecords answered."""
    size = sum(record.size for record in batch.records)
    kinesis_billing.read(context, stream, size)
    _count(
        context,
        stream,
        shard,
        {
            "GetRecords.Bytes": size,
            "GetRecords.Records": len(batch.records),
            "GetRecords.Success": 1,
            "GetRecords.IteratorAgeMilliseconds": batch.behind,
            "ReadProvisionedThroughputExceeded": 0,
        },
    )
    _count_shard(
        context,
        stream,
        shard,
        {
            "OutgoingBytes": size,
            "OutgoingRecords": len(batch.records),
            "IteratorAgeMilliseconds": batch.behind,
        },
    )


def _count_puts(
    context: Context,
    stream: Stream,
    operation: str,
    done: list[tuple[Shard, Record | None, int]],
) -> None:
    tally, dimensions = context.part(Tally), {"StreamName": stream.name}
    kept = [size for _, record, size in done if record]
    kinesis_billing.put(context, stream, kept)
    add = functools.partial(tally.add, "AWS/Kinesis", dimensions)
    add("IncomingBytes", sum(kept), "Bytes")
    add("IncomingRecords", len(kept))
    add(f"{operation}.Bytes", sum(size for *_, size in done), "Bytes")
    add(f"{operation}.Success", float(bool(kept)))
    lost = len(done) - len(kept)
    add("WriteProvisionedThroughputExceeded", lost, "Count", len(done))
    if operation == "PutRecords":
        add("PutRecords.TotalRecords", len(done))
        add("PutRecords.SuccessfulRecords", len(kept))
        add("PutRecords.ThrottledRecords", lost)
        add("PutRecords.FailedRecords", 0)
    by_shard: dict[str, tuple[Shard, list[tuple[Record | None, int]]]] = {}
    for shard, record, size in done:
        by_shard.setdefault(shard.id, (shard, []))[1].append((record, size))
    for shard, rows in by_shard.values():
        values = {
            "IncomingBytes": sum(size for record, size in rows if record),
            "IncomingRecords": sum(record is not None for record, _ in rows),
            "WriteProvisionedThroughputExceeded": sum(r is None for r, _ in rows),
        }
        _count_shard(context, stream, shard, values)


def _count(
    context: Context, stream: Stream, shard: Shard, values: Mapping[str, float]
) -> None:
    for name, value in values.items():
        context.part(Tally).add(
            "AWS/Kinesis", {"StreamName": stream.name}, name, value, _unit(name)
        )
    _count_shard(context, stream, shard, values)


def _count_shard(
    context: Context, stream: Stream, shard: Shard, values: Mapping[str, float]
) -> None:
    """Measure what is kept for each shard, if that was asked for."""
    dimensions = {"StreamName": stream.name, "ShardId": shard.id}
    for name in values.keys() & set(stream.enhanced):
        context.part(Tally).add(
            "AWS/Kinesis", dimensions, name, values[name], _unit(name)
        )


def _unit(name: str) -> str:
    if name.endswith("Milliseconds"):
        return "Milliseconds"
    return "Bytes" if name.endswith("Bytes") else "Count"


def _paced(answer: Handler) -> Callable[[Context, Request], Response]:
    """Let a standing clock go on a second after a throttle, as its caller would."""

    def paced(context: Context, request: Request) -> Response:
        assert request.scope is not None
        served = request.scope[0] == ENGINE_KEY
        try:
            response = answer(context, request)
        except AwsError as error:
            if error.code.startswith(_THROTTLED) and not served:
                context.clock.tick(_BACKOFF)
            raise
        if not served and json.loads(response.body).get("FailedRecordCount"):
            context.clock.tick(_BACKOFF)
        return response

    return paced


OPERATIONS = {
    "PutRecord": _put_record,
    "PutRecords": _put_records,
    "GetShardIterator": _get_shard_iterator,
    "GetRecords": _get_records,
}
HANDLERS = {
    name: _paced(handler) for name, handler in handlers("kinesis", OPERATIONS).items()
}
LATENCY = dict.fromkeys(HANDLERS, limit("latency", "stream_seconds"))
