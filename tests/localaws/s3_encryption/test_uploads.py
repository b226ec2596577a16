"""Amazon S3: uploads in parts, and copies, under keys of KMS."""

import io
import os
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from localaws.daemon import Connection
from tests.localaws.kms.face import Aws, new_key, refused, statement, user

MIB = 2**20
BODY = b"passenger: Reggie Washington, passport 340020013"


def under(key: str) -> dict[str, Any]:
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}


def test_a_large_file_goes_up_and_down_in_parts(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    s3, key = aws("s3"), new_key(aws)
    body = os.urandom(64) * (5 * MIB // 64) + b"passenger: the end"
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    s3.upload_fileobj(
        io.BytesIO(body), bucket, "big", ExtraArgs=under(key), Config=parts
    )
    head = s3.head_object(Bucket=bucket, Key="big")
    assert head["ContentLength"] == len(body)
    assert (head["SSEKMSKeyId"], head["ETag"][-3:]) == (key, '-2"')
    found = io.BytesIO()
    s3.download_fileobj(bucket, "big", found, Config=parts)
    assert found.getvalue() == body
    middle = s3.get_object(
        Bucket=bucket, Key="big", Range=f"bytes={5 * MIB - 8}-{5 * MIB + 7}"
    )
    assert middle["Body"].read() == body[5 * MIB - 8 : 5 * MIB + 8]
    journal = (Path(endpoint.home) / "journal").read_bytes()
    assert body[:64] not in journal
    assert b"passenger: the end" not in journal


def test_a_part_that_is_sent_again_counts(aws: Aws, bucket: str) -> None:
    s3, where = aws("s3"), {"Bucket": bucket, "Key": "a"}
    upload = s3.create_multipart_upload(**where, **under(new_key(aws)))
    one = {**where, "UploadId": upload["UploadId"], "PartNumber": 1}
    s3.upload_part(**one, Body=b"wrong, and longer")
    part = s3.upload_part(**one, Body=BODY)
    assert part["ServerSideEncryption"] == "aws:kms"
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    del one["PartNumber"]
    done = s3.complete_multipart_upload(**one, MultipartUpload=parts)
    assert done["ServerSideEncryption"] == "aws:kms"
    assert s3.get_object(**where)["Body"].read() == BODY


def test_an_upload_stays_as_it_was_begun(aws: Aws, bucket: str) -> None:
    s3, where = aws("s3"), {"Bucket": bucket, "Key": "a"}
    begun = s3.create_multipart_upload(**where, Metadata={"a_b": "1"})
    assert begun["ServerSideEncryption"] == "AES256"
    one = {**where, "UploadId": begun["UploadId"]}
    part = s3.upload_part(**one, PartNumber=1, Body=BODY)
    applied = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": new_key(aws)}
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": applied}]
        },
    )
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**one, MultipartUpload=parts)
    found = s3.get_object(**where)
    assert found["ServerSideEncryption"] == "AES256"
    assert (found["Body"].read(), found["Metadata"]) == (BODY, {"a_b": "1"})


def test_an_upload_that_is_given_up(aws: Aws, bucket: str) -> None:
    s3, where = aws("s3"), {"Bucket": bucket, "Key": "a"}
    upload = s3.create_multipart_upload(**where, **under(new_key(aws)))
    one = {**where, "UploadId": upload["UploadId"]}
    s3.upload_part(**one, PartNumber=1, Body=BODY)
    s3.abort_multipart_upload(**one)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_parts_need_the_key_too(aws: Aws, bucket: str) -> None:
    key = new_key(aws)
    may = [statement("s3:*"), statement("kms:GenerateDataKey")]
    s3, where = user(aws, "ann", *may)("s3"), {"Bucket": bucket, "Key": "a"}
    upload = s3.create_multipart_upload(**where, **under(key))["UploadId"]
    with refused("AccessDenied", "kms:Decrypt"):
        s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=BODY)
    with refused("AccessDenied", "kms:GenerateDataKey"):
        user(aws, "bob", statement("s3:*"))("s3").create_multipart_upload(
            **where, **under(key)
        )


