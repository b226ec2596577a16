"""Amazon Data Firehose: streams of Amazon Kinesis as a source, and what time does."""

import datetime as dt
from typing import Any

from localaws.errors import AwsError
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.firehose_delivery import deliver, due
from localaws.services.firehose_streams import Hoses
from localaws.services.kinesis_iterators import position
from localaws.services.kinesis_records import count_reads, read
from localaws.services.kinesis_stream import Stream
from localaws.services.kinesis_streams import Streams
from localaws.services.metric_tally import Tally

Members = dict[str, Any]


def tick(context: Context) -> dt.datetime | None:
    """Read every source, deliver what is due, and return when the next is."""
    hoses = context.part(Hoses)
    found = []
    for stream in hoses:
        name = stream["DeliveryStreamName"]
        if "Source" in stream:
            _pull(context, stream)
        deliver(context, name)
        following = due(stream, hoses.buffer(name))
        found += [following] if following else []
    return min(found, default=None)


def latest(context: Context, source: Stream) -> dict[str, int]:
    """Return the end of each shard, where a new Firehose stream begins to read."""
    streams, now = context.part(Streams), context.clock.now()
    return {
        shard.id: position(
            source, shard, streams.log(source, shard), {"Type": "LATEST"}, now, ""
        )
        for shard in source.shards
    }


def _pull(context: Context, stream: Members) -> None:
    hoses, streams = context.part(Hoses), context.part(Streams)
    name = stream["DeliveryStreamName"]
    arn = stream["Source"]["KinesisStreamARN"]
    positions = hoses.buffer(name).positions
    try:
        with streams.lock:
            source = streams.readable({"StreamARN": arn})
            shards = list(source.shards)
    except AwsError:
        return
    for shard in shards:
        with streams.lock:
            most = int(limit("kinesis", "get_records"))
            batch = read(context, source, shard, positions.get(shard.id, 0), most)
        if not batch.records:
            continue
        rows = [
            (record.data, record.size - len(record.key.encode()), record.arrived)
            for record in batch.records
        ]
        hoses.wait(name, rows, {shard.id: batch.after})
        count_reads(context, source, shard, batch)
        size = sum(row[1] for row in rows)
        for metric, value, unit in (
            ("DataReadFromKinesisStream.Bytes", size, "Bytes"),
            ("DataReadFromKinesisStream.Records", len(rows), "Count"),
        ):
            context.part(Tally).add(
                "AWS/Firehose", {"DeliveryStreamName": name}, metric, value, unit
            )
