"""Training jobs that fail, and what is refused before it begins."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import SKLEARN, channel
from tests.localaws.sagemaker.trained import resources

Train = Callable[..., dict[str, Any]]
GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/late"


def test_an_exception_is_the_failure_reason(train: Train) -> None:
    job = train("print('auc=0.5')\nraise ValueError('too few rows')")
    assert job["TrainingJobStatus"] == "Failed"
    reason = job["FailureReason"]
    assert reason.startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1")
    assert "ValueError: too few rows" in reason
    assert reason.endswith('\nCommand "python -- train.py", exit code: 1')
    assert "ModelArtifacts" not in job or not job["ModelArtifacts"]


def test_what_the_script_wrote_to_failure_is_the_reason(train: Train) -> None:
    job = train(
        "open('/opt/ml/output/failure', 'w').write('label is missing')\nexit(3)"
    )
    # the toolkit of the image exits with 1, whatever its script did
    assert job["FailureReason"] == "AlgorithmError: label is missing, exit code: 1"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (
            {"InputDataConfig": [channel("train", "s3://on-time-desk/none/")]},
            "ClientError: Data download failed",
        ),
        (
            {"InputDataConfig": [channel("train", "s3://no-such-bucket-here/")]},
            "NoSuchBucket",
        ),
        (
            {"OutputDataConfig": {"S3OutputPath": "s3://no-such-bucket-here/"}},
            "Artifact upload failed",
        ),
        (
            {
                "HyperParameters": {
                    "sagemaker_program": "other.py",
                    "sagemaker_submit_directory": "s3://on-time-desk/job.tar.gz",
                }
            },
            "'other.py' is not in the source directory, which holds train.py",
        ),
        (
            {
                "HyperParameters": {
                    "sagemaker_program": "train.py",
                    "sagemaker_submit_directory": "s3://on-time-desk/train/a.csv",
                }
            },
            "AlgorithmError: s3://on-time-desk/train/a.csv",
        ),
    ],
)
def test_what_is_missing_fails_the_job(
    train: Train, members: dict[str, Any], reason: str
) -> None:
    job = train("open('/opt/ml/model/m', 'w').write('1')", **members)
    assert job["TrainingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_a_hanging_job_is_stopped_at_its_maximum(train: Train) -> None:
    job = train(
        "import time\ntime.sleep(60)", StoppingCondition={"MaxRuntimeInSeconds": 1}
    )
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == (
        "Stopped",
        "MaxRuntimeExceeded",
    )


def test_a_job_that_fills_its_disk_fails(train: Train) -> None:
    job = train(
        "import os\n"
        "for number in range(3):\n"
        "    file = open(f'/opt/ml/model/{number}', 'wb')\n"
        "    os.posix_fallocate(file.fileno(), 0, 600 * 2**20)\n"
        "import time\ntime.sleep(60)"
    )
    assert job["TrainingJobStatus"] == "Failed"
    assert "VolumeSizeInGB" in job["FailureReason"]


def test_a_job_that_floods_its_log_fails(train: Train) -> None:
    job = train("while True: print('x' * 100_000)")
    assert job["TrainingJobStatus"] == "Failed"
    assert "16 MiB or 100,000 lines of log" in job["FailureReason"]


def test_a_job_that_needs_more_memory_than_its_machine_fails(train: Train) -> None:
    job = train(
        "import time\nkept = []\nfor _ in range(90):\n"
        "    kept.append(b'x' * (64 * 2**20))\n    time.sleep(0.01)\n"
        "time.sleep(60)",
        ResourceConfig={
            "InstanceType": "ml.t3.medium",
            "InstanceCount": 1,
            "VolumeSizeInGB": 1,
        },
    )
    assert job["TrainingJobStatus"] == "Failed"
    assert "OutOfMemory" in job["FailureReason"]


def test_a_job_that_dies_fails(train: Train) -> None:
    job = train("import os\nos.kill(os.getpid(), 9)")
    assert job["TrainingJobStatus"] == "Failed"
    assert "ExitCode -9" in job["FailureReason"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ModelPackageConfig": {"ModelPackageGroupArn": GROUP}}, "ModelPackageConfig"),
        ({"VpcConfig": {"Subnets": ["s"], "SecurityGroupIds": ["g"]}}, "VpcConfig"),
        ({"ResourceConfig": resources(9)}, "InstanceCount=9"),
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": "1.dkr.ecr.us-east-1.amazonaws.com/mine:1",
                    "TrainingInputMode": "File",
                }
            },
            "mine:1",
        ),
        (
            {
                "EnableInterContainerTrafficEncryption": True,
                "ResourceConfig": resources(2),
            },
            "EnableInterContainerTrafficEncryption=True with 2 instances",
        ),
        (
            {"EnableNetworkIsolation": True, "ResourceConfig": resources(2)},
            "EnableNetworkIsolation=True",
        ),
        (
            {"ResourceConfig": {**resources(1), "KeepAlivePeriodInSeconds": 60}},
            "KeepAlivePeriodInSeconds=60",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": SKLEARN,
                    "TrainingInputMode": "Pipe",
                }
            },
            "TrainingInputMode='Pipe'",
        ),
    ],
)
def test_what_does_not_act_is_refused_by_name(
    start: Train, members: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        start("print()", **members)
    assert caught.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert not boto3.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
