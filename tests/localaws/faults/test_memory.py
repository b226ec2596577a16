"""The endpoint's memory stays small, and does not grow from round to round."""

import random
import sys

import boto3
import psutil
import pytest

from localaws.home import Connection
from tests.conftest import work_role
from tests.localaws.faults.families import TRAINING, Families, machine
from tests.localaws.sagemaker import hosted
from tests.localaws.sagemaker.conftest import ended

MIB = 2**20
RESETS = 4
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")


def work(dice: random.Random) -> None:
    """Put, ask, train and delete; some hundred requests."""
    made = work_role(boto3.client("iam"))
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="desk")
    families = Families(made, "desk")
    for number in range(40):
        key = f"{dice.randrange(8)}"
        s3.put_object(Bucket="desk", Key=key, Body=dice.randbytes(MIB))
        assert len(s3.get_object(Bucket="desk", Key=key)["Body"].read()) == MIB
        s3.put_object(Bucket="desk", Key=f"small/{number}", Body=b"x" * number)
    for number in range(3):
        name = f"e{number}"
        hosted.make_model(name, families.role, "desk")
        hosted.deploy(name, hosted.variant(name))
        for _ in range(10):
            assert hosted.ask(name) == name
    for number in range(3):
        name = f"job-{number}"
        boto3.client("sagemaker").create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification=TRAINING,
            HyperParameters=families.code("for n in range(300): print(n)"),
            **{**families.definition({}), "ResourceConfig": machine(1)},
        )
        assert ended(name)["TrainingJobStatus"] == "Completed"
    boto3.client("sagemaker").delete_endpoint(EndpointName="e0")


def test_memory_is_bounded(own: Connection) -> None:
    """Under 300 MB, and a third round costs no more than a few after a second."""
    process, dice = psutil.Process(own.pid), random.Random(0)
    sizes = []
    for _ in range(3):
        work(dice)
        assert process.memory_info().rss < 300 * MIB
        for _ in range(RESETS):
            own.control("POST", "reset")
        sizes.append(process.memory_info().rss / MIB)
    assert sizes[2] - sizes[1] < 8, sizes
