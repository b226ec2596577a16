"""Amazon S3: objects under keys of KMS."""

import base64
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import boto3

from localaws.daemon import Connection
from tests.localaws.kms.face import (
    Aws,
    later,
    new_key,
    refused,
    role_client,
    statement,
    user,
)

BODY = b"passenger: Reggie Washington, passport 340020013"
S3 = statement("s3:*")


def put(aws: Aws, bucket: str, key: str, **more: Any) -> Any:
    return aws("s3").put_object(
        Bucket=bucket,
        Key="a.csv",
        Body=BODY,
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
        **more,
    )


def read(s3: Any, bucket: str, **more: Any) -> bytes:
    return s3.get_object(Bucket=bucket, Key="a.csv", **more)["Body"].read()


def test_s3s_own_keys_are_the_default(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    [rule] = s3.get_bucket_encryption(Bucket=bucket)[
        "ServerSideEncryptionConfiguration"
    ]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    where = {"Bucket": bucket, "Key": "a.csv"}
    answers = [
        s3.put_object(**where, Body=BODY),
        s3.get_object(**where),
        s3.head_object(**where),
        s3.copy_object(**where | {"Key": "b"}, CopySource=where),
    ]
    assert {one["ServerSideEncryption"] for one in answers} == {"AES256"}


def test_an_object_says_its_key_and_opens(aws: Aws, bucket: str) -> None:
    s3, key = aws("s3"), new_key(aws)
    made = put(aws, bucket, key, Metadata={"my_desk": "JFK"}, ContentType="text/csv")
    found = s3.get_object(Bucket=bucket, Key="a.csv")
    head = s3.head_object(Bucket=bucket, Key="a.csv")
    for answer in (made, found, head):
        assert answer["ServerSideEncryption"] == "aws:kms"
        assert answer["SSEKMSKeyId"] == key
    assert found["Body"].read() == BODY
    for answer in (found, head):
        assert answer["ContentLength"] == len(BODY)
        assert answer["Metadata"] == {"my_desk": "JFK"}
        assert answer["ContentType"] == "text/csv"
    [listed] = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert listed["Size"] == len(BODY)


def test_ranges(aws: Aws, bucket: str) -> None:
    put(aws, bucket, new_key(aws))
    s3, where = aws("s3"), {"Bucket": bucket, "Key": "a.csv"}
    for given, expected in (
        ("bytes=0-8", BODY[:9]),
        ("bytes=11-", BODY[11:]),
        ("bytes=-9", BODY[-9:]),
        ("bytes=0-99999", BODY),
    ):
        found = s3.get_object(**where, Range=given)
        assert found["Body"].read() == expected
        assert found["ContentLength"] == len(expected)
        assert found["ContentRange"].endswith(f"/{len(BODY)}")
    with refused("InvalidRange"):
        s3.get_object(**where, Range="bytes=999-")


def test_who_may_not_use_the_key_reads_not_one_byte(aws: Aws, bucket: str) -> None:
    key = new_key(aws)
    put(aws, bucket, key)
    s3 = role_client(aws, "reader", "s3", S3)
    for more in ({}, {"Range": "bytes=0-0"}):
        with refused("AccessDenied", f"kms:Decrypt on resource: {key}"):
            read(s3, bucket, **more)
    with refused("AccessDenied", "kms:Decrypt"):
        s3.copy_object(
            Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a.csv"}
        )
    with refused("AccessDenied", "kms:GenerateDataKey"):
        put(lambda _: s3, bucket, key)
    assert s3.head_object(Bucket=bucket, Key="a.csv")["SSEKMSKeyId"] == key
    url = s3.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "a.csv"}
    )
    assert b"AccessDenied" in _fetched(url)


def _fetched(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        return error.read()


def test_reader_and_writer_need_one_right_each(aws: Aws, bucket: str) -> None:
    key = new_key(aws)
    writer = user(aws, "ann", S3, statement("kms:GenerateDataKey", key))("s3")
    reader = user(aws, "bob", S3, statement("kms:Decrypt", key))("s3")
    put(lambda _: writer, bucket, key)
    assert read(reader, bucket) == BODY
    with refused("AccessDenied", "kms:Decrypt"):
        read(writer, bucket)
    with refused("AccessDenied", "kms:GenerateDataKey"):
        put(lambda _: reader, bucket, key)


def test_a_presigned_address_opens_for_who_signed(aws: Aws, bucket: str) -> None:
    put(aws, bucket, new_key(aws))
    url = aws("s3").generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "a.csv"}
    )
    assert _fetched(url) == BODY


