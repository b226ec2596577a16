"""Amazon Kinesis Data Streams: consumers with their own throughput."""

import datetime as dt
import json
from collections.abc import Iterator as Chunks
from typing import Any

from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.event_stream import message
from localaws.services.json_operations import handlers
from localaws.services.kinesis_iterators import position
from localaws.services.kinesis_records import Batch, read
from localaws.services.kinesis_shards import Shard, Window
from localaws.services.kinesis_stream import ACCOUNT, Stream, refused
from localaws.services.kinesis_streams import Streams
from localaws.services.metric_tally import Tally
from localaws.store import model
from localaws.validate import validate
from localaws.wire import Request, Response, parse_json, project

Members = dict[str, Any]
_PATIENCE = 0.2
_SILENCE = dt.timedelta(seconds=5)


class Subscriptions:
    """Which consumer listens to which shard.

    Args:
        context: Unused; a part of it.
    """

    def __init__(self, context: Context) -> None:
        self.begun: dict[tuple[str, str], dt.datetime] = {}


def _register(context: Context, given: Members) -> Members:
    streams, now = context.part(Streams), context.clock.now()
    name = given["ConsumerName"]
    with streams.lock:
        stream = streams.active(given)
        if name in stream.consumers:
            raise refused(
                "ResourceInUse",
                f"Consumer {name} under stream {stream.name} already exists for "
                f"account {ACCOUNT}.",
            )
        if len(stream.consumers) >= limit("kinesis", "consumers"):
            raise refused(
                "LimitExceeded",
                f"Stream {stream.name} under account {ACCOUNT} has reached the limit "
                f"of {int(limit('kinesis', 'consumers'))} consumers.",
            )
        consumer = {
            "ConsumerName": name,
            "ConsumerARN": f"{stream.arn}/consumer/{name}:{int(now.timestamp())}",
            "ConsumerCreationTimestamp": now,
        }
        with streams.changing(stream) as draft:
            draft.consumers[name] = consumer
    return {"Consumer": {**consumer, "ConsumerStatus": "CREATING"}}


def _deregister(context: Context, given: Members) -> None:
    streams = context.part(Streams)
    with streams.lock:
        stream, consumer = _find(streams, given)
        with streams.changing(stream) as draft:
            del draft.consumers[consumer["ConsumerName"]]
        streams.news.notify_all()


def _describe(context: Context, given: Members) -> Members:
    streams = context.part(Streams)
    with streams.lock:
        stream, consumer = _find(streams, given)
    return {"ConsumerDescription": {**_shown(consumer), "StreamARN": stream.arn}}


def _list(context: Context, given: Members) -> Members:
    streams = context.part(Streams)
    with streams.lock:
        consumers = streams.find(given).consumers
    start = given.get("NextToken", "")
    found = [consumers[name] for name in sorted(consumers) if name > start]
    page = found[: given.get("MaxResults", 100)]
    more = len(page) < len(found)
    return {
        "Consumers": [_shown(consumer) for consumer in page],
        "NextToken": page[-1]["ConsumerName"] if more else None,
    }


def _shown(consumer: Members) -> Members:
    return {**consumer, "ConsumerStatus": "ACTIVE"}


def _find(streams: Streams, given: Members) -> tuple[Stream, Members]:
    """Return the stream and the consumer that an input names."""
    arn = given.get("ConsumerARN", "")
    name = given.get("ConsumerName") or arn.rpartition("/")[2].partition(":")[0]
    stream_arn = given.get("StreamARN") or arn.partition("/consumer/")[0]
    if not name or not stream_arn:
        raise refused(
            "InvalidArgument",
            "Either ConsumerARN, or StreamARN and ConsumerName must be given.",
        )
    stream = streams.find({"StreamARN": stream_arn})
    consumer = stream.consumers.get(name)
    if consumer is None or arn not in ("", consumer["ConsumerARN"]):
        raise refused(
            "ResourceNotFound",
            f"Consumer {name}, account {ACCOUNT} not found.",
        )
    return stream, consumer


