"""S3 Transfer Acceleration: who may use it, what distance takes, what it costs."""

import datetime as dt
import urllib.request
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.localaws.services.storage import Aws

FAR = "sydney-desk"
BODY = b"x" * 8 * 2**20


@pytest.fixture
def far(aws: Aws) -> str:
    """A bucket on the other side of the world."""
    place = {"LocationConstraint": "ap-southeast-2"}
    aws("s3").create_bucket(Bucket=FAR, CreateBucketConfiguration=place)
    return FAR


def fast() -> Any:
    """Return a client of the accelerated endpoint."""
    return boto3.client("s3", config=Config(s3={"use_accelerate_endpoint": True}))


def enable(aws: Aws, bucket: str, status: str = "Enabled") -> None:
    """Set a bucket's acceleration."""
    aws("s3").put_bucket_accelerate_configuration(
        Bucket=bucket, AccelerateConfiguration={"Status": status}
    )


def took(endpoint: Any, work: Any) -> float:
    """Return how far the endpoint's clock moves while something is done."""

    def now() -> dt.datetime:
        return dt.datetime.fromisoformat(endpoint.control("GET", "status")["now"])

    before = now()
    work()
    return (now() - before).total_seconds()


def test_acceleration_has_to_be_enabled(aws: Aws, far: str) -> None:
    with pytest.raises(ClientError) as caught:
        fast().put_object(Bucket=far, Key="a", Body=b"1")
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidRequest"
    assert error["Message"] == (
        "S3 Transfer Acceleration is not configured on this bucket"
    )
    enable(aws, far)
    client = fast()
    client.put_object(Bucket=far, Key="a b/c", Body=b"1", Metadata={"k": "v"})
    found = client.get_object(Bucket=far, Key="a b/c")
    assert (found["Body"].read(), found["Metadata"]) == (b"1", {"k": "v"})
    listed = client.list_objects_v2(Bucket=far, Prefix="a")["Contents"]
    assert [one["Key"] for one in listed] == ["a b/c"]
    enable(aws, far, "Suspended")
    with pytest.raises(ClientError, match="not configured on this bucket"):
        client.get_object(Bucket=far, Key="a b/c")
    assert aws("s3").get_object(Bucket=far, Key="a b/c")["Body"].read() == b"1"


def test_large_files_and_presigned_urls(aws: Aws, far: str, tmp_path: Any) -> None:
    enable(aws, far)
    path = tmp_path / "large"
    path.write_bytes(BODY * 2)
    fast().upload_file(str(path), far, "large")
    fast().download_file(far, "large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == BODY * 2
    url = fast().generate_presigned_url(
        "get_object", Params={"Bucket": far, "Key": "large"}
    )
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == BODY * 2
    enable(aws, far, "Suspended")
    with pytest.raises(urllib.request.HTTPError) as caught:
        urllib.request.urlopen(url)
    assert b"not configured on this bucket" in caught.value.read()
    caught.value.close()


def test_distance_takes_time_and_acceleration_less(
    aws: Aws, far: str, bucket: str, endpoint: Any
) -> None:
    def put(client: Any, where: str) -> Any:
        return lambda: client.put_object(Bucket=where, Key="a", Body=BODY)

    enable(aws, far)
    enable(aws, bucket)
    near = took(endpoint, put(aws("s3"), bucket))
    slow = took(endpoint, put(aws("s3"), far))
    quick = took(endpoint, put(fast(), far))
    assert near == took(endpoint, put(fast(), bucket)) == 1
    assert slow == pytest.approx(1 + 0.2 + 0.8)
    assert quick == pytest.approx(1 + 0.2 + 0.8 / 3)
    reading = took(endpoint, lambda: aws("s3").get_object(Bucket=far, Key="a"))
    assert reading == pytest.approx(0.2 + 0.8)


def test_accelerated_bytes_cost(aws: Aws, far: str, endpoint: Any) -> None:
    enable(aws, far)
    aws("s3").put_object(Bucket=far, Key="a", Body=BODY)
    assert not paid(endpoint)
    fast().put_object(Bucket=far, Key="b", Body=BODY)
    fast().get_object(Bucket=far, Key="b")
    (line,) = paid(endpoint)
    assert line["resource"] == far
    assert line["quantity"] == pytest.approx(2 * len(BODY) / 2**30, abs=1e-6)
    assert line["unit_price"] == 0.04


def paid(endpoint: Any) -> list[dict[str, Any]]:
    """Return the lines of the bill for acceleration."""
    lines = endpoint.control("GET", "bill")["lines"]
    return [one for one in lines if "Acceleration" in one["usage"]]


def test_names_with_periods_are_refused(aws: Aws) -> None:
    aws("s3").create_bucket(Bucket="on.time.desk")
    with pytest.raises(ClientError, match="periods") as caught:
        enable(aws, "on.time.desk")
    assert caught.value.response["Error"]["Code"] == "InvalidRequest"


def test_a_status_is_enabled_or_suspended(aws: Aws, bucket: str) -> None:
    with pytest.raises(ClientError, match="MalformedXML"):
        enable(aws, bucket, "On")
    assert "Status" not in aws("s3").get_bucket_accelerate_configuration(Bucket=bucket)
