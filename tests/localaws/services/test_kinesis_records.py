"""Amazon Kinesis Data Streams: throughput, iterators."""

import datetime as dt

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.kinesis_face import (
    MEBIBYTE,
    ONCE,
    Aws,
    iterator,
    put,
    read,
    stream,
)


def test_records_come_back_as_they_were_put(aws: Aws) -> None:
    kinesis = stream(aws)
    first = kinesis.put_record(StreamName="orders", Data=b"\x00a", PartitionKey="é")
    second = kinesis.put_record(
        StreamName="orders",
        Data=b"b",
        PartitionKey="z",
        SequenceNumberForOrdering=first["SequenceNumber"],
    )
    assert first["ShardId"] == "shardId-000000000000"
    assert int(second["SequenceNumber"]) > int(first["SequenceNumber"]) > 2**185
    answer = kinesis.get_records(ShardIterator=iterator(kinesis))
    assert [(r["Data"], r["PartitionKey"]) for r in answer["Records"]] == [
        (b"\x00a", "é"),
        (b"b", "z"),
    ]
    assert answer["Records"][0]["SequenceNumber"] == first["SequenceNumber"]
    assert answer["MillisBehindLatest"] == 0


def test_one_key_goes_to_one_shard_by_its_md5(aws: Aws) -> None:
    kinesis = stream(aws, shards=2)
    # md5("a") begins with 0c, md5("b") with 92
    put(kinesis, b"low", key="a")
    put(kinesis, b"high", key="b")
    kinesis.put_record(
        StreamName="orders",
        Data=b"explicit",
        PartitionKey="a",
        ExplicitHashKey=str(2**127),
    )
    assert (read(kinesis, 0), read(kinesis, 1)) == ([b"low"], [b"high", b"explicit"])
    with pytest.raises(ClientError, match=r"range: \[0, 2\^128-1\]"):
        kinesis.put_record(
            StreamName="orders",
            Data=b"x",
            PartitionKey="a",
            ExplicitHashKey=str(2**128),
        )


def test_a_hot_shard_takes_1000_records_a_second(
    endpoint: Connection, aws: Aws
) -> None:
    kinesis = stream(aws, shards=2)
    for _ in range(2):
        assert put(kinesis, *[b"x"] * 500, key="a")["FailedRecordCount"] == 0
    records = [{"Data": b"x", "PartitionKey": key} for key in ["a"] * 250 + ["b"] * 250]
    answer = kinesis.put_records(StreamName="orders", Records=records)
    assert answer["FailedRecordCount"] == 250
    failed = {r["ErrorCode"] for r in answer["Records"][:250]}
    assert failed == {"ProvisionedThroughputExceededException"}
    assert answer["Records"][0]["ErrorMessage"] == (
        "Rate exceeded for shard shardId-000000000000 in stream orders under account "
        "123456789012."
    )
    assert {r["ShardId"] for r in answer["Records"][250:]} == {"shardId-000000000001"}
    # a throttled answer lets the standing clock go on
    assert put(kinesis, *[b"x"] * 250, key="a")["FailedRecordCount"] == 0


