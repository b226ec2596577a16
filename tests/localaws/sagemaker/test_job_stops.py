"""A stop in each state of a job of each family."""

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.callers import Boto3, Resource, by
from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.desk import ROLE
from tests.localaws.sagemaker.kinds import MACHINE

pytestmark = [pytest.mark.usefixtures("role", "bucket"), by(Boto3, Resource)]
# as many jobs as the endpoint runs at once
SLOTS = 4
SLEEPS = {
    "ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1",
    "ContainerEntrypoint": ["sleep", "600"],
}


def refusal(caller: Boto3, name: str = "job") -> str:
    """Return the message with which a stop is refused."""
    with pytest.raises(ClientError) as caught:
        caller.stop(name)
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    return str(error["Message"])


def stopped(caller: Boto3) -> None:
    """Check that the job ends stopped and cannot be stopped again."""
    job = caller.ended()
    assert caller.status() == "Stopped"
    assert "FailureReason" not in job
    words = caller.family.words
    assert refusal(caller) == (
        f"The request was rejected because the {words} is in status Stopped."
    )


def test_before_it_has_begun(caller: Boto3) -> None:
    for number in range(SLOTS):
        boto3.client("sagemaker").create_processing_job(
            ProcessingJobName=f"first-{number}",
            AppSpecification=SLEEPS,
            ProcessingResources={"ClusterConfig": MACHINE},
            RoleArn=ROLE,
        )
    caller.begin(kind="hangs")
    assert caller.status() == "InProgress"
    caller.stop()
    stopped(caller)
    assert not caller.family.begun()


def test_while_it_starts_and_stops(caller: Boto3) -> None:
    caller.begin(kind="hangs")
    caller.stop()
    assert caller.status() in ("Stopping", "Stopped")
    assert "is in status Stop" in refusal(caller)
    stopped(caller)


def test_while_it_runs(caller: Boto3) -> None:
    caller.begin(kind="hangs")
    wait(lambda: {"begun": caller.family.begun()}, "begun", False)
    assert caller.status() == "InProgress"
    caller.stop()
    stopped(caller)


def test_after_its_end(caller: Boto3) -> None:
    ends = {"quick": "Completed", "fails": "Failed"}
    for kind in ends:
        caller.begin(kind, kind)
    for kind, end in ends.items():
        caller.ended(kind)
        assert refusal(caller, kind).endswith(f"is in status {end}.")
        assert caller.status(kind) == end