@pytest.mark.parametrize("source", ["open", "sealed"])
@pytest.mark.parametrize("target", ["open", "sealed"])
def test_copies_between_keys(aws: Aws, bucket: str, source: str, target: str) -> None:
    s3, key = aws("s3"), new_key(aws)
    how = {"open": {}, "sealed": under(new_key(aws))}[source]
    s3.put_object(
        Bucket=bucket,
        Key="a",
        Body=BODY,
        Metadata={"my_desk": "JFK"},
        ContentType="text/csv",
        Tagging="team=desk&day=1",
        **how,
    )
    more = {"open": {"ServerSideEncryption": "AES256"}, "sealed": under(key)}[target]
    made = s3.copy_object(
        Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a"}, **more
    )
    assert made["ServerSideEncryption"] == more["ServerSideEncryption"]
    found = s3.get_object(Bucket=bucket, Key="b")
    assert found["Body"].read() == BODY
    assert found["ETag"] == made["CopyObjectResult"]["ETag"]
    assert found.get("SSEKMSKeyId") == more.get("SSEKMSKeyId")
    assert found["Metadata"] == {"my_desk": "JFK"}
    assert found["ContentType"] == "text/csv"
    tags = s3.get_object_tagging(Bucket=bucket, Key="b")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"team": "desk", "day": "1"}


def test_a_copy_with_other_metadata_and_of_a_version(aws: Aws, bucket: str) -> None:
    s3, key = aws("s3"), new_key(aws)
    s3.put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    where = {"Bucket": bucket, "Key": "a"}
    first = s3.put_object(**where, Body=b"old", Metadata={"a": "1"}, **under(key))
    s3.put_object(**where, Body=b"new", **under(key))
    source = {**where, "VersionId": first["VersionId"]}
    made = s3.copy_object(
        Bucket=bucket,
        Key="b",
        CopySource=source,
        MetadataDirective="REPLACE",
        Metadata={"b": "2"},
        **under(key),
    )
    assert made["CopySourceVersionId"] == first["VersionId"]
    found = s3.get_object(Bucket=bucket, Key="b")
    assert (found["Body"].read(), found["Metadata"]) == (b"old", {"b": "2"})
    old = s3.get_object(**where, VersionId=first["VersionId"])
    assert old["Body"].read() == b"old"
    with refused("PreconditionFailed"):
        s3.copy_object(
            Bucket=bucket, Key="c", CopySource=source, CopySourceIfMatch='"other"'
        )


def test_a_part_from_an_object(aws: Aws, bucket: str) -> None:
    s3, where = aws("s3"), {"Bucket": bucket, "Key": "b"}
    s3.put_object(Bucket=bucket, Key="a", Body=BODY, **under(new_key(aws)))
    upload = s3.create_multipart_upload(**where, **under(new_key(aws)))["UploadId"]
    part = s3.upload_part_copy(
        **where,
        UploadId=upload,
        PartNumber=1,
        CopySource={"Bucket": bucket, "Key": "a"},
        CopySourceRange="bytes=11-27",
    )["CopyPartResult"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=parts)
    assert s3.get_object(**where)["Body"].read() == BODY[11:28]


def test_a_body_that_comes_in_chunks(aws: Aws, bucket: str) -> None:
    """By https botocore sends a body with its checksum behind it."""
    sent: list[str] = []
    s3 = boto3.client("s3", endpoint_url="https://s3.us-east-1.amazonaws.com")
    s3.meta.events.register(
        "before-send.s3.PutObject",
        lambda request, **_: sent.append(str(request.headers.get("X-Amz-Trailer"))),
    )
    where = {"Bucket": bucket, "Key": "a"}
    made = s3.put_object(
        **where, Body=io.BytesIO(BODY), ContentEncoding="gzip", **under(new_key(aws))
    )
    assert "x-amz-checksum-crc32" in sent[0]
    found = s3.get_object(**where, ChecksumMode="ENABLED")
    assert (found["Body"].read(), found["ContentLength"]) == (BODY, len(BODY))
    assert found["ContentEncoding"] == "gzip"
    assert found["ChecksumCRC32"] == made["ChecksumCRC32"]
    once = Config(retries={"total_max_attempts": 1})
    with refused("BadDigest"):
        boto3.client("s3", config=once).put_object(
            **where,
            Body=BODY,
            ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==",
            **under(new_key(aws)),
        )