def subscribe(context: Context, request: Request) -> Response:
    """Send the records of a shard as they come, for five minutes.

    On a standing clock, on which nothing comes while the caller waits, the answer
    ends at the tip of the shard.
    """
    shape = model("kinesis").operation_model("SubscribeToShard").input_shape
    given = parse_json(request.body)
    validate(shape, given)
    streams, now = context.part(Streams), context.clock.now()
    with streams.lock:
        stream, consumer = _find(streams, given)
        shard = stream.shard(given["ShardId"])
        key = (consumer["ConsumerARN"], shard.id)
        begun = context.part(Subscriptions).begun
        pause = limit("kinesis", "subscription_pause_seconds")
        if key in begun and now - begun[key] < dt.timedelta(seconds=pause):
            raise refused(
                "ResourceInUse",
                f"Another active subscription exists for this consumer: {ACCOUNT}:"
                f"{stream.name}:{shard.id}:{consumer['ConsumerName']}",
            )
        log = streams.log(stream, shard)
        start = given["StartingPosition"]
        after = position(stream, shard, log, start, now, "SubscribeToShard")
        begun[key] = now
    return Response(
        200,
        {"Content-Type": "application/vnd.amazon.eventstream"},
        b"",
        _events(context, stream.arn, consumer, shard, after, now),
    )


def _events(
    context: Context,
    arn: str,
    consumer: Members,
    shard: Shard,
    after: int,
    began: dt.datetime,
) -> Chunks[bytes]:
    yield message("initial-response", b"{}")
    streams, told = context.part(Streams), began
    subscriptions = context.part(Subscriptions)
    key = (consumer["ConsumerARN"], shard.id)
    end = began + dt.timedelta(seconds=limit("kinesis", "subscription_seconds"))
    window = Window(
        limit("kinesis", "get_records"), limit("kinesis", "shard_read_bytes")
    )
    while (now := context.clock.now()) < end and not streams.closed:
        if subscriptions.begun.get(key) != began:
            break
        with streams.lock:
            stream = streams.find({"StreamARN": arn})
            if consumer["ConsumerName"] not in stream.consumers:
                break
            most = int(limit("kinesis", "get_records"))
            batch = read(context, stream, shard, after, most)
            if not window.admits(now):
                batch = Batch([], after, batch.behind, False)
            nothing = not batch.records and not batch.ended
            if nothing and not context.clock.standing and now - told < _SILENCE:
                streams.news.wait(_PATIENCE)
                continue
            children = stream.children(shard) if batch.ended else []
        window.take(now, sum(record.size for record in batch.records))
        after, told = batch.after, now
        _count(context, stream, consumer, batch)
        yield _event(batch, [child.shown_to_readers() for child in children])
        if batch.ended or (context.clock.standing and not batch.behind):
            break
        if context.clock.standing and not batch.records:
            context.clock.tick()


def _event(batch: Batch, children: list[Members]) -> bytes:
    shape = model("kinesis").shape_for("SubscribeToShardEvent")
    event = {
        "Records": [record.shown() for record in batch.records],
        "ContinuationSequenceNumber": str(batch.after),
        "MillisBehindLatest": batch.behind,
        "ChildShards": children or None,
    }
    return message("SubscribeToShardEvent", json.dumps(project(shape, event)).encode())


def _count(context: Context, stream: Stream, consumer: Members, batch: Batch) -> None:
    dimensions = {
        "StreamName": stream.name,
        "ConsumerName": consumer["ConsumerName"],
    }
    size = sum(record.size for record in batch.records)
    for name, value, unit in (
        ("Bytes", size, "Bytes"),
        ("Records", len(batch.records), "Count"),
        ("MillisBehindLatest", batch.behind, "Milliseconds"),
    ):
        context.part(Tally).add(
            "AWS/Kinesis", dimensions, f"SubscribeToShardEvent.{name}", value, unit
        )


OPERATIONS = {
    "RegisterStreamConsumer": _register,
    "DeregisterStreamConsumer": _deregister,
    "DescribeStreamConsumer": _describe,
    "ListStreamConsumers": _list,
}
HANDLERS = {
    **handlers("kinesis", OPERATIONS),
    ("kinesis", "SubscribeToShard"): subscribe,
}
