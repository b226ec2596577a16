"""Bucket policies: conditions act on S3's calls, the administrator's too."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.access import ACCOUNT, User, allow, deny, document, refused

Aws = Callable[[str], Any]
WHOLE = ["arn:aws:s3:::on-time-desk", "arn:aws:s3:::on-time-desk/*"]
INSIDE = WHOLE[1]
LEARNER = f"arn:aws:iam::{ACCOUNT}:user/learner"


def put(*statements: dict[str, Any], bucket: str = "on-time-desk") -> None:
    """Give the bucket a policy whose statements mean everybody, if they name nobody."""
    named = [{"Principal": "*", **one} for one in statements]
    boto3.client("s3").put_bucket_policy(Bucket=bucket, Policy=document(*named))


@pytest.fixture
def s3(aws: Aws, bucket: str) -> Any:
    """A client of the administrator, with one object in the bucket."""
    made = aws("s3")
    made.put_object(Bucket=bucket, Key="a", Body=b"1")
    return made


def test_a_deny_binds_the_administrator_and_says_so(s3: Any, bucket: str) -> None:
    put(deny("s3:GetObject", on=INSIDE))
    said = refused(lambda: s3.get_object(Bucket=bucket, Key="a"))
    assert said == (
        f"User: {LEARNER} is not authorized to perform: s3:GetObject on resource: "
        f'"arn:aws:s3:::{bucket}/a" with an explicit deny in a resource-based policy'
    )
    refused(lambda: s3.head_object(Bucket=bucket, Key="a"))
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    s3.delete_bucket_policy(Bucket=bucket)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"


def test_unencrypted_objects_are_refused(s3: Any, bucket: str) -> None:
    sse = "s3:x-amz-server-side-encryption"
    put(
        deny("s3:PutObject", on=INSIDE, Condition={"Null": {sse: "true"}}),
        deny(
            "s3:PutObject",
            on=INSIDE,
            Condition={"StringNotEqualsIfExists": {sse: "AES256"}},
        ),
    )
    what = {"Bucket": bucket, "Key": "b", "Body": b"2"}
    refused(lambda: s3.put_object(**what), "explicit deny in a resource-based policy")
    s3.put_object(**what, ServerSideEncryption="AES256")
    begun = {"Bucket": bucket, "Key": "large"}
    refused(lambda: s3.create_multipart_upload(**begun))
    upload = s3.create_multipart_upload(**begun, ServerSideEncryption="AES256")
    part = s3.upload_part(**begun, UploadId=upload["UploadId"], PartNumber=1, Body=b"3")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(
        **begun, UploadId=upload["UploadId"], MultipartUpload=parts
    )
    refused(lambda: s3.copy_object(**begun, CopySource=f"{bucket}/a"))


def test_plain_http_is_refused(s3: Any, bucket: str) -> None:
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    old = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    put(deny("s3:*", on=WHOLE, Condition=insecure))
    host = "s3.us-east-1.amazonaws.com"
    plain = boto3.client("s3", endpoint_url=f"http://{host}")
    read = {"Bucket": bucket, "Key": "a"}
    refused(lambda: plain.get_object(**read), "in a resource-based policy")
    put(
        deny("s3:*", on=WHOLE, Condition=insecure),
        deny("s3:*", on=WHOLE, Condition=old),
    )
    for client in (s3, boto3.client("s3", endpoint_url=f"https://{host}")):
        assert client.get_object(**read)["Body"].read() == b"1"


def test_a_presigned_address_is_held_when_it_is_used(s3: Any, bucket: str) -> None:
    read = {"Bucket": bucket, "Key": "a"}
    url = s3.generate_presigned_url("get_object", read, ExpiresIn=60)
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"1"
    signed = {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}
    put(deny("s3:GetObject", on=INSIDE, Condition=signed))
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url)
    s3.get_object(**read)["Body"].close()


def test_tags_of_an_object_decide(s3: Any, bucket: str) -> None:
    tagged = {"StringEquals": {"s3:ExistingObjectTag/secret": "yes"}}
    asked = {"StringEquals": {"s3:RequestObjectTag/secret": "no"}}
    put(
        deny("s3:GetObject", on=INSIDE, Condition=tagged),
        deny("s3:PutObject*", on=INSIDE, Condition=asked),
    )
    s3.put_object(Bucket=bucket, Key="a", Body=b"2", Tagging="secret=yes")
    refused(lambda: s3.get_object(Bucket=bucket, Key="a"))
    tag = {"TagSet": [{"Key": "secret", "Value": "no"}]}
    one = {"Bucket": bucket, "Key": "a"}
    refused(lambda: s3.put_object_tagging(**one, Tagging=tag))
    refused(lambda: s3.put_object(**one, Body=b"", Tagging="secret=no"))
    s3.delete_object_tagging(**one)
    assert s3.get_object(**one)["Body"].read() == b"2"


def test_deletions_are_refused_key_by_key(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="kept/b", Body=b"2")
    put(deny("s3:DeleteObject", on=f"arn:aws:s3:::{bucket}/kept/*"))
    keys = [{"Key": "a"}, {"Key": "kept/b"}]
    said = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    assert [one["Key"] for one in said["Deleted"]] == ["a"]
    assert [(one["Key"], one["Code"]) for one in said["Errors"]] == [
        ("kept/b", "AccessDenied")
    ]
    assert said["Errors"][0]["Message"].endswith("deny in a resource-based policy")
    found = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [one["Key"] for one in found] == ["kept/b"]


def test_a_bucket_policy_admits_a_user_without_policies(s3: Any, bucket: str) -> None:
    guest = User("guest")
    theirs = guest.client("s3")
    read = {"Bucket": bucket, "Key": "a"}
    refused(lambda: theirs.get_object(**read), "no identity-based policy allows")
    named = {"Principal": {"AWS": guest.arn}}
    put(allow("s3:GetObject", on=INSIDE, **named))
    assert theirs.get_object(**read)["Body"].read() == b"1"
    refused(lambda: theirs.put_object(**read, Body=b""))
    account = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    put(allow("s3:GetObject", on=INSIDE, **account))
    refused(lambda: theirs.get_object(**read), "no identity-based policy allows")


MALFORMED = [
    ("no", "must be valid JSON and the first byte must be '{'"),
    ("{}", "Missing required field Statement"),
    (document({**allow("s3:*", on=INSIDE)}), "Missing required field Principal"),
    (document(allow("s3:*", on="*", Principal="*")), "Policy has invalid resource"),
    (
        document(allow("s3:*", on="arn:aws:s3:::other/*", Principal="*")),
        "Policy has invalid resource",
    ),
    (document(allow("ec2:*", on=INSIDE, Principal="*")), "Policy has invalid action"),
    (
        document(allow("s3:GetObject", on=WHOLE[0], Principal="*")),
        "Action does not apply to any resource",
    ),
    (
        document(allow("s3:ListBucket", on=INSIDE, Principal="*")),
        "Action does not apply to any resource",
    ),
    (
        document(
            allow("s3:*", on=INSIDE, Principal="*", Condition={"Equals": {"a:b": "c"}})
        ),
        "Invalid Condition type : Equals",
    ),
    (
        document(
            allow("s3:*", on=INSIDE, Principal={"AWS": f"{LEARNER}-nobody"}),
        ),
        "Invalid principal in policy",
    ),
]


def test_a_malformed_policy_is_not_put(s3: Any, bucket: str) -> None:
    for text, said in MALFORMED:
        with pytest.raises(ClientError, match=said) as error:
            s3.put_bucket_policy(Bucket=bucket, Policy=text)
        assert error.value.response["Error"]["Code"] == "MalformedPolicy"
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=bucket)


def test_a_policy_is_told_again_and_goes(s3: Any, bucket: str) -> None:
    put(deny("s3:GetObject", on=INSIDE))
    told = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert told["Statement"][0]["Effect"] == "Deny"
    status = s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]
    assert status == {"IsPublic": False}
    long = deny("s3:GetObject", on=INSIDE, Sid="x" * 21_000)
    with pytest.raises(ClientError, match="20 KB"):
        put(long)


def test_public_policies_are_blocked(s3: Any, bucket: str) -> None:
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicPolicy": True}
    )
    refused(lambda: put(allow("s3:GetObject", on=INSIDE)), "BlockPublicPolicy")
    put(allow("s3:GetObject", on=INSIDE, Principal={"AWS": LEARNER}))
