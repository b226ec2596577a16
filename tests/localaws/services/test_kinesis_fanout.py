"""Amazon Kinesis Data Streams: consumers with fan-out."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.kinesis_face import ONCE, Aws, put, stream, total

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
HORIZON = {"Type": "TRIM_HORIZON"}


@pytest.fixture
def consumer(aws: Aws) -> str:
    """ARN of a consumer of a stream of one shard."""
    kinesis = stream(aws)
    answer = kinesis.register_stream_consumer(StreamARN=ARN, ConsumerName="desk")
    return answer["Consumer"]["ConsumerARN"]


def subscribe(
    aws: Aws, consumer: str, start: dict[str, Any] = HORIZON
) -> list[dict[str, Any]]:
    answer = aws("kinesis").subscribe_to_shard(
        ConsumerARN=consumer, ShardId="shardId-000000000000", StartingPosition=start
    )
    return [event["SubscribeToShardEvent"] for event in answer["EventStream"]]


def test_a_consumer_is_sent_every_record(aws: Aws, consumer: str) -> None:
    put(aws("kinesis"), b"0", b"1")
    events = subscribe(aws, consumer)
    records = [record for event in events for record in event["Records"]]
    assert [record["Data"] for record in records] == [b"0", b"1"]
    assert events[-1]["MillisBehindLatest"] == 0
    assert events[-1]["ContinuationSequenceNumber"] == records[-1]["SequenceNumber"]
    sent = total(
        aws,
        "SubscribeToShardEvent.Records",
        StreamName="orders",
        ConsumerName="desk",
    )
    assert sent == 2


def test_a_subscription_goes_on_where_another_ended(
    endpoint: Connection, aws: Aws, consumer: str
) -> None:
    put(aws("kinesis"), b"0")
    number = subscribe(aws, consumer)[-1]["ContinuationSequenceNumber"]
    put(aws("kinesis"), b"1")
    endpoint.control("POST", "clock", {"seconds": 5})
    start = {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": number}
    (event,) = subscribe(aws, consumer, start)
    assert [record["Data"] for record in event["Records"]] == [b"1"]


def test_readers_do_not_take_from_a_consumer(aws: Aws, consumer: str) -> None:
    kinesis = aws("kinesis")
    for _ in range(2):
        put(kinesis, *[b"x" * 1000] * 500)
    (event,) = subscribe(aws, consumer)
    assert len(event["Records"]) == 1000


def test_the_last_event_of_a_closed_shard_names_its_children(
    aws: Aws, consumer: str
) -> None:
    aws("kinesis").split_shard(
        StreamName="orders",
        ShardToSplit="shardId-000000000000",
        NewStartingHashKey=str(2**127),
    )
    children = subscribe(aws, consumer)[-1]["ChildShards"]
    assert [child["ShardId"][-1] for child in children] == ["1", "2"]


def test_a_second_subscription_within_five_seconds(aws: Aws, consumer: str) -> None:
    subscribe(aws, consumer)
    with pytest.raises(ClientError, match="Another active subscription") as caught:
        subscribe(aws, consumer)
    assert caught.value.response["Error"]["Code"] == "ResourceInUseException"


def test_consumers_are_described_listed_and_deregistered(
    aws: Aws, consumer: str
) -> None:
    kinesis = aws("kinesis")
    found = kinesis.describe_stream_consumer(ConsumerARN=consumer)
    assert found["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE"
    assert found["ConsumerDescription"]["StreamARN"] == ARN
    kinesis.register_stream_consumer(StreamARN=ARN, ConsumerName="audit")
    first = kinesis.list_stream_consumers(StreamARN=ARN, MaxResults=1)
    assert [c["ConsumerName"] for c in first["Consumers"]] == ["audit"]
    rest = kinesis.list_stream_consumers(StreamARN=ARN, NextToken=first["NextToken"])
    assert [c["ConsumerName"] for c in rest["Consumers"]] == ["desk"]
    kinesis.deregister_stream_consumer(StreamARN=ARN, ConsumerName="audit")
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException, match="audit"):
        kinesis.describe_stream_consumer(StreamARN=ARN, ConsumerName="audit")


def test_names_and_counts_of_consumers_are_limited(aws: Aws, consumer: str) -> None:
    kinesis = aws("kinesis")
    with pytest.raises(kinesis.exceptions.ResourceInUseException):
        kinesis.register_stream_consumer(StreamARN=ARN, ConsumerName="desk")
    for number in range(19):
        kinesis.register_stream_consumer(StreamARN=ARN, ConsumerName=f"c{number}")
    kinesis = boto3.client("kinesis", config=ONCE)
    with pytest.raises(ClientError, match="limit of 20 consumers") as caught:
        kinesis.register_stream_consumer(StreamARN=ARN, ConsumerName="one-more")
    assert caught.value.response["Error"]["Code"] == "LimitExceededException"


def test_a_stream_with_consumers_is_deleted_by_force_only(
    aws: Aws, consumer: str
) -> None:
    kinesis = aws("kinesis")
    with pytest.raises(kinesis.exceptions.ResourceInUseException):
        kinesis.delete_stream(StreamName="orders")
    kinesis.delete_stream(StreamName="orders", EnforceConsumerDeletion=True)
    kinesis.get_waiter("stream_not_exists").wait(StreamName="orders")
