"""What jobs and endpoints are made of: images, scripts, archives."""

import io
import tarfile
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"


def archive(**files: str) -> bytes:
    """Return a tar.gz of text files; `inference_py` is `inference.py`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("_py", ".py"))
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def wait(describe: Callable[[], dict[str, Any]], status: str, *while_: str) -> Any:
    """Poll until a status is none of those, and return the description."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = describe()
        if found[status] not in while_:
            return found
        time.sleep(0.02)
    raise AssertionError(f"still {found[status]} after 60 s")


@pytest.fixture
def full(role: str) -> str:
    """A role with the permissions that the SDK asks for."""
    boto3.client("iam").attach_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
    )
    return role


@pytest.fixture
def train(
    aws: Callable[[str], Any], role: str, bucket: str
) -> Callable[..., dict[str, Any]]:
    """Run a training job to its end: `train("print(1)", name=..., **members)`."""
    start = _starter(aws, role, bucket)

    def run(script: str, name: str = "job", **members: Any) -> dict[str, Any]:
        start(script, name, **members)
        return ended(name)

    return run


@pytest.fixture
def start(
    aws: Callable[[str], Any], role: str, bucket: str
) -> Callable[..., dict[str, Any]]:
    """Start a training job and return its input."""
    return _starter(aws, role, bucket)


def ended(name: str) -> dict[str, Any]:
    """Wait for a training job's end and return its description."""
    sagemaker = boto3.client("sagemaker")
    return wait(
        lambda: sagemaker.describe_training_job(TrainingJobName=name),
        "TrainingJobStatus",
        "InProgress",
        "Stopping",
    )


def _starter(
    aws: Callable[[str], Any], role: str, bucket: str
) -> Callable[..., dict[str, Any]]:
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key="train/a.csv", Body=b"1,2\n3,4\n")

    def start(script: str, name: str = "job", **members: Any) -> dict[str, Any]:
        s3.put_object(
            Bucket=bucket, Key=f"{name}.tar.gz", Body=archive(train_py=script)
        )
        request = {
            "TrainingJobName": name,
            "AlgorithmSpecification": {
                "TrainingImage": SKLEARN,
                "TrainingInputMode": "File",
                "MetricDefinitions": [
                    {"Name": "validation:auc", "Regex": "auc=([0-9.]+)"}
                ],
            },
            "RoleArn": role,
            "HyperParameters": {
                "sagemaker_program": "train.py",
                "sagemaker_submit_directory": f"s3://{bucket}/{name}.tar.gz",
            },
            "InputDataConfig": [channel("train", f"s3://{bucket}/train/")],
            "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/models/"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            **members,
        }
        aws("sagemaker").create_training_job(**request)
        return request

    return start


def channel(name: str, uri: str, **more: Any) -> dict[str, Any]:
    """Return one input channel from a prefix."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, **more}
