"""What goes wrong with jobs of each family, by boto3 and by the SDK's resources."""

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.callers import Boto3, Resource, by
from tests.localaws.sagemaker.desk import ROLE
from tests.localaws.sagemaker.family import FAMILIES, untrust
from tests.localaws.sagemaker.tuned import trials

pytestmark = pytest.mark.usefixtures("role", "bucket")
SCRIPT_MODE, *_, TUNING = FAMILIES


@by(Boto3, Resource)
@pytest.mark.parametrize("trusted", [None, "ec2.amazonaws.com"])
def test_the_role_must_be_there_and_trust_sagemaker(
    caller: Boto3, trusted: str | None
) -> None:
    request = caller.request()
    untrust(trusted)
    with pytest.raises(ClientError, match=f"Could not assume role {ROLE}") as caught:
        caller.create(request)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caller.names() == []


@by(Boto3, Resource)
@pytest.mark.parametrize("kind", ["fails", "empty"])
def test_a_failure_has_its_reason(caller: Boto3, kind: str) -> None:
    caller.begin(kind=kind)
    job = caller.ended()
    assert caller.status() == "Failed"
    assert job["FailureReason"].startswith(caller.family.reasons[kind])


@by(Resource)
@pytest.mark.parametrize("kind", ["fails", "empty"])
def test_waiting_for_a_resource_raises_its_failure(caller: Resource, kind: str) -> None:
    from sagemaker.core.utils.exceptions import FailedStatusError

    caller.begin(kind=kind)
    reason = caller.ended()["FailureReason"]
    job = caller.get()
    with pytest.raises(FailedStatusError) as caught:
        job.wait(poll=1)
    assert str(caught.value) == (
        "Encountered unexpected failed state while waiting for "
        f"{caller.family.noun}. Final Resource State: Failed. Failure Reason: {reason}"
    )


@by(Resource)
def test_waiting_for_a_resource_ends_in_time(caller: Resource) -> None:
    from sagemaker.core.utils.exceptions import TimeoutExceededError

    caller.begin(kind="hangs")
    job = caller.get()
    with pytest.raises(TimeoutExceededError, match="Final Resource State: InProgress"):
        job.wait(poll=1, timeout=0)
    job.stop()
    job.wait(poll=1)
    assert caller.status() == "Stopped"


@pytest.mark.parametrize("kind", ["fails", "empty"])
def test_a_tuning_job_fails_as_its_trials_do(kind: str) -> None:
    caller = Boto3(TUNING)
    caller.begin(kind=kind)
    caller.ended()
    (trial,) = trials("job")
    assert trial["FailureReason"].startswith(SCRIPT_MODE.reasons[kind])
