"""F11, F12, F16: nothing is left of jobs and endpoints five seconds after a stop."""

import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

import boto3
import psutil
import pytest
from botocore.exceptions import ClientError

from localaws import daemon
from localaws.home import Connection, Home
from tests.localaws.faults import children
from tests.localaws.faults.families import TRAINING, Families, machine
from tests.localaws.sagemaker import hosted
from tests.localaws.sagemaker.conftest import ended, wait

FAMILIES = ("training", "processing", "transform", "endpoint", "tuning")
HANGS = f"""{children.SOURCE}
def model_fn(folder):
    tell("deaf")
    if os.environ["WHERE"] == "model_fn":
        os.mkdir(f"{{FOLDER}}/deaf.ready")
        stay()

def transform_fn(model, data, content_type, accept):
    os.mkdir(f"{{FOLDER}}/deaf.ready")
    stay()
"""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs subreapers")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_stop_leaves_none_of_six_stubborn_processes(
    family: str, families: Families, folder: Path
) -> None:
    """F11, F12: by the operation that stops a family's work."""
    families.start(family, folder)
    children.wait(folder)
    assert len(children.pids(folder, "many")) == 301
    families.stop(family)
    children.check_none_left(folder)
    if family != "endpoint":
        assert after(families, family) == "Stopped"


def after(families: Families, family: str) -> str:
    """Return the status of a job that stops, once it has."""
    found = wait(lambda: {"status": families.status(family)}, "status", "Stopping")
    return str(found["status"])


LATE = pytest.mark.nightly(reason="SIGTERM here; each signal in test_daemon.py")


@pytest.mark.parametrize(
    "how",
    [
        "stop",
        "SIGTERM",
        pytest.param("SIGINT", marks=LATE),
        pytest.param("SIGHUP", marks=LATE),
    ],
)
def test_the_end_of_the_endpoint_leaves_nothing(
    how: str, own: Connection, own_families: Families, tmp_path: Path
) -> None:
    """F12, F16: by `localaws stop` and by signals, with work of all families."""
    folders = {family: tmp_path / family for family in FAMILIES}
    for family, folder in folders.items():
        folder.mkdir()
        own_families.start(family, folder, many=30)
    for family, folder in folders.items():
        # four jobs run at once: of the trials, the first one
        children.wait(folder, *(["deaf", "daemon"] if family == "tuning" else []))
    keeper = [child.pid for child in psutil.Process(own.pid).children()]
    if how == "stop":
        own.control("POST", "stop")
    else:
        os.kill(own.pid, getattr(signal, how))
    children.check_none_left(*folders.values(), others=[own.pid, *keeper])
    # the first thread of a process is gone a moment before its files are closed
    wait(lambda: {"held": Home(Path(own.home)).held()}, "held", True)
    assert daemon.find() is None


def hang(families: Families, folder: Path, where: str) -> None:
    """Make a model that hangs."""
    variables = {"PIDS": str(folder), "WHERE": where}
    hosted.make_model("hangs", families.role, families.bucket, HANGS, variables)


def test_an_endpoint_that_hangs_in_its_answer_is_deleted(
    families: Families, folder: Path
) -> None:
    """F12: the caller gets an error, and nothing is left."""
    hang(families, folder, "predict_fn")
    hosted.deploy("e", hosted.variant("hangs"))
    refused: list[str] = []

    def ask() -> None:
        with pytest.raises(ClientError) as caught:
            hosted.ask("e")
        refused.append(caught.value.response["Error"]["Code"])

    asking = threading.Thread(target=ask)
    asking.start()
    children.wait(folder, "deaf")
    boto3.client("sagemaker").delete_endpoint(EndpointName="e")
    children.check_none_left(folder)
    asking.join(60)
    # a client asks again, when there is no endpoint any more
    assert refused in (["ModelError"], ["ValidationError"])


def test_an_endpoint_that_hangs_while_it_loads_ends_with_a_reset(
    endpoint: Connection, families: Families, folder: Path
) -> None:
    """F12: AWS deletes no endpoint that is being created; a reset ends it."""
    hang(families, folder, "model_fn")
    hosted.configure("e", hosted.variant("hangs"))
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="e")
    children.wait(folder, "deaf")
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.delete_endpoint(EndpointName="e")
    endpoint.control("POST", "reset")
    children.check_none_left(folder)
    assert not sagemaker.list_endpoints()["Endpoints"]


def test_a_transform_job_that_hangs_while_it_loads_is_stopped(
    families: Families, folder: Path
) -> None:
    """F12: StopTransformJob does not wait for the model."""
    hang(families, folder, "model_fn")
    sagemaker = boto3.client("sagemaker")
    boto3.client("s3").put_object(Bucket=families.bucket, Key="in/a", Body=b"1")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{families.bucket}/in/"}
    sagemaker.create_transform_job(
        TransformJobName="transform",
        ModelName="hangs",
        TransformInput={"DataSource": {"S3DataSource": source}},
        TransformOutput={"S3OutputPath": f"s3://{families.bucket}/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    children.wait(folder, "deaf")
    families.stop("transform")
    children.check_none_left(folder)
    assert after(families, "transform") == "Stopped"


@pytest.mark.parametrize("seed", range(4))
def test_a_stop_at_a_random_time(
    seed: int, endpoint: Connection, families: Families
) -> None:
    """F11: before the start or while it runs; twice; of an unknown name."""
    dice = random.Random(seed)
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_training_job(
        TrainingJobName="job",
        AlgorithmSpecification={
            **TRAINING,
            "ContainerEntrypoint": ["/bin/sh", "-c"],
            "ContainerArguments": ["trap '' TERM; sleep 600 & sleep 600"],
        },
        **{**families.definition({}), "ResourceConfig": machine(2)},
    )
    time.sleep(dice.random() ** 3)
    sagemaker.stop_training_job(TrainingJobName="job")
    with pytest.raises(ClientError, match="in status Stop") as caught:
        sagemaker.stop_training_job(TrainingJobName="job")
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    job = ended("job")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped",) * 2
    (keeper,) = psutil.Process(endpoint.pid).children()
    assert not keeper.children()
    with pytest.raises(ClientError, match="Requested resource not found"):
        sagemaker.stop_training_job(TrainingJobName="other")


def test_a_job_that_hangs_and_is_deaf_ends_at_its_maximum(
    families: Families, folder: Path
) -> None:
    """F8: nothing is left once the job has ended."""
    variables = {"PIDS": str(folder), "MANY": "20"}
    boto3.client("sagemaker").create_training_job(
        TrainingJobName="job",
        AlgorithmSpecification=TRAINING,
        HyperParameters=families.code(children.JOB),
        **{
            **families.definition(variables),
            "StoppingCondition": {"MaxRuntimeInSeconds": 2},
        },
    )
    job = ended("job")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == (
        "Stopped",
        "MaxRuntimeExceeded",
    )
    assert children.left(folder) == {}
