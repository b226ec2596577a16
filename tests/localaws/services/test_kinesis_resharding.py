"""Amazon Kinesis Data Streams: splits, merges and modes."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.kinesis_face import ONCE, Aws, iterator, put, read, stream

HALF = 2**127


def settled(kinesis: Any) -> dict[str, Any]:
    """Wait until the stream is ACTIVE, and return its shards by number."""
    kinesis.get_waiter("stream_exists").wait(StreamName="orders")
    shards = kinesis.list_shards(StreamName="orders")["Shards"]
    return {int(shard["ShardId"][-12:]): shard for shard in shards}


def hash_range(shard: dict[str, Any]) -> tuple[int, int]:
    found = shard["HashKeyRange"]
    return int(found["StartingHashKey"]), int(found["EndingHashKey"])


def split(kinesis: Any, shard: int = 0, at: int = HALF) -> None:
    kinesis.split_shard(
        StreamName="orders",
        ShardToSplit=f"shardId-{shard:012d}",
        NewStartingHashKey=str(at),
    )


def merge(kinesis: Any, first: int, second: int) -> None:
    kinesis.merge_shards(
        StreamName="orders",
        ShardToMerge=f"shardId-{first:012d}",
        AdjacentShardToMerge=f"shardId-{second:012d}",
    )


def test_a_split_closes_the_parent_and_leaves_its_records(aws: Aws) -> None:
    kinesis = stream(aws)
    put(kinesis, b"before", key="b")
    split(kinesis)
    shards = settled(kinesis)
    assert "EndingSequenceNumber" in shards[0]["SequenceNumberRange"]
    assert hash_range(shards[1]) == (0, HALF - 1)
    assert hash_range(shards[2]) == (HALF, 2**128 - 1)
    assert {shards[n]["ParentShardId"] for n in (1, 2)} == {shards[0]["ShardId"]}
    put(kinesis, b"after", key="b")
    assert (read(kinesis, 0), read(kinesis, 2)) == ([b"before"], [b"after"])


def test_a_closed_shard_that_is_read_to_its_end_names_its_children(aws: Aws) -> None:
    kinesis = stream(aws)
    put(kinesis, b"0", b"1")
    split(kinesis)
    settled(kinesis)
    first = kinesis.get_records(ShardIterator=iterator(kinesis), Limit=1)
    assert "ChildShards" not in first
    last = kinesis.get_records(ShardIterator=first["NextShardIterator"])
    assert "NextShardIterator" not in last
    children = last["ChildShards"]
    assert [child["ShardId"][-1] for child in children] == ["1", "2"]
    assert children[0]["ParentShards"] == ["shardId-000000000000"]


def test_a_merge_opens_one_shard_of_both_ranges(aws: Aws) -> None:
    kinesis = stream(aws, shards=2)
    merge(kinesis, 1, 0)
    shards = settled(kinesis)
    assert hash_range(shards[2]) == (0, 2**128 - 1)
    assert shards[2]["ParentShardId"] == "shardId-000000000001"
    assert shards[2]["AdjacentParentShardId"] == "shardId-000000000000"


def test_two_shards_take_twice_as_much(aws: Aws) -> None:
    kinesis = stream(aws)
    split(kinesis)
    settled(kinesis)
    for key in ("a", "b"):
        for _ in range(2):
            assert put(kinesis, *[b"x"] * 500, key=key)["FailedRecordCount"] == 0


def test_a_stream_that_is_updating_is_in_use(endpoint: Connection, aws: Aws) -> None:
    kinesis = stream(aws)
    split(kinesis)
    # each change takes a second on a standing clock: look before it is over
    status = kinesis.list_streams()["StreamSummaries"][0]["StreamStatus"]
    assert status == "UPDATING"
    put(kinesis, b"x")
    assert settled(kinesis)


@pytest.mark.parametrize(
    ("shard", "at", "text"),
    [
        (0, 1, "is not both greater than one plus the shard's StartingHashKey 0"),
        (0, 2**128 - 1, "less than the shard's EndingHashKey"),
        (5, HALF, "Could not find shard shardId-000000000005 in stream orders"),
    ],
)
def test_splits_that_cannot_be(aws: Aws, shard: int, at: int, text: str) -> None:
    kinesis = stream(aws)
    with pytest.raises(ClientError, match=text):
        split(kinesis, shard, at)
    assert len(settled(kinesis)) == 1


def test_shards_apart_do_not_merge(aws: Aws) -> None:
    kinesis = stream(aws, shards=3)
    with pytest.raises(ClientError, match="not an adjacent pair of shards"):
        merge(kinesis, 0, 2)
    split(kinesis, 0, 5)
    settled(kinesis)
    with pytest.raises(ClientError, match="already been merged or split"):
        split(kinesis, 0, 6)


def test_the_shard_count_is_updated_to_even_shards(aws: Aws) -> None:
    kinesis = stream(aws, shards=2)
    answer = kinesis.update_shard_count(
        StreamName="orders", TargetShardCount=3, ScalingType="UNIFORM_SCALING"
    )
    assert (answer["CurrentShardCount"], answer["TargetShardCount"]) == (2, 3)
    shards = settled(kinesis).values()
    opened = sorted(
        hash_range(s)
        for s in shards
        if "EndingSequenceNumber" not in s["SequenceNumberRange"]
    )
    assert opened == [(2**128 * n // 3, 2**128 * (n + 1) // 3 - 1) for n in range(3)]


@pytest.mark.parametrize(
    ("shards", "target", "text"),
    [
        (2, 5, "cannot scale up over double your current open shard count"),
        (5, 2, "cannot scale down below half your current open shard count"),
    ],
)
def test_a_stream_doubles_or_halves_at_most(
    aws: Aws, shards: int, target: int, text: str
) -> None:
    stream(aws, shards=shards)
    kinesis = boto3.client("kinesis", config=ONCE)
    with pytest.raises(kinesis.exceptions.ClientError, match=text) as caught:
        kinesis.update_shard_count(
            StreamName="orders",
            TargetShardCount=target,
            ScalingType="UNIFORM_SCALING",
        )
    assert caught.value.response["Error"]["Code"] == "LimitExceededException"


def test_the_mode_decides_who_scales(aws: Aws) -> None:
    kinesis = stream(aws)
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
    kinesis.update_stream_mode(
        StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"}
    )
    settled(kinesis)
    with pytest.raises(ClientError, match="is in On-Demand mode"):
        kinesis.update_shard_count(
            StreamName="orders", TargetShardCount=2, ScalingType="UNIFORM_SCALING"
        )


def test_shards_are_listed_by_filter_and_page(aws: Aws) -> None:
    kinesis = stream(aws, shards=2)
    split(kinesis, 0, 5)
    settled(kinesis)
    latest = kinesis.list_shards(
        StreamName="orders", ShardFilter={"Type": "AT_LATEST"}
    )["Shards"]
    assert [shard["ShardId"][-1] for shard in latest] == ["1", "2", "3"]
    first = kinesis.list_shards(StreamName="orders", MaxResults=3)
    rest = kinesis.list_shards(NextToken=first["NextToken"])
    assert [shard["ShardId"][-1] for shard in rest["Shards"]] == ["3"]
    oldest = kinesis.list_shards(
        StreamName="orders", ShardFilter={"Type": "AT_TRIM_HORIZON"}
    )["Shards"]
    assert [shard["ShardId"][-1] for shard in oldest] == ["0", "1"]


def test_a_closed_shard_goes_with_its_last_records(
    endpoint: Connection, aws: Aws
) -> None:
    kinesis = stream(aws)
    split(kinesis)
    settled(kinesis)
    endpoint.control("POST", "clock", {"seconds": 86400})
    assert sorted(settled(kinesis)) == [1, 2]


def test_an_on_demand_stream_grows_to_twice_its_peak(
    endpoint: Connection, aws: Aws
) -> None:
    kinesis = aws("kinesis")
    kinesis.create_stream(
        StreamName="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"}
    )
    settled(kinesis)
    keys = [f"k{number}" for number in range(500)]
    for _ in range(6):
        records = [{"Data": b"x", "PartitionKey": key} for key in keys]
        kinesis.put_records(StreamName="orders", Records=records)
    endpoint.control("POST", "clock", {"seconds": 890})
    assert len(settled(kinesis)) == 4
    endpoint.control("POST", "clock", {"seconds": 20})
    found = kinesis.describe_stream_summary(StreamName="orders")
    assert found["StreamDescriptionSummary"]["OpenShardCount"] == 6
