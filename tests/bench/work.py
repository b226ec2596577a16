"""The one piece of work: its data, its script run plainly, its training job."""

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from tests.bench.endpoint import Clients, wait_for

PROGRAM = Path(__file__).parent / "program"
IMAGE = (
    "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
)
BUCKET = "bench"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@dataclass(frozen=True)
class Training:
    """One training, however it was run: times in seconds, the model by its answers."""

    start_up: float
    wall: float
    model: str


def table(rows: int = 4000) -> str:
    """Give the data: CSV without a header, the label first."""
    rng = np.random.default_rng(13)
    columns = rng.normal(size=(rows, 8))
    label = (columns[:, 0] + columns[:, 1] ** 2 > 1).astype(int)
    text = io.StringIO()
    np.savetxt(text, np.column_stack([label, columns]), delimiter=",", fmt="%.6f")
    return text.getvalue()


def plainly(rows: str) -> Training:
    """Run the script as a process of its own, as one does at a shell."""
    with tempfile.TemporaryDirectory() as home:
        for name in ("train", "model"):
            Path(home, name).mkdir()
        Path(home, "train", "rows.csv").write_text(rows)
        folders = {
            "SM_CHANNEL_TRAIN": f"{home}/train",
            "SM_MODEL_DIR": f"{home}/model",
        }
        begun, wall = time.time(), time.perf_counter()
        script = [sys.executable, str(PROGRAM / "train.py")]
        subprocess.run(script, env=os.environ | folders, check=True)
        wall = time.perf_counter() - wall
        model = Path(home, "model", "model.joblib").read_bytes()
        times = json.loads(Path(home, "model", "times.json").read_text())
    return Training(times["imported"] - begun, wall, _answers(model))


class Jobs:
    """Training jobs of the same script on one endpoint."""

    def __init__(self, clients: Clients, rows: str) -> None:
        self.sagemaker = clients("sagemaker")
        self.runtime = clients("sagemaker-runtime")
        self.s3 = clients("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_object(Bucket=BUCKET, Key="train/rows.csv", Body=rows.encode())
        self.s3.put_object(Bucket=BUCKET, Key="code.tar.gz", Body=packed(PROGRAM))
        role = clients("iam").create_role(
            RoleName="bench", AssumeRolePolicyDocument=json.dumps(TRUST)
        )
        self.role = role["Role"]["Arn"]
        for name in ("AmazonSageMakerFullAccess", "AmazonS3FullAccess"):
            arn = f"arn:aws:iam::aws:policy/{name}"
            clients("iam").attach_role_policy(RoleName="bench", PolicyArn=arn)
        self.number = 0
        self.last: dict[str, Any] = {}

    def train(self) -> Training:
        """Run one job, from the request to the status `Completed`."""
        self.number += 1
        name = f"bench-{self.number}"
        begun, wall = time.time(), time.perf_counter()
        self.sagemaker.create_training_job(TrainingJobName=name, **self.request())
        wait_for(lambda: self._ended(name), poll=0.01)
        wall = time.perf_counter() - wall
        assert self.last["TrainingJobStatus"] == "Completed", self.last
        model, times = self._artefacts()
        return Training(
            json.loads(times)["imported"] - begun,
            wall,
            _answers(model),
        )

    def request(self) -> dict[str, Any]:
        """Give what a job is asked for, but its name."""
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/train/"}
        return {
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
            },
            "RoleArn": self.role,
            "HyperParameters": {
                "sagemaker_program": json.dumps("train.py"),
                "sagemaker_submit_directory": json.dumps(f"s3://{BUCKET}/code.tar.gz"),
            },
            "InputDataConfig": [
                {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
            ],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        }

    def model_of(self, name: str) -> str:
        """Digest the answers of the model of a job that has completed."""
        assert self._ended(name)
        return _answers(self._artefacts()[0])

    def deploy(self) -> str:
        """Serve the last model; return the endpoint's name once it is in service."""
        name = self.last["TrainingJobName"]
        container = {
            "Image": IMAGE,
            "ModelDataUrl": self.last["ModelArtifacts"]["S3ModelArtifacts"],
            "Environment": {
                "SAGEMAKER_PROGRAM": "train.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": f"s3://{BUCKET}/code.tar.gz",
            },
        }
        self.sagemaker.create_model(
            ModelName=name, PrimaryContainer=container, ExecutionRoleArn=self.role
        )
        variant = {
            "VariantName": "all",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant]
        )
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)

        def settled() -> bool:
            self.endpoint = self.sagemaker.describe_endpoint(EndpointName=name)
            return self.endpoint["EndpointStatus"] != "Creating"

        wait_for(settled, poll=0.02)
        assert self.endpoint["EndpointStatus"] == "InService", self.endpoint
        return name

    def unpack(self, folder: Path) -> None:
        """Unpack the last model into a folder."""
        with tarfile.open(fileobj=io.BytesIO(self._archive())) as archive:
            archive.extractall(folder, filter="data")

    def _ended(self, name: str) -> bool:
        self.last = self.sagemaker.describe_training_job(TrainingJobName=name)
        return self.last["TrainingJobStatus"] not in ("InProgress", "Stopping")

    def _archive(self) -> bytes:
        where = self.last["ModelArtifacts"]["S3ModelArtifacts"]
        key = where.removeprefix(f"s3://{BUCKET}/")
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def _artefacts(self) -> tuple[bytes, bytes]:
        with tarfile.open(fileobj=io.BytesIO(self._archive())) as archive:
            files = ("model.joblib", "times.json")
            model, times = (archive.extractfile(name).read() for name in files)
        return model, times


def packed(folder: Path) -> bytes:
    """Pack the scripts of a folder, as a source directory is submitted."""
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        for path in sorted(folder.glob("*.py")):
            archive.add(path, path.name)
    return body.getvalue()


def _answers(model: bytes) -> str:
    """Digest what a model predicts: its pickle depends on what else was in memory."""
    rows = np.random.default_rng(1).normal(size=(500, 8))
    predicted = joblib.load(io.BytesIO(model)).predict_proba(rows).round(9)
    return hashlib.sha256(predicted.tobytes()).hexdigest()
