"""Processing jobs that fail, and what is refused before it begins."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import SKLEARN
from tests.localaws.sagemaker.processed import (
    BASE,
    instances,
    keys,
    messages,
    process,
    result,
    source,
    start,
)

pytestmark = pytest.mark.usefixtures("role", "bucket")


def test_one_failing_instance_fails_the_job() -> None:
    job = process(
        "import json, sys, time\n"
        "told = json.load(open('/opt/ml/config/resourceconfig.json'))\n"
        "sys.exit(7) if told['current_host'] == 'algo-2' else time.sleep(60)",
        ProcessingResources=instances(2),
    )
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: , exit code: 7"


def test_an_exception_fails_the_job_and_the_log_tells_it() -> None:
    job = process(
        "open('/opt/ml/output/message', 'w').write('no rows')\n"
        f"open('{BASE}/output/clean/half.csv', 'w').write('1')\n"
        "raise ValueError('too few rows')"
    )
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: , exit code: 1"
    assert job["ExitMessage"] == "no rows"
    said = messages("job")
    assert "ValueError: too few rows" in said
    assert any(f'"{BASE}/input/code/clean.py", line 3' in line for line in said)
    assert not keys("clean/")


def test_pip_fetches_nothing() -> None:
    job = process(
        "import subprocess, sys\n"
        "pip = [sys.executable, '-m', 'pip', 'install']\n"
        "subprocess.run([*pip, 'numpy'], check=True)\n"
        "subprocess.run([*pip, 'no-such-distribution'], check=True)"
    )
    assert job["FailureReason"] == "AlgorithmError: , exit code: 1"
    said = "\n".join(messages("job"))
    assert "Requirement already satisfied: numpy" in said
    assert "No matching distribution found for no-such-distribution" in said


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (
            {"ProcessingInputs": [source("none/", "code")]},
            "ClientError: Data download failed",
        ),
        (
            {"ProcessingInputs": [source("a/", "code", bucket="no-such-bucket-here")]},
            "NoSuchBucket",
        ),
        (
            {
                "ProcessingOutputConfig": {
                    "Outputs": [result("clean", bucket="no-such-bucket-here")]
                }
            },
            "ClientError: Artifact upload failed",
        ),
        (
            {
                "AppSpecification": {
                    "ImageUri": SKLEARN,
                    "ContainerEntrypoint": ["python3", f"{BASE}/input/code/other.py"],
                }
            },
            "AlgorithmError: , exit code: 2",
        ),
    ],
)
def test_what_is_missing_fails_the_job(members: dict[str, Any], reason: str) -> None:
    job = process(f"open('{BASE}/output/clean/a', 'w').write('1')", **members)
    assert job["ProcessingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_a_hanging_job_is_stopped_at_its_maximum() -> None:
    job = process(
        "import time\ntime.sleep(60)", StoppingCondition={"MaxRuntimeInSeconds": 1}
    )
    assert job["ProcessingJobStatus"] == "Stopped"


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        (
            {"AppSpecification": {"ImageUri": SKLEARN}},
            "NotImplementedInLocalEndpoint",
            "no AppSpecification.ContainerEntrypoint",
        ),
        (
            {
                "NetworkConfig": {
                    "VpcConfig": {"Subnets": ["s"], "SecurityGroupIds": ["g"]}
                }
            },
            "NotImplementedInLocalEndpoint",
            "VpcConfig",
        ),
        (
            {
                "NetworkConfig": {"EnableInterContainerTrafficEncryption": True},
                "ProcessingResources": instances(2),
            },
            "NotImplementedInLocalEndpoint",
            "EnableInterContainerTrafficEncryption",
        ),
        (
            {
                "NetworkConfig": {"EnableNetworkIsolation": True},
                "ProcessingResources": instances(2),
            },
            "NotImplementedInLocalEndpoint",
            "EnableNetworkIsolation",
        ),
        (
            {"ProcessingInputs": [source("a/", "code", S3InputMode="Pipe")]},
            "NotImplementedInLocalEndpoint",
            "S3InputMode='Pipe'",
        ),
        (
            {"ProcessingInputs": [source("a/", "code", LocalPath="/opt/ml/data")]},
            "ValidationException",
            "must begin with /opt/ml/processing/",
        ),
        (
            {
                "ProcessingInputs": [
                    source("a/", "code"),
                    source("b/", "code"),
                ]
            },
            "ValidationException",
            "InputName must be unique",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    members: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        start("print()", **members)
    assert caught.value.response["Error"]["Code"] == code
    assert not boto3.client("sagemaker").list_processing_jobs()[
        "ProcessingJobSummaries"
    ]
