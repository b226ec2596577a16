"""Data residency: policies that refuse a region, through boto3."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.access import User, allow, deny, document, refused

Aws = Callable[[str], Any]
HERE, THERE = "us-east-1", "eu-west-1"
ONLY_HERE = {"StringNotEquals": {"aws:RequestedRegion": HERE}}
CONSTRAINT = {"StringLike": {"s3:LocationConstraint": "eu-*"}}
ABROAD = {"CreateBucketConfiguration": {"LocationConstraint": THERE}}


@pytest.fixture
def guest(aws: Aws, bucket: str) -> User:
    """A user who may everything in S3, but not abroad."""
    aws("s3").create_bucket(Bucket="desk-abroad", **ABROAD)
    aws("s3").put_object(Bucket=bucket, Key="a", Body=b"1")
    return User(
        "guest",
        allow("s3:*"),
        deny("*", Condition=ONLY_HERE, Sid="Region"),
        deny("s3:CreateBucket", Condition=CONSTRAINT, Sid="Buckets"),
    )


def test_no_bucket_is_made_abroad(guest: User) -> None:
    s3 = guest.client("s3")
    said = refused(lambda: s3.create_bucket(Bucket="desk-eu", **ABROAD))
    assert said.endswith("with an explicit deny in an identity-based policy")
    from_there = guest.client("s3", region_name=THERE)
    refused(lambda: from_there.create_bucket(Bucket="desk-eu", **ABROAD))
    named = [one["Name"] for one in boto3.client("s3").list_buckets()["Buckets"]]
    assert "desk-eu" not in named
    s3.create_bucket(Bucket="desk-here")
    assert not s3.get_bucket_location(Bucket="desk-here")["LocationConstraint"]


def test_no_data_goes_abroad(guest: User, bucket: str) -> None:
    s3 = guest.client("s3")
    there = {"Bucket": "desk-abroad", "Key": "a"}
    refused(lambda: s3.put_object(**there, Body=b"1"))
    refused(lambda: s3.copy_object(**there, CopySource=f"{bucket}/a"))
    refused(lambda: s3.create_multipart_upload(**there))
    refused(lambda: guest.client("s3", region_name=THERE).put_object(**there, Body=b""))
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket="desk-abroad")
    s3.put_object(Bucket=bucket, Key="b", Body=b"2")


def test_regions_act_or_are_refused(aws: Aws, bucket: str) -> None:
    s3 = boto3.client("s3", region_name=THERE)
    with pytest.raises(ClientError, match="IllegalLocationConstraint"):
        s3.create_bucket(Bucket="desk-eu")
    s3.create_bucket(Bucket="desk-eu", **ABROAD)
    said = aws("s3").get_bucket_location(Bucket="desk-eu")
    assert said["LocationConstraint"] == THERE
    for service, call in (("sagemaker", "list_models"), ("sns", "list_topics")):
        client = boto3.client(service, region_name=THERE)
        with pytest.raises(ClientError, match=f"{service} in {THERE} does not act"):
            getattr(client, call)()


def test_what_comes_from_abroad_is_refused_by_the_bucket(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="desk-abroad", **ABROAD)
    s3.put_object(Bucket="desk-abroad", Key="a", Body=b"1")
    copied = {"StringLike": {"s3:x-amz-copy-source": "desk-abroad/*"}}
    inside = f"arn:aws:s3:::{bucket}/*"
    statement = deny("s3:PutObject", on=inside, Principal="*", Condition=copied)
    s3.put_bucket_policy(Bucket=bucket, Policy=document(statement))
    one = {"Bucket": bucket, "Key": "a"}
    refused(lambda: s3.copy_object(**one, CopySource="desk-abroad/a"))
    s3.put_object(**one, Body=b"1")


def test_other_services_abroad_are_refused(aws: Aws, guest: User) -> None:
    other = guest.client("dynamodb", region_name=THERE)
    refused(
        lambda: other.get_item(TableName="hours", Key={"key": {"S": "a"}}),
        "explicit deny",
        "AccessDeniedException",
    )
