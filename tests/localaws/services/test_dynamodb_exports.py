"""Amazon DynamoDB: exports to Amazon S3."""

import base64
import gzip
import hashlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.kinesis_face import Aws
from tests.localaws.services.test_dynamodb import table

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"


@pytest.fixture
def dynamodb(aws: Aws) -> Any:
    """Client of a table of two items, with recovery to a point in time."""
    client = table(aws)
    client.put_item(
        TableName="orders",
        Item={
            "id": {"S": "a"},
            "blob": {"B": b"\x00\x01"},
            "set": {"NS": ["1"]},
            "map": {"M": {"list": {"L": [{"BOOL": True}]}}},
        },
    )
    client.put_item(TableName="orders", Item={"id": {"S": "b"}})
    client.update_continuous_backups(
        TableName="orders",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    return client


def read(aws: Aws, bucket: str, key: str) -> bytes:
    return aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


def test_a_table_is_exported_with_its_manifests(
    aws: Aws, bucket: str, dynamodb: Any
) -> None:
    begun = dynamodb.export_table_to_point_in_time(
        TableArn=ARN, S3Bucket=bucket, S3Prefix="raw"
    )["ExportDescription"]
    assert begun["ExportStatus"] == "IN_PROGRESS"
    dynamodb.put_item(TableName="orders", Item={"id": {"S": "too late"}})
    found = dynamodb.describe_export(ExportArn=begun["ExportArn"])["ExportDescription"]
    assert (found["ExportStatus"], found["ItemCount"]) == ("COMPLETED", 2)
    summary = json.loads(read(aws, bucket, found["ExportManifest"]))
    assert summary["exportArn"] == begun["ExportArn"]
    assert summary["itemCount"] == 2
    folder = found["ExportManifest"].rpartition("/")[0]
    assert folder.startswith("raw/AWSDynamoDB/")
    listed = aws("s3").list_objects_v2(Bucket=bucket)["Contents"]
    names = {one["Key"].removeprefix(f"{folder}/") for one in listed}
    assert {name for name in names if not name.startswith("data/")} == {
        "_started",
        "manifest-summary.json",
        "manifest-summary.checksum",
        "manifest-files.json",
        "manifest-files.checksum",
    }
    text = read(aws, bucket, summary["manifestFilesS3Key"])
    digest = hashlib.md5(text, usedforsecurity=False).digest()
    checksum = read(aws, bucket, f"{folder}/manifest-files.checksum")
    assert base64.b64decode(checksum) == digest
    (line,) = text.splitlines()
    body = read(aws, bucket, json.loads(line)["dataFileS3Key"])
    items = [json.loads(line)["Item"] for line in gzip.decompress(body).splitlines()]
    assert {item["id"]["S"] for item in items} == {"a", "b"}
    (rich,) = [item for item in items if len(item) > 1]
    assert rich["blob"] == {"B": "AAE="}
    assert rich["map"] == {"M": {"list": {"L": [{"BOOL": True}]}}}


def test_a_token_makes_one_export(aws: Aws, bucket: str, dynamodb: Any) -> None:
    arns = {
        dynamodb.export_table_to_point_in_time(
            TableArn=ARN, S3Bucket=bucket, ClientToken="once"
        )["ExportDescription"]["ExportArn"]
        for _ in range(2)
    }
    listed = dynamodb.list_exports(TableArn=ARN)["ExportSummaries"]
    assert {export["ExportArn"] for export in listed} == arns
    assert len(arns) == 1


def test_a_bucket_that_is_missing_fails_the_export(aws: Aws, dynamodb: Any) -> None:
    begun = dynamodb.export_table_to_point_in_time(TableArn=ARN, S3Bucket="none")
    arn = begun["ExportDescription"]["ExportArn"]
    found = dynamodb.describe_export(ExportArn=arn)["ExportDescription"]
    assert (found["ExportStatus"], found["FailureCode"]) == ("FAILED", "S3NoSuchBucket")


def test_exports_need_recovery_to_a_point_in_time(aws: Aws, bucket: str) -> None:
    client = table(aws)
    with pytest.raises(client.exceptions.PointInTimeRecoveryUnavailableException):
        client.export_table_to_point_in_time(TableArn=ARN, S3Bucket=bucket)
    with pytest.raises(client.exceptions.TableNotFoundException):
        client.export_table_to_point_in_time(TableArn=f"{ARN}-no", S3Bucket=bucket)
    with pytest.raises(client.exceptions.ExportNotFoundException):
        client.describe_export(ExportArn=f"{ARN}/export/01234567890123-a1b2c3d4")
    assert "Contents" not in aws("s3").list_objects_v2(Bucket=bucket)


def test_what_does_not_act_is_refused(bucket: str, dynamodb: Any) -> None:
    with pytest.raises(ClientError, match="here only 'DYNAMODB_JSON'"):
        dynamodb.export_table_to_point_in_time(
            TableArn=ARN, S3Bucket=bucket, ExportFormat="ION"
        )
