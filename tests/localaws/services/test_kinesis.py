"""Amazon Kinesis Data Streams: streams, tags, retention."""

import itertools

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.kinesis_face import Aws, iterator, put, read, stream

DAY = 86400


def test_a_stream_is_creating_then_active(aws: Aws) -> None:
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName="orders", ShardCount=3, Tags={"team": "desk"})
    listed = kinesis.list_streams()
    assert listed["StreamNames"] == ["orders"]
    assert listed["StreamSummaries"][0]["StreamStatus"] == "CREATING"
    with pytest.raises(ClientError, match="orders under account 123456789012 not f"):
        kinesis.get_shard_iterator(
            StreamName="orders",
            ShardId="shardId-000000000000",
            ShardIteratorType="LATEST",
        )
    kinesis.get_waiter("stream_exists").wait(StreamName="orders")
    found = kinesis.describe_stream_summary(StreamName="orders")
    summary = found["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 3
    assert (
        summary["StreamARN"] == "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
    )
    assert summary["RetentionPeriodHours"] == 24
    tags = kinesis.list_tags_for_stream(StreamName="orders")["Tags"]
    assert tags == [{"Key": "team", "Value": "desk"}]


def test_the_ranges_of_the_shards_cover_every_hash_key(aws: Aws) -> None:
    kinesis = stream(aws, shards=3)
    shards = kinesis.describe_stream(StreamName="orders")["StreamDescription"]["Shards"]
    ranges = [
        (int(r["StartingHashKey"]), int(r["EndingHashKey"]))
        for r in (shard["HashKeyRange"] for shard in shards)
    ]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == 2**128 - 1
    assert all(a[1] + 1 == b[0] for a, b in itertools.pairwise(ranges))


def test_an_on_demand_stream_begins_with_four_shards(aws: Aws) -> None:
    kinesis = aws("kinesis")
    mode = {"StreamMode": "ON_DEMAND"}
    with pytest.raises(ClientError, match="ShardCount must not be specified"):
        kinesis.create_stream(StreamName="orders", StreamModeDetails=mode, ShardCount=2)
    kinesis.create_stream(StreamName="orders", StreamModeDetails=mode)
    found = kinesis.describe_stream(StreamName="orders")["StreamDescription"]
    assert (len(found["Shards"]), found["StreamModeDetails"]) == (4, mode)


def test_names_are_taken_until_the_stream_is_gone(aws: Aws) -> None:
    kinesis = stream(aws)
    with pytest.raises(kinesis.exceptions.ResourceInUseException, match="already"):
        kinesis.create_stream(StreamName="orders", ShardCount=1)
    kinesis.delete_stream(StreamName="orders")
    kinesis.get_waiter("stream_not_exists").wait(StreamName="orders")
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException):
        kinesis.delete_stream(StreamName="orders")
    stream(aws)
    assert read(kinesis) == []


@pytest.mark.parametrize(
    ("members", "code", "text"),
    [
        ({"StreamName": "a/b", "ShardCount": 1}, "ValidationException", "pattern"),
        ({"StreamName": "a"}, "ValidationException", "ShardCount is required"),
        (
            {"StreamName": "a", "ShardCount": 1, "WarmThroughputMiBps": 5},
            "NotImplementedInLocalEndpoint",
            "WarmThroughputMiBps",
        ),
    ],
)
def test_wrong_inputs_make_no_stream(
    aws: Aws, members: dict[str, object], code: str, text: str
) -> None:
    with pytest.raises(ClientError, match=text) as caught:
        aws("kinesis").create_stream(**members)
    assert caught.value.response["Error"]["Code"] == code
    assert aws("kinesis").list_streams()["StreamNames"] == []


def test_lists_are_paged(aws: Aws) -> None:
    kinesis = aws("kinesis")
    for name in ("c", "a", "b"):
        kinesis.create_stream(StreamName=name, ShardCount=1)
    first = kinesis.list_streams(Limit=2)
    assert (first["StreamNames"], first["HasMoreStreams"]) == (["a", "b"], True)
    rest = kinesis.list_streams(NextToken=first["NextToken"])
    assert (rest["StreamNames"], rest["HasMoreStreams"]) == (["c"], False)


def test_records_expire_after_the_retention(endpoint: Connection, aws: Aws) -> None:
    kinesis = stream(aws)
    put(kinesis, b"old")
    endpoint.control("POST", "clock", {"seconds": 23 * 3600})
    put(kinesis, b"new")
    assert read(kinesis) == [b"old", b"new"]
    endpoint.control("POST", "clock", {"seconds": 2 * 3600})
    assert read(kinesis) == [b"new"]


def test_a_longer_retention_keeps_what_has_not_expired(
    endpoint: Connection, aws: Aws
) -> None:
    kinesis = stream(aws)
    put(kinesis, b"lost")
    endpoint.control("POST", "clock", {"seconds": DAY + 1})
    put(kinesis, b"kept")
    kinesis.increase_stream_retention_period(
        StreamName="orders", RetentionPeriodHours=168
    )
    endpoint.control("POST", "clock", {"seconds": 6 * DAY})
    assert read(kinesis) == [b"kept"]
    kinesis.decrease_stream_retention_period(
        StreamName="orders", RetentionPeriodHours=24
    )
    assert read(kinesis) == []


@pytest.mark.parametrize(
    ("way", "hours", "text"),
    [
        ("increase", 8761, "Maximum allowed retention period is 8760 hours"),
        ("increase", 23, "Minimum allowed retention period is 24 hours"),
        ("decrease", 48, "can not be longer than existing"),
    ],
)
def test_retentions_out_of_bounds(aws: Aws, way: str, hours: int, text: str) -> None:
    kinesis = stream(aws)
    change = getattr(kinesis, f"{way}_stream_retention_period")
    with pytest.raises(ClientError, match=text):
        change(StreamName="orders", RetentionPeriodHours=hours)


def test_tags_come_and_go(aws: Aws) -> None:
    kinesis = stream(aws)
    kinesis.add_tags_to_stream(StreamName="orders", Tags={"a": "1", "b": "2", "c": "3"})
    kinesis.remove_tags_from_stream(StreamName="orders", TagKeys=["b", "none"])
    first = kinesis.list_tags_for_stream(StreamName="orders", Limit=1)
    assert (first["Tags"], first["HasMoreTags"]) == ([{"Key": "a", "Value": "1"}], True)


def test_a_stream_may_be_named_by_its_arn(aws: Aws) -> None:
    kinesis = stream(aws)
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
    kinesis.put_record(StreamARN=arn, Data=b"x", PartitionKey="k")
    token = iterator(kinesis)
    got = kinesis.get_records(StreamARN=arn, ShardIterator=token)
    assert [record["Data"] for record in got["Records"]] == [b"x"]


def test_what_does_not_act_is_refused(aws: Aws) -> None:
    kinesis = stream(aws)
    with pytest.raises(ClientError, match="kinesis:StartStreamEncryption") as caught:
        kinesis.start_stream_encryption(
            StreamName="orders", EncryptionType="KMS", KeyId="alias/aws/kinesis"
        )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
