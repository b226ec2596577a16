"""Data capture: requests and answers in S3."""

import base64
import json
import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.hosted import (
    ask,
    configure,
    deploy,
    make_model,
    serverless,
    variant,
)


def captured(bucket: str, count: int) -> list[tuple[str, dict[str, Any]]]:
    """Wait for a number of captured requests and return them with their keys."""
    s3 = boto3.client("s3")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = []
        listed = s3.list_objects_v2(Bucket=bucket, Prefix="captured/")
        for item in listed.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            found += [(item["Key"], json.loads(line)) for line in body.splitlines()]
        if len(found) >= count:
            return found
        time.sleep(0.1)
    return found


def config(bucket: str, *modes: str, **more: Any) -> dict[str, Any]:
    """Return a `DataCaptureConfig`."""
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/captured",
        "CaptureOptions": [{"CaptureMode": mode} for mode in modes],
        **more,
    }


def test_requests_and_answers_are_json_lines_by_hour(role: str, bucket: str) -> None:
    make_model("a", role, bucket)
    kinds = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
    capture = config(bucket, "Input", "Output", CaptureContentTypeHeader=kinds)
    found = deploy("e", variant("a"), DataCaptureConfig=capture)
    assert found["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/captured",
        "KmsKeyId": "",
    }
    ask("e", b"1,2", InferenceId="flight-7", CustomAttributes="desk=4")
    ((key, record),) = captured(bucket, 1)
    folder = found["CreationTime"].strftime("captured/e/a/%Y/%m/%d/%H/")
    assert key.startswith(folder)
    assert key.endswith(".jsonl")
    assert record["captureData"] == {
        "endpointInput": {
            "observedContentType": "text/csv",
            "mode": "INPUT",
            "data": "1,2",
            "encoding": "CSV",
        },
        "endpointOutput": {
            "observedContentType": "text/csv; charset=utf-8",
            "mode": "OUTPUT",
            "data": "a",
            "encoding": "CSV",
        },
    }
    metadata = record["eventMetadata"]
    assert metadata["inferenceId"] == "flight-7"
    assert metadata["customAttributes"] == ["desk=4"]
    assert metadata["inferenceTime"].startswith("2026-01-05T08:0")
    assert len(metadata["eventId"]) == 36
    assert record["eventVersion"] == "0"


def test_what_is_no_listed_type_is_base64_and_one_side_is_enough(
    role: str, bucket: str
) -> None:
    make_model("a", role, bucket)
    deploy("e", variant("a"), DataCaptureConfig=config(bucket, "Input"))
    ask("e", b"1,2")
    boto3.client("sagemaker").delete_endpoint(EndpointName="e")
    ((_, record),) = captured(bucket, 1)
    (side,) = record["captureData"].values()
    assert side["encoding"] == "BASE64"
    assert base64.b64decode(side["data"]) == b"1,2"


def test_a_sample_is_captured_and_errors_are_not(role: str, bucket: str) -> None:
    make_model("a", role, bucket)
    capture = config(bucket, "InputAndOutput", InitialSamplingPercentage=50)
    deploy("e", variant("a"), DataCaptureConfig=capture)
    for _ in range(60):
        ask("e", b"1")
    with pytest.raises(ClientError, match="asked to fail"):
        ask("e", b"fail")
    boto3.client("sagemaker").delete_endpoint(EndpointName="e")
    found = captured(bucket, 10)
    assert 15 < len(found) < 45
    assert len({record["eventMetadata"]["eventId"] for _, record in found}) == len(
        found
    )


def test_capture_that_is_switched_off(role: str, bucket: str) -> None:
    make_model("a", role, bucket)
    capture = config(bucket, "Input", EnableCapture=False)
    deploy("e", variant("a"), DataCaptureConfig=capture)
    ask("e")
    boto3.client("sagemaker").delete_endpoint(EndpointName="e")
    assert "Contents" not in boto3.client("s3").list_objects_v2(
        Bucket=bucket, Prefix="captured/"
    )


def test_a_bucket_that_is_not_there_costs_no_answer(role: str, bucket: str) -> None:
    make_model("a", role, bucket)
    deploy("e", variant("a"), DataCaptureConfig=config("no-such-bucket", "Input"))
    assert ask("e") == "a"
    boto3.client("sagemaker").delete_endpoint(EndpointName="e")


def test_serverless_endpoints_capture_nothing(role: str, bucket: str) -> None:
    make_model("a", role, bucket)
    with pytest.raises(ClientError, match="does not support data capture"):
        configure("c", serverless("a", 1), DataCaptureConfig=config(bucket, "Input"))
