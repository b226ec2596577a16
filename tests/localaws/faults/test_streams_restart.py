"""Streams, buffers, lifecycles, restores, exports and expiries outlive a kill."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from localaws.home import Connection
from tests.conftest import EPOCH
from tests.localaws.faults.killing import again, running
from tests.localaws.services.firehose_face import description, hose, put, role, stored
from tests.localaws.services.kinesis_face import iterator, stream
from tests.localaws.services.kinesis_face import put as put_to_shard
from tests.localaws.services.test_dynamodb import table
from tests.localaws.services.test_dynamodb_exports import ARN

DAY = 86400


def kinesis_seen(*tokens: str) -> dict[str, Any]:
    kinesis = boto3.client("kinesis")
    reads = [kinesis.get_records(ShardIterator=token) for token in tokens]
    return {
        "stream": kinesis.describe_stream(StreamName="orders")["StreamDescription"],
        "consumers": kinesis.list_stream_consumers(
            StreamARN="arn:aws:kinesis:us-east-1:123456789012:stream/orders"
        )["Consumers"],
        "records": [read["Records"] for read in reads],
        "children": [read.get("ChildShards") for read in reads],
    }


def test_shards_records_and_iterators_are_there_again(home: Path) -> None:
    with running() as endpoint:
        kinesis = stream(boto3.client, shards=2)
        put_to_shard(kinesis, b"expired")
        endpoint.control("POST", "clock", {"seconds": DAY})
        put_to_shard(kinesis, *[b"0", b"1"], key="a")
        kinesis.split_shard(
            StreamName="orders",
            ShardToSplit="shardId-000000000000",
            NewStartingHashKey="5",
        )
        put_to_shard(kinesis, b"2", key="a")
        kinesis.get_waiter("stream_exists").wait(StreamName="orders")
        kinesis.increase_stream_retention_period(
            StreamName="orders", RetentionPeriodHours=48
        )
        kinesis.get_waiter("stream_exists").wait(StreamName="orders")
        kinesis.register_stream_consumer(
            StreamARN="arn:aws:kinesis:us-east-1:123456789012:stream/orders",
            ConsumerName="desk",
        )
        tokens = [iterator(kinesis, shard) for shard in range(4)]
        before = kinesis_seen(*tokens)
        assert [record["Data"] for record in before["records"][0]] == [b"0", b"1"]
        again()
        assert kinesis_seen(*tokens) == before
        number = put_to_shard(boto3.client("kinesis"), b"3", key="a")["Records"][0]
        assert int(number["SequenceNumber"]) > int(
            before["records"][3][-1]["SequenceNumber"]
        )


def test_what_waits_in_a_buffer_is_delivered_once(home: Path) -> None:
    with running() as endpoint:
        boto3.client("s3").create_bucket(Bucket="desk")
        firehose = hose(boto3.client, "desk", role(boto3.client))
        put(firehose, b"first")
        endpoint.control("POST", "clock", {"seconds": 60})
        put(firehose, b"second", b"third")
        before = description(firehose)
        endpoint = again()
        assert description(boto3.client("firehose")) == before
        endpoint.control("POST", "clock", {"seconds": 60})
        bodies = stored(boto3.client, "desk").values()
        assert sorted(bodies) == [b"first", b"secondthird"]


def test_classes_copies_and_rules_are_there_again(home: Path) -> None:
    with running() as endpoint:
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="desk")
        for key in ("moved", "young"):
            s3.put_object(Bucket="desk", Key=key, Body=b"x" * 2**17)
        rule = {
            "ID": "move",
            "Status": "Enabled",
            "Filter": {"Prefix": "moved"},
            "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
        }
        s3.put_bucket_lifecycle_configuration(
            Bucket="desk", LifecycleConfiguration={"Rules": [rule]}
        )
        s3.put_bucket_metrics_configuration(
            Bucket="desk", Id="all", MetricsConfiguration={"Id": "all"}
        )
        endpoint.control("POST", "clock", {"seconds": 2 * DAY})
        s3.restore_object(Bucket="desk", Key="moved", RestoreRequest={"Days": 1})
        before = bucket_seen()
        assert before["head"]["StorageClass"] == "GLACIER"
        endpoint = again()
        assert bucket_seen() == before
        endpoint.control("POST", "clock", {"seconds": 5 * 3600})
        boto3.client("s3").get_object(Bucket="desk", Key="moved")


def bucket_seen() -> dict[str, Any]:
    s3 = boto3.client("s3")
    head = s3.head_object(Bucket="desk", Key="moved")
    head.pop("ResponseMetadata")
    return {
        "head": head,
        "rules": s3.get_bucket_lifecycle_configuration(Bucket="desk")["Rules"],
        "metrics": s3.list_bucket_metrics_configurations(Bucket="desk")[
            "MetricsConfigurationList"
        ],
    }


@pytest.fixture
def exported(home: Path) -> Iterator[Connection]:
    """An endpoint of the test's own with a table whose item expires in an hour."""
    with running() as endpoint:
        boto3.client("s3").create_bucket(Bucket="desk")
        dynamodb = table(boto3.client)
        dynamodb.update_continuous_backups(
            TableName="orders",
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )
        dynamodb.update_time_to_live(
            TableName="orders",
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"},
        )
        soon = int(dt.datetime.fromisoformat(EPOCH).timestamp()) + 3600
        dynamodb.put_item(
            TableName="orders", Item={"id": {"S": "a"}, "ttl": {"N": str(soon)}}
        )
        yield endpoint


def test_exports_and_expiries_are_there_again(exported: Connection) -> None:
    dynamodb = boto3.client("dynamodb")
    dynamodb.export_table_to_point_in_time(TableArn=ARN, S3Bucket="desk")
    (before,) = dynamodb.list_exports()["ExportSummaries"]
    endpoint = again()
    dynamodb = boto3.client("dynamodb")
    assert dynamodb.list_exports()["ExportSummaries"] == [before]
    assert dynamodb.scan(TableName="orders")["Count"] == 1
    endpoint.control("POST", "clock", {"seconds": 7200})
    assert dynamodb.scan(TableName="orders")["Count"] == 0
    listed = boto3.client("s3").list_objects_v2(Bucket="desk")["Contents"]
    assert sum("manifest" in one["Key"] for one in listed) == 4
