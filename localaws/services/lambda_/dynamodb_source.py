"""The streams of Amazon DynamoDB tables as the source of a function's events."""

import datetime as dt
import json
from itertools import islice
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.utilities import dynamo_json_dump

from localaws.services.context import Context
from localaws.services.lambda_.streams import Entry, Members, Streams

_ACCOUNT = "123456789012"
_CREATED = "ApproximateCreationDateTime"
_KEPT = dt.timedelta(hours=24)


class TableStreams(Streams):
    """Streams of tables, each of one shard that keeps a day."""

    title = "dynamodb"
    info = "DDBStreamBatchInfo"
    positions = ("TRIM_HORIZON", "LATEST")

    def shards(self, context: Context, arn: str) -> list[str] | None:
        """Return the id of the stream's shard; None if there is no such stream."""
        shard = _shard(context, arn)
        return None if shard is None else [shard.id]

    def start(self, context: Context, arn: str, asked: Members) -> dict[str, int]:
        """Return the sequence number after which the shard is read."""
        shard = _shard(context, arn)
        if shard is None:
            return {}
        last = shard.starting_sequence_number + len(shard.items) - 1
        return {shard.id: last if asked["Type"] == "LATEST" else 0}

    def read(
        self, context: Context, arn: str, shard: str, after: int, size: int
    ) -> list[Entry]:
        """Return the next records of the last 24 hours."""
        found = _shard(context, arn)
        if found is None:
            return []
        first = max(0, after + 1 - found.starting_sequence_number)
        oldest = context.clock.now() - _KEPT
        waiting = (_entry(one.record) for one in found.items[first:])
        return list(islice((one for one in waiting if one.arrived >= oldest), size))


def _shard(context: Context, arn: str) -> Any:
    """Return moto's shard of a stream, or None."""
    table, _, label = arn.rpartition("/stream/")
    for one in dynamodb_backends[_ACCOUNT][context.aws.region].tables.values():
        if (one.table_arn, one.latest_stream_label) == (table, label):
            return one.stream_shard
    return None


def _entry(record: Members) -> Entry:
    created = record["dynamodb"]["ApproximateCreationDateTime"]
    arrived = created.replace(tzinfo=dt.UTC)
    plain = json.loads(dynamo_json_dump({**record["dynamodb"], _CREATED: 0}))
    shown = {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "dynamodb": {**plain, _CREATED: int(arrived.timestamp())},
    }
    sequence = int(record["dynamodb"]["SequenceNumber"])
    return Entry(sequence, arrived, shown, shown)