def test_a_shard_takes_one_mebibyte_a_second(aws: Aws) -> None:
    kinesis = stream(aws)
    half = b"x" * (MEBIBYTE // 2 - 1)
    answer = put(kinesis, half, half, b"y")
    assert answer["FailedRecordCount"] == 1
    assert "SequenceNumber" in answer["Records"][1]
    assert "ErrorCode" in answer["Records"][2]


def test_a_single_put_is_throttled_with_an_error(
    endpoint: Connection, aws: Aws
) -> None:
    kinesis = stream(aws)
    put(kinesis, *[b"x"] * 500)
    put(kinesis, *[b"x"] * 500)
    once = boto3.client("kinesis", config=ONCE)
    with pytest.raises(once.exceptions.ProvisionedThroughputExceededException):
        once.put_record(StreamName="orders", Data=b"x", PartitionKey="k")
    once.put_record(StreamName="orders", Data=b"x", PartitionKey="k")


def test_a_shard_is_read_five_times_a_second(aws: Aws) -> None:
    stream(aws)
    once = boto3.client("kinesis", config=ONCE)
    put(once, b"x")
    token = iterator(once)
    for _ in range(5):
        assert len(once.get_records(ShardIterator=token)["Records"]) == 1
    with pytest.raises(
        once.exceptions.ProvisionedThroughputExceededException,
        match="Rate exceeded for shard shardId-000000000000",
    ):
        once.get_records(ShardIterator=token)
    assert len(once.get_records(ShardIterator=token)["Records"]) == 1


def test_ten_mebibytes_at_once_use_up_five_seconds(
    endpoint: Connection, aws: Aws
) -> None:
    stream(aws)
    once = boto3.client("kinesis", config=ONCE)
    blob = b"x" * (MEBIBYTE - 1)
    for _ in range(11):
        put(once, blob)
        endpoint.control("POST", "clock", {"seconds": 1})
    first = once.get_records(ShardIterator=iterator(once))
    assert len(first["Records"]) == 10
    assert first["MillisBehindLatest"] > 0
    token = first["NextShardIterator"]
    throttles = 0
    for _ in range(10):
        try:
            rest = once.get_records(ShardIterator=token)
        except once.exceptions.ProvisionedThroughputExceededException:
            throttles += 1
        else:
            break
    assert throttles == 5
    assert len(rest["Records"]) == 1


def test_a_missing_stream(aws: Aws) -> None:
    kinesis = aws("kinesis")
    with pytest.raises(
        kinesis.exceptions.ResourceNotFoundException,
        match="Stream none under account 123456789012 not found",
    ):
        kinesis.put_record(StreamName="none", Data=b"x", PartitionKey="k")


@pytest.mark.parametrize(
    ("records", "text"),
    [
        ([{"Data": b"x" * MEBIBYTE, "PartitionKey": "k"}], "records.1.member.data"),
        ([{"Data": b"x", "PartitionKey": "k" * 257}], "partitionKey"),
        (
            [{"Data": b"x", "PartitionKey": "k"}] * 501,
            "length less than or equal to 500",
        ),
    ],
)
def test_records_over_the_limits(
    aws: Aws, records: list[dict[str, object]], text: str
) -> None:
    kinesis = stream(aws)
    with pytest.raises(ClientError, match=text) as caught:
        kinesis.put_records(StreamName="orders", Records=records)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert read(kinesis) == []


def test_iterators_of_each_type(endpoint: Connection, aws: Aws) -> None:
    kinesis = stream(aws)
    numbers, times = [], []
    for blob in (b"0", b"1", b"2"):
        answer = kinesis.put_record(StreamName="orders", Data=blob, PartitionKey="k")
        numbers.append(answer["SequenceNumber"])
        now = endpoint.control("POST", "clock", {"seconds": 60})["now"]
        times.append(dt.datetime.fromisoformat(now))
    latest = iterator(kinesis, ShardIteratorType="LATEST")
    starts = {
        "TRIM_HORIZON": {},
        "AT_SEQUENCE_NUMBER": {"StartingSequenceNumber": numbers[1]},
        "AFTER_SEQUENCE_NUMBER": {"StartingSequenceNumber": numbers[1]},
        "AT_TIMESTAMP": {"Timestamp": times[0] - dt.timedelta(seconds=30)},
        "LATEST": {},
    }
    got = {
        kind: b"".join(read(kinesis, ShardIteratorType=kind, **start))
        for kind, start in starts.items()
    }
    assert got == {
        "TRIM_HORIZON": b"012",
        "AT_SEQUENCE_NUMBER": b"12",
        "AFTER_SEQUENCE_NUMBER": b"2",
        "AT_TIMESTAMP": b"12",
        "LATEST": b"",
    }
    put(kinesis, b"3")
    records = kinesis.get_records(ShardIterator=latest)["Records"]
    assert [record["Data"] for record in records] == [b"3"]


@pytest.mark.parametrize(
    ("start", "text"),
    [
        ({"ShardIteratorType": "AT_SEQUENCE_NUMBER"}, "and no StartingSequenceNumber"),
        (
            {"ShardIteratorType": "LATEST", "StartingSequenceNumber": "1"},
            "also a StartingSequenceNumber",
        ),
        (
            {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": "7"},
            "StartingSequenceNumber 7 used in GetShardIterator on shard",
        ),
        (
            {
                "ShardIteratorType": "AT_TIMESTAMP",
                "Timestamp": dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
            },
            "cannot be greater than the currentTimestampInMillis",
        ),
    ],
)
def test_positions_that_are_none(aws: Aws, start: dict[str, object], text: str) -> None:
    kinesis = stream(aws)
    with pytest.raises(kinesis.exceptions.InvalidArgumentException, match=text):
        iterator(kinesis, **start)


def test_a_number_of_another_shard(aws: Aws) -> None:
    kinesis = stream(aws, shards=2)
    number = put(kinesis, b"x", key="a")["Records"][0]["SequenceNumber"]
    with pytest.raises(
        kinesis.exceptions.InvalidArgumentException,
        match="encodes shardId-000000000000, while it was used in a call to a shard "
        "with shardId-000000000001",
    ):
        iterator(
            kinesis,
            1,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=number,
        )


def test_an_iterator_expires_after_five_minutes(endpoint: Connection, aws: Aws) -> None:
    kinesis = stream(aws)
    token = iterator(kinesis)
    endpoint.control("POST", "clock", {"seconds": 299})
    kinesis.get_records(ShardIterator=token)
    endpoint.control("POST", "clock", {"seconds": 2})
    with pytest.raises(
        kinesis.exceptions.ExpiredIteratorException, match="300000 milliseconds"
    ):
        kinesis.get_records(ShardIterator=token)


@pytest.mark.parametrize("token", ["nonsense", "bm9uZQ==", "WzEsMl0="])
def test_what_is_no_iterator(aws: Aws, token: str) -> None:
    kinesis = stream(aws)
    with pytest.raises(
        kinesis.exceptions.InvalidArgumentException, match=r"Invalid ShardIterator\."
    ):
        kinesis.get_records(ShardIterator=token)


def test_a_limit_leaves_the_rest_for_the_next_read(
    endpoint: Connection, aws: Aws
) -> None:
    kinesis = stream(aws)
    put(kinesis, b"0", b"1", b"2")
    endpoint.control("POST", "clock", {"seconds": 5})
    first = kinesis.get_records(ShardIterator=iterator(kinesis), Limit=2)
    assert [r["Data"] for r in first["Records"]] == [b"0", b"1"]
    assert 5000 <= first["MillisBehindLatest"] < 6000
    rest = kinesis.get_records(ShardIterator=first["NextShardIterator"])
    assert [r["Data"] for r in rest["Records"]] == [b"2"]
    assert rest["MillisBehindLatest"] == 0
