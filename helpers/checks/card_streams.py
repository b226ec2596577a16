"""Lab 1.1, task 3: the order lines of noon, through a stream that used to lose some."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.checks.card_numbers import plain
from helpers.payments import land, orders, streams
from helpers.payments.naming import named

REFUSED = "WriteProvisionedThroughputExceeded"


def drawn(seed: int) -> JSON:
    """Draw the number of shards, and names for stream, cluster and topic."""
    return {
        "seed": seed,
        "shards": orders.shards(seed),
        "stream": named(seed, "food-court"),
        "cluster": named(seed, "partner"),
        "topic": "order-lines",
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    __tracebackhide__ = True
    given = land("drain_the_hot_shard", inputs, aws)
    group = f"graded-{uuid4().hex[:8]}"
    # The metrics of a stream outlive it, so a second check wants a name of its own.
    stream = f"{given['stream']}-{group}"
    streams.make(stream, given["shards"], aws)
    try:
        returned = answer(
            stream, given["seconds"], given["brokers"], given["topic"], group
        )
        return {
            "returned": plain(returned)
            if isinstance(returned, dict)
            else repr(returned)[:200],
            "seconds": len(given["seconds"]),
            "refused": _total(stream, REFUSED, aws),
            "read": _total(stream, "GetRecords.Records", aws),
            "shards": _shards(stream, aws),
            "offsets": _offsets(given["brokers"], given["topic"], group),
        }
    finally:
        aws("kinesis").delete_stream(StreamName=stream, EnforceConsumerDeletion=True)
        aws("kinesis").get_waiter("stream_not_exists").wait(StreamName=stream)


def _total(stream: str, metric: str, aws: Clients) -> int:
    told = aws("kinesis").describe_stream_summary(StreamName=stream)
    start = told["StreamDescriptionSummary"]["StreamCreationTimestamp"]
    found = aws("cloudwatch").get_metric_statistics(
        Namespace="AWS/Kinesis",
        MetricName=metric,
        Dimensions=[{"Name": "StreamName", "Value": stream}],
        StartTime=start - timedelta(minutes=1),
        EndTime=start + timedelta(hours=1),
        Period=60,
        Statistics=["Sum"],
    )
    return int(sum(point["Sum"] for point in found["Datapoints"]))


def _shards(stream: str, aws: Clients) -> list[JSON]:
    """Read each shard to its end: how many records, which lines."""
    kinesis = aws("kinesis")
    found = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        where = {"StreamName": stream, "ShardId": shard["ShardId"]}
        cursor = kinesis.get_shard_iterator(
            ShardIteratorType="TRIM_HORIZON", **where
        ).get("ShardIterator")
        records: list[Any] = []
        while cursor:
            answer = _read(kinesis, cursor)
            records += answer["Records"]
            cursor = answer.get("NextShardIterator")
            if not answer["MillisBehindLatest"]:
                break
        found.append(
            {
                "closed": "EndingSequenceNumber" in shard["SequenceNumberRange"],
                "records": len(records),
                "lines": sorted({_line(record["Data"]) for record in records}),
            }
        )
    return found


def _read(kinesis: Any, cursor: str) -> JSON:
    too_often = kinesis.exceptions.ProvisionedThroughputExceededException
    for _ in range(30):
        try:
            return kinesis.get_records(ShardIterator=cursor, Limit=10_000)
        except too_often:
            time.sleep(0.2)
    raise CheckFailed("a stream that can be read", "reads refused", "other readers")


def _line(data: bytes) -> int:
    try:
        return int(json.loads(data)["line"])
    except (ValueError, KeyError, TypeError):
        return -1


def _offsets(brokers: str, topic: str, group: str) -> list[list[int]]:
    """Give what the group has committed, and the end, of each partition."""
    from confluent_kafka import Consumer, TopicPartition

    reader = Consumer({"bootstrap.servers": brokers, "group.id": group})
    try:
        places = [TopicPartition(topic, number) for number in range(streams.PARTITIONS)]
        return [
            [place.offset, reader.get_watermark_offsets(place, timeout=30)[1]]
            for place in reader.committed(places, timeout=30)
        ]
    finally:
        reader.close()


def _verdict(inputs: JSON, evidence: JSON) -> str:
    lines = [line for part in orders.noon(inputs["seed"]) for line in part]
    numbers = {line["line"] for line in lines}
    _stream(inputs, evidence, numbers)
    returned = evidence["returned"]
    if not isinstance(returned, dict) or sorted(returned) != ["kafka", "kinesis"]:
        raise CheckFailed(
            "a dict with kinesis and kafka, each with the totals of its windows",
            str([*returned] if isinstance(returned, dict) else returned)[:200],
            "your return statement",
        )
    if evidence["read"] < len(numbers):
        raise CheckFailed(
            f"totals of lines read back from the stream: {len(numbers):,} or more",
            f"{evidence['read']:,} records were read",
            "get_records on each shard, until MillisBehindLatest is 0",
        )
    asked = orders.windows(lines)
    for source in ("kinesis", "kafka"):
        _windows(source, asked, returned[source])
    behind = [end - at for at, end in evidence["offsets"] if at != end]
    if behind:
        raise CheckFailed(
            "the group's committed offset at the end of each partition",
            f"it is not, in {len(behind)} of {len(evidence['offsets'])} partitions",
            "read each partition to its end, then commit, before you close the "
            "consumer",
        )
    most = max(shard["records"] for shard in evidence["shards"])
    return (
        f"{len(numbers):,} lines, each counted once; nothing refused, at most {most:,} "
        "records in a shard; the Kafka group stands at the end."
    )


def _stream(inputs: JSON, evidence: JSON, numbers: set[int]) -> None:
    shards, seconds = evidence["shards"], evidence["seconds"]
    if evidence["refused"]:
        raise CheckFailed(
            f"{REFUSED} sums to 0",
            f"{evidence['refused']:,} records refused",
            "the partition key, and the shard that each value of it hashes to",
        )
    lost = numbers - {line for shard in shards for line in shard["lines"]}
    if lost:
        raise CheckFailed(
            f"all {len(numbers):,} lines in the stream",
            f"{len(lost):,} are not there",
            "ErrorCode in the answers of put_records",
        )
    most = max(shard["records"] for shard in shards)
    if most > orders.SHARD * seconds:
        raise CheckFailed(
            f"no shard above its limit: {orders.SHARD:,} records a second, "
            f"{orders.SHARD * seconds:,} in the {seconds} seconds of the noon",
            f"a shard with {most:,}, which would have to be sent more slowly than "
            "people order",
            "the partition key",
        )
    still = sum(not shard["closed"] for shard in shards)
    if still > inputs["shards"]:
        raise CheckFailed(
            f"a stream of {inputs['shards']} shards, as it was",
            f"{still} open shards",
            "resharding, which costs more and is not needed",
        )


def _windows(source: str, asked: dict[str, list[int]], found: object) -> None:
    if not isinstance(found, dict) or sorted(found) != sorted(asked):
        raise CheckFailed(
            f"{source}: windows {', '.join(asked)}",
            str(sorted(found) if isinstance(found, dict) else found)[:200],
            "the quarter of an hour of ordered_at, as HH:MM of its start",
        )
    for window, total in asked.items():
        if found[window] != total:
            raise CheckFailed(
                f"{source}: [lines, cents] of {window}: {total}",
                str(found[window])[:100],
                _amiss(found, asked),
            )


def _amiss(found: dict[str, Any], asked: dict[str, list[int]]) -> str:
    try:
        counts = {window: lines for window, (lines, _) in found.items()}
        more = sum(counts.values()) - sum(lines for lines, _ in asked.values())
        same = all(counts[window] == asked[window][0] for window in asked)
    except (TypeError, ValueError):
        return "for each window a list of two numbers: lines, and their sum in cents"
    if same:
        return "the sum of cents, which stay whole numbers"
    if more < 0:
        return "lines that you did not read: read until the end"
    if more > 0:
        return "lines that were sent twice: each has a number, line"
    return "late lines, which belong to the window of ordered_at"


drain_the_hot_shard = Check(drawn, _probe, _verdict)
