"""Batch Transform that fails, stops, or is refused before it begins."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import archive, wait
from tests.localaws.sagemaker.desk import BUCKET
from tests.localaws.sagemaker.transformed import (
    GROUP,
    begin,
    ended,
    make_model,
    output,
    said,
    transform,
)

pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture
def model(role: str, bucket: str) -> None:
    """A model whose script adds up."""
    make_model()


def test_a_bad_record_fails_its_object_alone() -> None:
    job = transform(
        {"bad.csv": b"1,2\nx,y\n5,6", "good.csv": b"1,2"},
        BatchStrategy="SingleRecord",
        ModelClientConfig={"InvocationsMaxRetries": 1},
    )
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert output() == {"good.csv.out": "3.0"}
    lines = "\n".join(said("data-log"))
    assert "in/bad.csv: Bad HTTP status received from algorithm: 500" in lines
    assert "could not convert string to float" in lines
    assert sum("'x,y'" in line and "asked" in line for line in said()) == 2


def test_a_model_that_does_not_load_fails_the_job() -> None:
    code = archive(model_txt="", code__inference_py="raise ValueError('no model')")
    boto3.client("s3").put_object(Bucket=BUCKET, Key="model.tar.gz", Body=code)
    job = transform({"a.csv": b"1,2"})
    assert job["TransformJobStatus"] == "Failed"
    assert "ping health check" in job["FailureReason"]
    assert "no model" in job["FailureReason"]


def test_a_prefix_without_objects_fails_the_job() -> None:
    job = transform({})
    assert "ClientError: Data download failed:No S3 objects" in job["FailureReason"]
    assert "TransformStartTime" not in job
    job = transform(
        {"a.csv": b"1,2"}, "there", Output={"S3OutputPath": "s3://no-such-bucket-x/"}
    )
    assert "upload failed" in job["FailureReason"]


def test_a_slow_answer_is_given_up() -> None:
    job = transform(
        {"a.csv": b"slow"},
        ModelClientConfig={
            "InvocationsTimeoutInSeconds": 1,
            "InvocationsMaxRetries": 0,
        },
    )
    assert job["TransformJobStatus"] == "Failed"
    assert "Unable to get response from algorithm" in "\n".join(said("data-log"))


def test_stop_ends_the_job_without_output() -> None:
    sagemaker = boto3.client("sagemaker")
    begin({"a.csv": b"1,2\nslow"}, BatchStrategy="SingleRecord")
    wait(lambda: {"loaded": bool(loaded())}, "loaded", False)
    sagemaker.stop_transform_job(TransformJobName="job")
    assert ended()["TransformJobStatus"] == "Stopped"
    assert output() == {}
    with pytest.raises(ClientError, match="in status Stopped"):
        sagemaker.stop_transform_job(TransformJobName="job")


def loaded() -> list[str]:
    """Return the data log; it is empty until the containers have loaded."""
    groups = boto3.client("logs").describe_log_groups(logGroupNamePrefix=GROUP)
    return said("data-log") if groups["logGroups"] else []


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ModelName": "none"}, "Could not find model"),
        ({"MaxPayloadInMB": 101}, "cannot be greater than 100"),
        ({"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}, "cannot exceed 100 MB"),
        ({"DataProcessing": {"InputFilter": "[1:]"}}, "not a supported JSONPath"),
        (
            {"DataProcessing": {"OutputFilter": "$.a[?(@.b)]"}},
            "not a supported JSONPath",
        ),
        (
            {
                "DataProcessing": {"InputFilter": "$[1:]"},
                "Input": {"ContentType": "image/png"},
            },
            "text/csv, application/json or",
        ),
        ({"Output": {"S3OutputPath": "https://x/y"}}, "pattern|not of the form"),
    ],
)
def test_wrong_input_is_refused(members: Any, message: str) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        begin({"a.csv": b"1,2"}, **members)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert not boto3.client("sagemaker").list_transform_jobs()["TransformJobSummaries"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"Input": {"SplitType": "RecordIO"}}, "SplitType='RecordIO'"),
        ({"Input": {"SplitType": "TFRecord"}}, "SplitType='TFRecord'"),
        ({"MaxPayloadInMB": 0}, "MaxPayloadInMB=0"),
        ({"DataCaptureConfig": {"DestinationS3Uri": "s3://a/b"}}, "DataCaptureConfig"),
    ],
)
def test_what_does_not_act_is_refused_by_name(members: Any, message: str) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        begin({"a.csv": b"1,2"}, **members)
    assert caught.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"
