"""Amazon S3: request metrics, and bytes that are counted."""

import datetime as dt

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.kinesis_face import Aws


@pytest.fixture
def measured(aws: Aws, bucket: str) -> str:
    """A bucket that is measured below raw/."""
    aws("s3").put_bucket_metrics_configuration(
        Bucket=bucket,
        Id="raw",
        MetricsConfiguration={"Id": "raw", "Filter": {"Prefix": "raw/"}},
    )
    return bucket


def total(aws: Aws, bucket: str, name: str) -> float:
    points = aws("cloudwatch").get_metric_statistics(
        Namespace="AWS/S3",
        MetricName=name,
        Dimensions=[
            {"Name": "BucketName", "Value": bucket},
            {"Name": "FilterId", "Value": "raw"},
        ],
        StartTime=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        EndTime=dt.datetime(2026, 1, 31, tzinfo=dt.UTC),
        Period=86400 * 30,
        Statistics=["Sum"],
    )["Datapoints"]
    return points[0]["Sum"] if points else 0.0


def test_a_range_counts_the_bytes_that_it_reads(aws: Aws, measured: str) -> None:
    s3 = aws("s3")
    s3.put_object(Bucket=measured, Key="raw/a", Body=b"x" * 1000)
    s3.put_object(Bucket=measured, Key="other", Body=b"x" * 1000)
    part = s3.get_object(Bucket=measured, Key="raw/a", Range="bytes=900-949")
    assert part["ContentRange"] == "bytes 900-949/1000"
    assert len(part["Body"].read()) == 50
    assert total(aws, measured, "BytesDownloaded") == 50
    assert total(aws, measured, "BytesUploaded") == 1000
    s3.get_object(Bucket=measured, Key="raw/a")["Body"].close()
    assert total(aws, measured, "BytesDownloaded") == 1050
    assert total(aws, measured, "GetRequests") == 2


def test_errors_are_counted(aws: Aws, measured: str) -> None:
    s3 = aws("s3")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=measured, Key="raw/none")
    assert total(aws, measured, "4xxErrors") == 1
    assert total(aws, measured, "BytesDownloaded") == 0


def test_configurations_come_and_go(aws: Aws, measured: str) -> None:
    s3 = aws("s3")
    whole = {"Id": "whole"}
    s3.put_bucket_metrics_configuration(
        Bucket=measured, Id="whole", MetricsConfiguration=whole
    )
    found = s3.get_bucket_metrics_configuration(Bucket=measured, Id="raw")
    assert found["MetricsConfiguration"]["Filter"] == {"Prefix": "raw/"}
    listed = s3.list_bucket_metrics_configurations(Bucket=measured)
    assert [c["Id"] for c in listed["MetricsConfigurationList"]] == ["raw", "whole"]
    s3.delete_bucket_metrics_configuration(Bucket=measured, Id="raw")
    with pytest.raises(ClientError, match="NoSuchConfiguration"):
        s3.get_bucket_metrics_configuration(Bucket=measured, Id="raw")
    s3.put_object(Bucket=measured, Key="raw/a", Body=b"x")
    assert total(aws, measured, "PutRequests") == 0


def test_what_is_not_measured_is_refused(aws: Aws, bucket: str) -> None:
    tagged = {"Id": "t", "Filter": {"Tag": {"Key": "a", "Value": "b"}}}
    with pytest.raises(ClientError, match=r"Filter\.Tag") as caught:
        aws("s3").put_bucket_metrics_configuration(
            Bucket=bucket, Id="t", MetricsConfiguration=tagged
        )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    with pytest.raises(ClientError, match="NoSuchBucket"):
        aws("s3").list_bucket_metrics_configurations(Bucket="none")
