"""Amazon S3: versions, multipart uploads, acceleration."""

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.kinesis_face import MEBIBYTE, Aws


def test_versions_are_kept_and_come_back(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    s3.put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    first = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="a", Body=b"2")
    marker = s3.delete_object(Bucket=bucket, Key="a")
    assert marker["DeleteMarker"]
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="a")
    old = s3.get_object(Bucket=bucket, Key="a", VersionId=first)
    assert old["Body"].read() == b"1"
    s3.delete_object(Bucket=bucket, Key="a", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"2"


def test_parts_but_the_last_have_five_mebibytes(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    sizes = {"small": (MEBIBYTE, 1), "large": (5 * MEBIBYTE, 1)}
    for key, of in sizes.items():
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        named = {"Bucket": bucket, "Key": key, "UploadId": upload}
        parts = [
            {
                "PartNumber": place,
                "ETag": s3.upload_part(**named, PartNumber=place, Body=b"x" * size)[
                    "ETag"
                ],
            }
            for place, size in enumerate(of, 1)
        ]
        whole = {"MultipartUpload": {"Parts": parts}}
        if key == "large":
            s3.complete_multipart_upload(**named, **whole)
            continue
        with pytest.raises(ClientError, match="EntityTooSmall"):
            s3.complete_multipart_upload(**named, **whole)
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [(one["Key"], one["Size"]) for one in listed] == [
        ("large", 5 * MEBIBYTE + 1)
    ]


def test_acceleration_is_a_state_of_the_bucket(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    s3.put_bucket_accelerate_configuration(
        Bucket=bucket, AccelerateConfiguration={"Status": "Enabled"}
    )
    found = s3.get_bucket_accelerate_configuration(Bucket=bucket)
    assert found["Status"] == "Enabled"


def test_a_class_that_is_none(aws: Aws, bucket: str) -> None:
    with pytest.raises(ClientError, match="InvalidStorageClass"):
        aws("s3").put_object(Bucket=bucket, Key="a", StorageClass="LUKEWARM")


def test_unfinished_uploads_are_listed_with_their_time(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    for key in ("a", "b", "b", "c"):
        s3.create_multipart_upload(Bucket=bucket, Key=key)
    first = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=2)
    assert first["Uploads"][0]["Initiated"].isoformat() == "2026-01-05T08:00:02+00:00"
    rest = s3.list_multipart_uploads(
        Bucket=bucket,
        KeyMarker=first["NextKeyMarker"],
        UploadIdMarker=first["NextUploadIdMarker"],
    )
    keys = [upload["Key"] for upload in first["Uploads"] + rest["Uploads"]]
    assert keys == ["a", "b", "b", "c"]
    chosen = s3.list_multipart_uploads(Bucket=bucket, Prefix="c")
    assert [upload["Key"] for upload in chosen["Uploads"]] == ["c"]
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.list_multipart_uploads(Bucket="none")
