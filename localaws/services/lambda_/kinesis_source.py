"""Amazon Kinesis data streams as the source of a function's events."""

import base64
import json
from typing import Any

from localaws.errors import AwsError
from localaws.services import kinesis_streams
from localaws.services.context import Context
from localaws.services.kinesis_iterators import position
from localaws.services.kinesis_records import count_reads, read
from localaws.services.kinesis_stream import Stream
from localaws.services.lambda_.streams import Entry, Members, Streams


class KinesisStreams(Streams):
    """Streams of Amazon Kinesis."""

    title = "kinesis"
    info = "KinesisBatchInfo"
    positions = ("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP")

    def shards(self, context: Context, arn: str) -> list[str] | None:
        """Return the ids of a stream's shards; None if there is no such stream."""
        try:
            with context.part(kinesis_streams.Streams).lock:
                return [shard.id for shard in _stream(context, arn).shards]
        except AwsError:
            return None

    def start(self, context: Context, arn: str, asked: Members) -> dict[str, int]:
        """Return the sequence number after which each shard is read."""
        found, now = {}, context.clock.now()
        streams = context.part(kinesis_streams.Streams)
        with streams.lock:
            stream = _stream(context, arn)
            for shard in stream.shards:
                log = streams.log(stream, shard)
                after = position(stream, shard, log, asked, now, "GetShardIterator")
                found[shard.id] = after
        return found

    def read(
        self, context: Context, arn: str, shard: str, after: int, size: int
    ) -> list[Entry]:
        """Return the next records of a shard."""
        try:
            with context.part(kinesis_streams.Streams).lock:
                stream = _stream(context, arn)
                batch = read(context, stream, stream.shard(shard), after, size)
        except AwsError:
            return []
        return [_entry(shard, record) for record in batch.records]

    def count(
        self, context: Context, arn: str, shard: str, after: int, size: int
    ) -> None:
        """Measure a read."""
        with context.part(kinesis_streams.Streams).lock:
            stream = _stream(context, arn)
            found = stream.shard(shard)
            batch = read(context, stream, found, after, size)
        count_reads(context, stream, found, batch)


def _stream(context: Context, arn: str) -> Stream:
    return context.part(kinesis_streams.Streams).readable({"StreamARN": arn})


def _entry(shard: str, record: Any) -> Entry:
    kinesis = {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": record.key,
        "sequenceNumber": str(record.sequence),
        "data": record.data,
        "approximateArrivalTimestamp": record.arrived.timestamp(),
    }
    shown = {
        "kinesis": kinesis,
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{record.sequence}",
        "eventName": "aws:kinesis:record",
    }
    data = base64.b64decode(record.data)
    try:
        tested = {**kinesis, "data": json.loads(data)}
    except ValueError:
        tested = {**kinesis, "data": data.decode(errors="replace")}
    return Entry(record.sequence, record.arrived, shown, tested)
