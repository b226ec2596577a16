"""Amazon S3: default encryption, keys of buckets, and policies that demand it."""

import json
from typing import Any

import pytest

from localaws.daemon import Connection
from tests.localaws.kms.face import Aws, new_key, refused, statement, user

BODY = b"passenger: Reggie Washington, passport 340020013"
HEADER = "s3:x-amz-server-side-encryption"


def default(aws: Aws, bucket: str, key: str | None, **more: Any) -> None:
    applied = {"SSEAlgorithm": "aws:kms"} | ({"KMSMasterKeyID": key} if key else {})
    rule = {"ApplyServerSideEncryptionByDefault": applied, **more}
    aws("s3").put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def test_the_default_of_a_bucket_acts(aws: Aws, bucket: str) -> None:
    s3, key = aws("s3"), new_key(aws)
    s3.put_object(Bucket=bucket, Key="before", Body=BODY)
    default(aws, bucket, key)
    [rule] = s3.get_bucket_encryption(Bucket=bucket)[
        "ServerSideEncryptionConfiguration"
    ]["Rules"]
    applied = rule["ApplyServerSideEncryptionByDefault"]
    assert applied == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    made = s3.put_object(Bucket=bucket, Key="a", Body=BODY)
    assert (made["ServerSideEncryption"], made["SSEKMSKeyId"]) == ("aws:kms", key)
    asked = s3.put_object(
        Bucket=bucket, Key="b", Body=BODY, ServerSideEncryption="AES256"
    )
    assert asked["ServerSideEncryption"] == "AES256"
    reader = user(aws, "ann", statement("s3:*"))("s3")
    for name in ("before", "b"):
        found = reader.get_object(Bucket=bucket, Key=name)
        assert found["Body"].read() == BODY
    with refused("AccessDenied", "kms:Decrypt"):
        reader.get_object(Bucket=bucket, Key="a")
    with refused("AccessDenied", "kms:GenerateDataKey"):
        reader.put_object(Bucket=bucket, Key="c", Body=BODY)
    s3.delete_bucket_encryption(Bucket=bucket)
    made = s3.put_object(Bucket=bucket, Key="d", Body=BODY)
    assert made["ServerSideEncryption"] == "AES256"


def test_a_default_without_a_key_takes_that_of_aws(aws: Aws, bucket: str) -> None:
    default(aws, bucket, None)
    made = aws("s3").put_object(Bucket=bucket, Key="a", Body=BODY)
    [alias] = aws("kms").list_aliases()["Aliases"]
    assert made["SSEKMSKeyId"].endswith(alias["TargetKeyId"])


def test_what_is_no_default_is_refused(aws: Aws, bucket: str) -> None:
    for applied, code in (
        ({"SSEAlgorithm": "aws:kms:dsse"}, "NotImplementedInLocalEndpoint"),
        ({"SSEAlgorithm": "AES256", "KMSMasterKeyID": "k"}, "InvalidArgument"),
        ({"SSEAlgorithm": "ROT13"}, "MalformedXML"),
    ):
        rule = {"ApplyServerSideEncryptionByDefault": applied}
        with refused(code):
            aws("s3").put_bucket_encryption(
                Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
            )


def requests_of_kms(endpoint: Connection) -> float:
    lines = endpoint.control("GET", "bill")["lines"]
    return 10_000 * sum(
        one["quantity"]
        for one in lines
        if one["service"].startswith("AWS Key") and one["usage"].startswith("Requests")
    )


@pytest.mark.parametrize(("on", "calls"), [(False, 12), (True, 1)])
def test_a_key_of_the_bucket_saves_calls(
    endpoint: Connection, aws: Aws, bucket: str, on: bool, calls: int
) -> None:
    default(aws, bucket, new_key(aws), BucketKeyEnabled=on)
    for name in "abcdef":
        aws("s3").put_object(Bucket=bucket, Key=name, Body=BODY)
        found = aws("s3").get_object(Bucket=bucket, Key=name)
        assert found["Body"].read() == BODY
        assert found.get("BucketKeyEnabled", False) is on
    assert requests_of_kms(endpoint) == pytest.approx(calls)


def test_the_context_of_a_bucket_key_is_the_bucket(aws: Aws, bucket: str) -> None:
    default(aws, bucket, new_key(aws), BucketKeyEnabled=True)
    condition = {
        "StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}"}
    }
    may = [statement("s3:*"), statement("kms:*", Condition=condition)]
    s3 = user(aws, "ann", *may)("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=BODY)
    with refused("AccessDenied"):
        s3.put_object(Bucket=bucket, Key="b", Body=BODY, BucketKeyEnabled=False)


def demanding(aws: Aws, bucket: str, *conditions: dict[str, Any]) -> None:
    """Deny puts to a bucket that meet one of the conditions."""
    statements = [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": condition,
        }
        for condition in conditions
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


def test_a_policy_demands_a_key_of_kms(aws: Aws, bucket: str) -> None:
    s3, right, wrong = aws("s3"), new_key(aws), new_key(aws)
    demanding(
        aws,
        bucket,
        {"Null": {HEADER: "true"}},
        {"StringNotEquals": {HEADER: "aws:kms"}},
        {"StringNotEquals": {f"{HEADER}-aws-kms-key-id": right}},
    )
    what = {"Bucket": bucket, "Key": "a", "Body": BODY}
    for how in (
        {},
        {"ServerSideEncryption": "AES256"},
        {"ServerSideEncryption": "aws:kms"},
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": wrong},
    ):
        with refused("AccessDenied", "explicit deny in a resource-based policy"):
            s3.put_object(**what, **how)
    made = s3.put_object(**what, ServerSideEncryption="aws:kms", SSEKMSKeyId=right)
    assert made["SSEKMSKeyId"] == right
    upload = {"Bucket": bucket, "Key": "b"}
    with refused("AccessDenied"):
        s3.create_multipart_upload(**upload)
    begun = s3.create_multipart_upload(
        **upload, ServerSideEncryption="aws:kms", SSEKMSKeyId=right
    )
    part = {**upload, "UploadId": begun["UploadId"], "PartNumber": 1}
    assert s3.upload_part(**part, Body=BODY)["SSEKMSKeyId"] == right


def test_a_policy_forbids_keys_of_customers(aws: Aws, bucket: str) -> None:
    algorithm = f"{HEADER}-customer-algorithm"
    demanding(aws, bucket, {"Null": {algorithm: "false"}})
    how = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
    with refused("AccessDenied", "explicit deny"):
        aws("s3").put_object(Bucket=bucket, Key="a", Body=BODY, **how)
    aws("s3").put_object(Bucket=bucket, Key="a", Body=BODY)
