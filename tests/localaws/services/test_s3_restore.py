"""Amazon S3: archived objects and their restored copies."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.kinesis_face import Aws

HOUR = 3600


def put(aws: Aws, bucket: str, storage: str = "GLACIER") -> Any:
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"cold", StorageClass=storage)
    return s3


def restore(s3: Any, bucket: str, tier: str = "Standard", days: int = 2) -> int:
    answer = s3.restore_object(
        Bucket=bucket,
        Key="a",
        RestoreRequest={"Days": days, "GlacierJobParameters": {"Tier": tier}},
    )
    return answer["ResponseMetadata"]["HTTPStatusCode"]


def later(endpoint: Connection, hours: float) -> None:
    endpoint.control("POST", "clock", {"seconds": hours * HOUR})


@pytest.mark.parametrize("storage", ["GLACIER", "DEEP_ARCHIVE"])
def test_what_is_archived_cannot_be_read(aws: Aws, bucket: str, storage: str) -> None:
    s3 = put(aws, bucket, storage)
    with pytest.raises(s3.exceptions.InvalidObjectState) as caught:
        s3.get_object(Bucket=bucket, Key="a")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert s3.head_object(Bucket=bucket, Key="a")["StorageClass"] == storage


@pytest.mark.parametrize("storage", ["STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"])
def test_other_classes_are_read_at_once(aws: Aws, bucket: str, storage: str) -> None:
    s3 = put(aws, bucket, storage)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"cold"
    with pytest.raises(ClientError, match="current storage class") as caught:
        restore(s3, bucket)
    assert caught.value.response["Error"]["Code"] == "InvalidObjectState"


def test_a_restore_takes_hours_and_its_copy_goes(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    s3 = put(aws, bucket)
    assert restore(s3, bucket) == 202
    assert s3.head_object(Bucket=bucket, Key="a")["Restore"] == 'ongoing-request="true"'
    later(endpoint, 4)
    with pytest.raises(s3.exceptions.InvalidObjectState):
        s3.get_object(Bucket=bucket, Key="a")
    with pytest.raises(ClientError, match="RestoreAlreadyInProgress"):
        restore(s3, bucket)
    later(endpoint, 1)
    answer = s3.get_object(Bucket=bucket, Key="a")
    assert answer["Body"].read() == b"cold"
    assert answer["Restore"] == (
        'ongoing-request="false", expiry-date="Thu, 08 Jan 2026 00:00:00 GMT"'
    )
    later(endpoint, 48)
    s3.get_object(Bucket=bucket, Key="a")["Body"].close()
    later(endpoint, 24)
    with pytest.raises(s3.exceptions.InvalidObjectState):
        s3.get_object(Bucket=bucket, Key="a")
    assert "Restore" not in s3.head_object(Bucket=bucket, Key="a")


@pytest.mark.parametrize(
    ("storage", "tier", "hours"),
    [
        ("GLACIER", "Expedited", 5 / 60),
        ("GLACIER", "Bulk", 12),
        ("DEEP_ARCHIVE", "Standard", 12),
        ("DEEP_ARCHIVE", "Bulk", 48),
    ],
)
def test_each_tier_has_its_time(
    endpoint: Connection, aws: Aws, bucket: str, storage: str, tier: str, hours: float
) -> None:
    s3 = put(aws, bucket, storage)
    restore(s3, bucket, tier)
    later(endpoint, hours * 0.9)
    with pytest.raises(s3.exceptions.InvalidObjectState):
        s3.get_object(Bucket=bucket, Key="a")
    later(endpoint, hours * 0.1)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"cold"


def test_a_second_request_keeps_the_copy_for_longer(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    s3 = put(aws, bucket)
    restore(s3, bucket, "Expedited", days=1)
    later(endpoint, 1)
    assert restore(s3, bucket, days=5) == 200
    later(endpoint, 72)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"cold"


def test_restores_that_cannot_be(aws: Aws, bucket: str) -> None:
    s3 = put(aws, bucket, "DEEP_ARCHIVE")
    with pytest.raises(ClientError, match="Expedited retrievals are not available"):
        restore(s3, bucket, "Expedited")
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.restore_object(Bucket=bucket, Key="none", RestoreRequest={"Days": 1})
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.restore_object(Bucket="none", Key="a", RestoreRequest={"Days": 1})


def test_a_new_object_of_the_name_has_no_copy(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    s3 = put(aws, bucket)
    restore(s3, bucket, "Expedited")
    later(endpoint, 1)
    put(aws, bucket, "STANDARD")
    assert "Restore" not in s3.head_object(Bucket=bucket, Key="a")
