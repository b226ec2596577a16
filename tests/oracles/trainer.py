"""One training script, run by a job of the endpoint and by `sagemaker-training`."""

import io
import json
import os
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.localaws.sagemaker.conftest import SKLEARN, archive, channel
from tests.oracles import toolkits

BUCKET = "on-time-desk"
SOURCE = f"s3://{BUCKET}/job.tar.gz"
# What `input/config` holds for a job of `job`, but its own hyperparameters.
CONFIG = {
    "hyperparameters.json": {
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": SOURCE,
    },
    "inputdataconfig.json": {
        "train": {
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        }
    },
    "resourceconfig.json": {
        "current_host": "algo-1",
        "current_instance_type": "ml.m5.large",
        "current_group_name": "homogeneousCluster",
        "hosts": ["algo-1"],
        "instance_groups": [
            {
                "instance_group_name": "homogeneousCluster",
                "instance_type": "ml.m5.large",
                "hosts": ["algo-1"],
            }
        ],
        "network_interface_name": "eth0",
    },
}
# What a script of the tests begins with: it leaves all that it can see in its model.
SEES = """
import json, os, pathlib, sys

config = pathlib.Path(os.environ["SM_INPUT_CONFIG_DIR"])
seen = {
    "argv": sys.argv[1:], "cwd": os.getcwd(), "path": sys.path[0], "name": __name__,
    "env": dict(os.environ),
    "config": {path.name: json.loads(path.read_text()) for path in config.iterdir()},
}
pathlib.Path(os.environ["SM_MODEL_DIR"], "seen.json").write_text(json.dumps(seen))
"""


# Unbuffered, the toolkit would cut the lines of a traceback where they were written.
_SHUT = ("HTTP_PROXY", "HTTPS_PROXY", "PYTHONUNBUFFERED")


@dataclass(frozen=True)
class End:
    """How a run ended.

    Attributes:
        reason: the FailureReason, or the text of `output/failure`; empty if there is
            none.
        code: exit code of the toolkit; None of a job, whose reason tells it.
        seen: what `SEES` left, its folder spelled `/opt/ml`.
    """

    reason: str
    code: int | None
    seen: dict[str, Any]


def binaries() -> str:
    """PATH of a container, in which `python` is this environment's."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


def submit(
    role: str, files: dict[str, str], given: dict[str, str], image: str = SKLEARN
) -> None:
    """Start a training job of the source `files`, with hyperparameters."""
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key="job.tar.gz", Body=archive(**files))
    s3.put_object(Bucket=BUCKET, Key="train/a.csv", Body=b"1,2\n")
    boto3.client("sagemaker").create_training_job(
        TrainingJobName="job",
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        RoleArn=role,
        HyperParameters={**CONFIG["hyperparameters.json"], **given},
        InputDataConfig=[channel("train", f"s3://{BUCKET}/train/")],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/models/"},
        ResourceConfig={
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 1,
        },
        StoppingCondition={"MaxRuntimeInSeconds": 240},
    )


def finish() -> End:
    """Wait for the job's end; building a package takes its time on a busy machine."""
    sagemaker = boto3.client("sagemaker")
    end = time.monotonic() + 240
    found = {"TrainingJobStatus": "InProgress"}
    while found["TrainingJobStatus"] in ("InProgress", "Stopping"):
        assert time.monotonic() < end
        time.sleep(0.05)
        found = sagemaker.describe_training_job(TrainingJobName="job")
    seen = model(found).get("seen.json")
    reason = found.get("FailureReason", "")
    return End(reason, None, _published(seen.decode()) if seen else {})


def model(found: dict[str, Any]) -> dict[str, bytes]:
    """What a job left in its model: names and contents."""
    uri = found.get("ModelArtifacts", {}).get("S3ModelArtifacts")
    if not uri:
        return {}
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        files = [member for member in tar.getmembers() if member.isfile()]
        return {member.name: tar.extractfile(member).read() for member in files}


def _published(text: str) -> dict[str, Any]:
    own = json.loads(text)["env"]["SM_MODEL_DIR"].removesuffix("/model")
    return json.loads(text.replace(own, "/opt/ml"))


def start(base: Path, config: dict[str, Any], **more: str) -> subprocess.Popen[str]:
    """Start the toolkit's own entry point on a tree like `/opt/ml`.

    Args:
        base: plays `/opt/ml`; made here.
        config: contents of `input/config`.
        more: further variables.
    """
    folder = base / "input" / "config"
    folder.mkdir(parents=True)
    for name in ("model", "output/data", "input/data/train"):
        (base / name).mkdir(parents=True)
    for name in CONFIG:
        text = json.dumps(config[name]).replace("/opt/ml", str(base))
        (folder / name).write_text(text)
    env = {
        **{name: os.environ[name] for name in os.environ if name not in _SHUT},
        "PYTHONPATH": toolkits.path(),
        "SAGEMAKER_BASE_DIR": str(base),
        "S3_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
        "AWS_REGION": os.environ["AWS_DEFAULT_REGION"],
        # no host has a name here, so it must not wait for them
        "SM_STUDIO_LOCAL_MODE": "true",
        "TRAINING_JOB_NAME": "job",
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "sagemaker_training.cli.train"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def toolkit(base: Path, config: dict[str, Any], **more: str) -> End:
    """Run the toolkit to its end."""
    process = start(base, config, **more)
    output, _ = process.communicate(timeout=240)
    failure, left = base / "output" / "failure", base / "model" / "seen.json"
    reason = failure.read_text() if failure.exists() else ""
    assert process.returncode == 0 or reason, output
    return End(
        reason.replace(str(base), "/opt/ml").replace(sys.executable, "python"),
        process.returncode,
        _published(left.read_text()) if left.exists() else {},
    )
