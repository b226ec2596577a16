"""What the tests of Amazon Kinesis share."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from botocore.config import Config

Aws = Callable[[str], Any]
MEBIBYTE = 2**20
# boto3 waits and tries again when it is told of a limit.
ONCE = Config(retries={"total_max_attempts": 1})


def stream(aws: Aws, name: str = "orders", shards: int = 1) -> Any:
    """Make a stream, wait for it, and return the client."""
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    return kinesis


def put(kinesis: Any, *data: bytes, key: str = "k", name: str = "orders") -> Any:
    """Put records of one partition key in one request."""
    records = [{"Data": blob, "PartitionKey": key} for blob in data]
    return kinesis.put_records(StreamName=name, Records=records)


def iterator(kinesis: Any, shard: int = 0, **start: Any) -> str:
    """Return an iterator; by default of the oldest record."""
    start = start or {"ShardIteratorType": "TRIM_HORIZON"}
    return kinesis.get_shard_iterator(
        StreamName="orders", ShardId=f"shardId-{shard:012d}", **start
    )["ShardIterator"]


def read(kinesis: Any, shard: int = 0, **start: Any) -> list[bytes]:
    """Return the data of one read."""
    token = iterator(kinesis, shard, **start)
    return [r["Data"] for r in kinesis.get_records(ShardIterator=token)["Records"]]


def total(aws: Aws, name: str, statistic: str = "Sum", **dimensions: str) -> float:
    """Return a statistic of a metric of AWS/Kinesis, over all time."""
    points = aws("cloudwatch").get_metric_statistics(
        Namespace="AWS/Kinesis",
        MetricName=name,
        Dimensions=[{"Name": n, "Value": v} for n, v in dimensions.items()],
        StartTime=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        EndTime=dt.datetime(2026, 1, 31, tzinfo=dt.UTC),
        Period=86400 * 30,
        Statistics=[statistic],
    )["Datapoints"]
    return points[0][statistic] if points else 0.0