def test_a_disabled_and_a_deleted_key_open_nothing(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    s3, kms, key = aws("s3"), aws("kms"), new_key(aws)
    put(aws, bucket, key)
    kms.disable_key(KeyId=key)
    with refused("KMS.DisabledException", f"{key} is disabled."):
        read(s3, bucket)
    with refused("KMS.DisabledException"):
        put(aws, bucket, key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with refused("KMS.KMSInvalidStateException", "is pending deletion"):
        read(s3, bucket)
    later(endpoint, 8)
    with refused("KMS.NotFoundException", "does not exist"):
        read(s3, bucket)
    assert s3.head_object(Bucket=bucket, Key="a.csv")["ContentLength"] == len(BODY)


def test_not_one_byte_lies_open_on_disk(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    put(aws, bucket, new_key(aws))
    aws("s3").put_object(Bucket=bucket, Key="open", Body=b"nothing to hide at all")
    held = b"".join(
        path.read_bytes() for path in Path(endpoint.home).rglob("*") if path.is_file()
    )
    assert b"nothing to hide at all" in held
    for start in range(len(BODY) - 8):
        assert BODY[start : start + 8] not in held


def test_two_objects_have_two_data_keys(aws: Aws, bucket: str) -> None:
    tags = {put(aws, bucket, new_key(aws))["ETag"] for _ in range(2)}
    assert len(tags) == 2


def test_a_key_by_any_of_its_names(aws: Aws, bucket: str) -> None:
    key = new_key(aws)
    aws("kms").create_alias(AliasName="alias/desk", TargetKeyId=key)
    alias_arn = key.rpartition(":")[0] + ":alias/desk"
    for name in (key.rpartition("/")[2], "alias/desk", alias_arn):
        assert put(aws, bucket, name)["SSEKMSKeyId"] == key
    assert read(aws("s3"), bucket) == BODY


def test_keys_that_will_not_do(aws: Aws, bucket: str) -> None:
    with refused("KMS.NotFoundException", "alias/desk is not found"):
        put(aws, bucket, "alias/desk")
    pair = new_key(aws, KeySpec="RSA_2048")
    with refused("KMS.InvalidKeyUsageException"):
        put(aws, bucket, pair)
    with refused("NotImplementedInLocalEndpoint", "aws:kms:dsse"):
        aws("s3").put_object(
            Bucket=bucket, Key="a", Body=b"", ServerSideEncryption="aws:kms:dsse"
        )
    with refused("InvalidArgument", "requires HTTP header"):
        aws("s3").put_object(Bucket=bucket, Key="a", Body=b"", SSEKMSKeyId=pair)
    assert "Contents" not in aws("s3").list_objects_v2(Bucket=bucket)


def test_the_key_that_aws_manages(aws: Aws, bucket: str) -> None:
    described = aws("kms").describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    made = aws("s3").put_object(
        Bucket=bucket, Key="a.csv", Body=BODY, ServerSideEncryption="aws:kms"
    )
    assert made["SSEKMSKeyId"] == described["Arn"]
    [alias] = aws("kms").list_aliases()["Aliases"]
    assert alias["AliasName"] == "alias/aws/s3"
    assert made["SSEKMSKeyId"].endswith(alias["TargetKeyId"])
    about = aws("kms").describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert about["KeyManager"] == "AWS"
    assert read(user(aws, "ann", S3)("s3"), bucket) == BODY
    with refused("AccessDeniedException", "kms:Encrypt"):
        aws("kms").encrypt(KeyId="alias/aws/s3", Plaintext=b"x")
    with refused("AccessDeniedException", "kms:PutKeyPolicy"):
        aws("kms").put_key_policy(KeyId=about["KeyId"], Policy="{}")


def test_key_and_bucket_are_in_one_region(aws: Aws) -> None:
    where = {"LocationConstraint": "eu-central-1"}
    aws("s3").create_bucket(Bucket="desk-eu", CreateBucketConfiguration=where)
    with refused("KMS.NotFoundException", "does not exist"):
        put(aws, "desk-eu", new_key(aws))
    there = boto3.client("kms", region_name="eu-central-1")
    key = there.create_key()["KeyMetadata"]["Arn"]
    assert put(aws, "desk-eu", key)["SSEKMSKeyId"] == key
    assert read(aws("s3"), "desk-eu") == BODY
    assert aws("kms").list_keys()["Keys"] != there.list_keys()["Keys"]


def test_the_context_of_an_object(aws: Aws, bucket: str) -> None:
    key, arn = new_key(aws), f"arn:aws:s3:::{bucket}/a.csv"
    condition = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": arn}}
    via = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    both = {"StringEquals": condition["StringEquals"] | via["StringEquals"]}
    s3 = user(aws, "ann", S3, statement("kms:*", Condition=both))("s3")
    put(lambda _: s3, bucket, key)
    assert read(s3, bucket) == BODY
    with refused("AccessDenied", "kms:GenerateDataKey"):
        s3.put_object(
            Bucket=bucket,
            Key="b.csv",
            Body=BODY,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=key,
        )


def test_a_context_of_ones_own(aws: Aws, bucket: str) -> None:
    key = new_key(aws)
    pairs = base64.b64encode(json.dumps({"desk": "JFK"}).encode()).decode()
    put(aws, bucket, key, SSEKMSEncryptionContext=pairs)
    condition = {"StringEquals": {"kms:EncryptionContext:desk": "JFK"}}
    may = user(aws, "ann", S3, statement("kms:Decrypt", Condition=condition))
    assert read(may("s3"), bucket) == BODY
    with refused("InvalidArgument", "Base64"):
        put(aws, bucket, key, SSEKMSEncryptionContext="{}")
