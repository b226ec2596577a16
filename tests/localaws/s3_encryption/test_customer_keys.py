"""Amazon S3: objects under keys that the customer sends along (SSE-C)."""

import base64
import os
from pathlib import Path
from typing import Any

import pytest

from localaws.daemon import Connection
from tests.localaws.kms.face import Aws, refused

BODY = b"passenger: Reggie Washington, passport 340020013"


@pytest.fixture
def opened(aws: Aws, bucket: str) -> str:
    """Name of a bucket that lets customers send keys."""
    block(aws, bucket, "NONE")
    return bucket


def block(aws: Aws, bucket: str, kind: str) -> None:
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BlockedEncryptionTypes": {"EncryptionType": [kind]},
    }
    aws("s3").put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def under(secret: bytes) -> dict[str, Any]:
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": secret}


def test_new_buckets_block_it(aws: Aws, bucket: str) -> None:
    s3, how = aws("s3"), under(os.urandom(32))
    with refused("AccessDenied", "BlockedEncryptionTypes"):
        s3.put_object(Bucket=bucket, Key="a", Body=BODY, **how)
    block(aws, bucket, "NONE")
    s3.put_object(Bucket=bucket, Key="a", Body=BODY, **how)
    block(aws, bucket, "SSE-C")
    found = s3.get_bucket_encryption(Bucket=bucket)
    [rule] = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["BlockedEncryptionTypes"]["EncryptionType"] == ["SSE-C"]
    with refused("AccessDenied"):
        s3.create_multipart_upload(Bucket=bucket, Key="b", **how)
    assert s3.get_object(Bucket=bucket, Key="a", **how)["Body"].read() == BODY


def test_only_the_key_opens(aws: Aws, opened: str) -> None:
    s3, where = aws("s3"), {"Bucket": opened, "Key": "a"}
    how = under(os.urandom(32))
    made = s3.put_object(**where, Body=BODY, **how)
    found = s3.get_object(**where, **how)
    for answer in (made, found, s3.head_object(**where, **how)):
        assert answer["SSECustomerAlgorithm"] == "AES256"
        assert answer["SSECustomerKeyMD5"] == made["SSECustomerKeyMD5"]
        assert "ServerSideEncryption" not in answer
    assert found["Body"].read() == BODY
    part = s3.get_object(**where, **how, Range="bytes=0-8")
    assert part["Body"].read() == BODY[:9]
    with refused("InvalidRequest", "The correct parameters must be provided"):
        s3.get_object(**where)
    with refused("AccessDenied"):
        s3.get_object(**where, **under(os.urandom(32)))
    with refused("400"):
        s3.head_object(**where)
    with refused("403"):
        s3.head_object(**where, **under(os.urandom(32)))


def test_neither_key_nor_object_lies_on_disk(
    endpoint: Connection, aws: Aws, opened: str
) -> None:
    secret = os.urandom(32)
    aws("s3").put_object(Bucket=opened, Key="a", Body=BODY, **under(secret))
    text = base64.b64encode(secret)
    for path in Path(endpoint.home).rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert not any(part in held for part in (secret, text, BODY[:9]))


def test_what_is_wrong_with_a_key(aws: Aws, opened: str) -> None:
    s3, where = aws("s3"), {"Bucket": opened, "Key": "a", "Body": BODY}
    right = under(os.urandom(32))
    with refused("InvalidArgument", "secret key was invalid"):
        s3.put_object(**where, **under(os.urandom(16)))
    text = {**right, "SSECustomerKey": base64.b64encode(os.urandom(32)).decode()}
    with refused("InvalidArgument", "MD5 hash of the key did not match"):
        s3.put_object(**where, **text, SSECustomerKeyMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    with refused("InvalidEncryptionAlgorithmError", "AES256"):
        s3.put_object(**where, **right | {"SSECustomerAlgorithm": "AES128"})
    with refused("InvalidArgument", "incompatible"):
        s3.put_object(**where, **right, ServerSideEncryption="AES256")
    s3.put_object(**where)
    with refused("InvalidRequest", "not applicable to this object"):
        s3.get_object(Bucket=opened, Key="a", **right)


def test_parts_and_copies(aws: Aws, opened: str) -> None:
    s3, how, other = aws("s3"), under(os.urandom(32)), under(os.urandom(32))
    where = {"Bucket": opened, "Key": "a"}
    upload = s3.create_multipart_upload(**where, **how)["UploadId"]
    one = {**where, "UploadId": upload, "PartNumber": 1, "Body": BODY}
    with refused("InvalidRequest", "must include the appropriate encryption"):
        s3.upload_part(**one)
    with refused("AccessDenied"):
        s3.upload_part(**one, **other)
    part = s3.upload_part(**one, **how)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=parts)
    assert s3.get_object(**where, **how)["Body"].read() == BODY
    target = {"Bucket": opened, "Key": "b", "CopySource": where}
    with refused("InvalidRequest"):
        s3.copy_object(**target, **other)
    given = {f"CopySource{name}": value for name, value in how.items()}
    s3.copy_object(**target, **other, **given)
    found = s3.get_object(Bucket=opened, Key="b", **other)
    assert found["Body"].read() == BODY
