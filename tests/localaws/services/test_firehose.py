"""Amazon Data Firehose: buffers, names, sources, failures."""

import gzip
import io
import re
import zipfile

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.firehose_face import (
    Aws,
    description,
    hose,
    put,
    role,
    stored,
)
from tests.localaws.services.kinesis_face import stream

NAME = re.compile(
    r"2026/01/05/08/lines-1-2026-01-05-08-\d\d-\d\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}"
    r"-[0-9a-f]{12}"
)


@pytest.fixture
def arn(aws: Aws) -> str:
    """ARN of a role that Firehose may assume."""
    return role(aws)


def later(endpoint: Connection, seconds: float) -> None:
    endpoint.control("POST", "clock", {"seconds": seconds})


def test_records_wait_for_the_interval(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    firehose = hose(aws, bucket, arn)
    first = firehose.put_record(DeliveryStreamName="lines", Record={"Data": b"a\n"})
    assert len(first["RecordId"]) > 50
    put(firehose, b"b\n", b"c\n")
    later(endpoint, 50)
    assert stored(aws, bucket) == {}
    later(endpoint, 10)
    ((key, body),) = stored(aws, bucket).items()
    assert body == b"a\nb\nc\n"
    assert NAME.fullmatch(key)


def test_each_record_is_billed_in_steps_of_5_kb(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    put(hose(aws, bucket, arn), b"x", b"x" * 5_120, b"x" * 5_121)
    lines = endpoint.control("GET", "bill")["lines"]
    (line,) = (one for one in lines if one["service"] == "Amazon Data Firehose")
    assert line["resource"] == "deliverystream/lines"
    assert line["quantity"] * 2**30 == pytest.approx(4 * 5_120, rel=0.05)


def test_records_are_joined_without_a_separator(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    put(hose(aws, bucket, arn), b"1", b"2")
    later(endpoint, 60)
    assert list(stored(aws, bucket).values()) == [b"12"]


def test_a_full_buffer_does_not_wait(aws: Aws, bucket: str, arn: str) -> None:
    firehose = hose(aws, bucket, arn, minutes=15)
    half = b"x" * 2**19
    put(firehose, half)
    assert stored(aws, bucket) == {}
    put(firehose, half, b"rest")
    assert [len(body) for body in stored(aws, bucket).values()] == [2**20]


def test_each_interval_makes_an_object_of_its_own_time(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    firehose = hose(aws, bucket, arn)
    for blob in (b"a", b"b"):
        put(firehose, blob)
        later(endpoint, 3600)
    keys = sorted(stored(aws, bucket))
    assert [key[:13] for key in keys] == ["2026/01/05/08", "2026/01/05/09"]


def test_expressions_make_the_prefix(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    firehose = hose(
        aws,
        bucket,
        arn,
        Prefix="raw/y=!{timestamp:yyyy}/d=!{timestamp:MM-dd'T'HH}/",
        ErrorOutputPrefix="bad/!{firehose:error-output-type}/",
        CustomTimeZone="Asia/Tokyo",
        FileExtension=".txt",
    )
    put(firehose, b"a")
    later(endpoint, 60)
    (key,) = stored(aws, bucket)
    assert key.startswith("raw/y=2026/d=01-05T17/lines-1-2026-01-05-17-")
    assert key.endswith(".txt")


@pytest.mark.parametrize(
    ("prefixes", "text"),
    [
        ({"Prefix": "!{timestamp:yyyy}/"}, "ErrorOutputPrefix cannot be null"),
        (
            {"Prefix": "!{timestamp:yyyy}/", "ErrorOutputPrefix": "!{timestamp:yyyy}/"},
            "ErrorOutputPrefix must contain",
        ),
        ({"Prefix": "!{day:dd}/", "ErrorOutputPrefix": "bad/"}, "Unknown namespace"),
        ({"Prefix": "!{timestamp", "ErrorOutputPrefix": "bad/"}, "Invalid expression"),
        (
            {"Prefix": "!{partitionKeyFromQuery:a}/", "ErrorOutputPrefix": "bad/"},
            "Dynamic Partitioning",
        ),
    ],
)
def test_prefixes_that_break_the_rules(
    aws: Aws, bucket: str, arn: str, prefixes: dict[str, str], text: str
) -> None:
    with pytest.raises(ClientError, match=text) as caught:
        hose(aws, bucket, arn, **prefixes)
    assert caught.value.response["Error"]["Code"] == "InvalidArgumentException"
    assert aws("firehose").list_delivery_streams()["DeliveryStreamNames"] == []


def test_objects_are_compressed(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    firehose = hose(aws, bucket, arn, CompressionFormat="GZIP")
    put(firehose, b"a")
    later(endpoint, 60)
    firehose.update_destination(
        DeliveryStreamName="lines",
        CurrentDeliveryStreamVersionId="1",
        DestinationId="destinationId-000000000001",
        ExtendedS3DestinationUpdate={"CompressionFormat": "ZIP"},
    )
    put(firehose, b"b")
    later(endpoint, 60)
    found = {key[-4:]: body for key, body in stored(aws, bucket).items()}
    (zipped,) = [key for key in stored(aws, bucket) if "/lines-2-" in key]
    assert zipped.endswith(".zip")
    assert [gzip.decompress(b) for k, b in found.items() if k.endswith(".gz")] == [b"a"]
    with zipfile.ZipFile(io.BytesIO(found[".zip"])) as archive:
        assert archive.read(archive.namelist()[0]) == b"b"


def test_a_kinesis_stream_is_read_from_its_end_on(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    kinesis = stream(aws, shards=2)
    source = {
        "KinesisStreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/orders",
        "RoleARN": arn,
    }
    kinesis.put_record(StreamName="orders", Data=b"before", PartitionKey="a")
    firehose = hose(aws, bucket, arn, source=source)
    for key in ("a", "b"):
        kinesis.put_record(StreamName="orders", Data=b"after", PartitionKey=key)
    kinesis.split_shard(
        StreamName="orders",
        ShardToSplit="shardId-000000000000",
        NewStartingHashKey="5",
    )
    kinesis.put_record(StreamName="orders", Data=b"split", PartitionKey="a")
    later(endpoint, 61)
    body = b"".join(stored(aws, bucket).values())
    assert sorted(re.findall(b"after|split|before", body)) == [
        b"after",
        b"after",
        b"split",
    ]
    found = description(firehose)["Source"]["KinesisStreamSourceDescription"]
    assert found["KinesisStreamARN"] == source["KinesisStreamARN"]
    with pytest.raises(ClientError, match="its source") as caught:
        put(firehose, b"x")
    assert caught.value.response["Error"]["Code"] == "InvalidSourceException"


def test_the_source_is_backed_up(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    backup = {
        "RoleARN": arn,
        "BucketARN": f"arn:aws:s3:::{bucket}",
        "Prefix": "source/",
    }
    firehose = hose(
        aws, bucket, arn, S3BackupMode="Enabled", S3BackupConfiguration=backup
    )
    put(firehose, b"a")
    later(endpoint, 60)
    assert [key[:7] for key in sorted(stored(aws, bucket))] == ["2026/01", "source/"]


def test_a_stream_is_described_updated_and_deleted(
    aws: Aws, bucket: str, arn: str
) -> None:
    firehose = hose(aws, bucket, arn)
    with pytest.raises(firehose.exceptions.ResourceInUseException):
        hose(aws, bucket, arn)
    change = {
        "DeliveryStreamName": "lines",
        "DestinationId": "destinationId-000000000001",
        "ExtendedS3DestinationUpdate": {"BufferingHints": {"IntervalInSeconds": 300}},
    }
    with pytest.raises(firehose.exceptions.ConcurrentModificationException):
        firehose.update_destination(CurrentDeliveryStreamVersionId="7", **change)
    firehose.update_destination(CurrentDeliveryStreamVersionId="1", **change)
    found = description(firehose)
    assert (found["DeliveryStreamStatus"], found["VersionId"]) == ("ACTIVE", "2")
    config = found["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert config["BufferingHints"] == {"SizeInMBs": 1, "IntervalInSeconds": 300}
    assert config["CompressionFormat"] == "UNCOMPRESSED"
    firehose.delete_delivery_stream(DeliveryStreamName="lines")
    with pytest.raises(
        firehose.exceptions.ResourceNotFoundException,
        match="Firehose lines under account 123456789012 not found",
    ):
        put(firehose, b"x")


def test_deliveries_are_measured(
    endpoint: Connection, aws: Aws, bucket: str, arn: str
) -> None:
    firehose = hose(aws, bucket, arn)
    put(firehose, b"ab", b"c")
    later(endpoint, 60)
    found = {}
    for name in ("IncomingRecords", "DeliveryToS3.Records", "DeliveryToS3.Bytes"):
        found[name] = metric(aws, name)
    assert found == {
        "IncomingRecords": 2,
        "DeliveryToS3.Records": 2,
        "DeliveryToS3.Bytes": 3,
    }
    assert metric(aws, "DeliveryToS3.DataFreshness", "Maximum") == 60


def metric(aws: Aws, name: str, statistic: str = "Sum") -> float:
    answer = aws("cloudwatch").get_metric_statistics(
        Namespace="AWS/Firehose",
        MetricName=name,
        Dimensions=[{"Name": "DeliveryStreamName", "Value": "lines"}],
        StartTime="2026-01-01T00:00:00Z",
        EndTime="2026-01-31T00:00:00Z",
        Period=86400 * 30,
        Statistics=[statistic],
    )
    return answer["Datapoints"][0][statistic]


def test_tags_come_and_go(aws: Aws, bucket: str, arn: str) -> None:
    firehose = hose(aws, bucket, arn)
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    firehose.tag_delivery_stream(DeliveryStreamName="lines", Tags=tags)
    firehose.untag_delivery_stream(DeliveryStreamName="lines", TagKeys=["a"])
    found = firehose.list_tags_for_delivery_stream(DeliveryStreamName="lines")
    assert found["Tags"] == tags[1:]
