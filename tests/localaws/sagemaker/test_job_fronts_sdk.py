"""What goes wrong with jobs, by the classes that the SDK has in front of them."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.desk import ROLE
from tests.localaws.sagemaker.family import untrust
from tests.localaws.sagemaker.fronts import Front, by_front, by_naming_front
from tests.localaws.sagemaker.racing import WON, race

pytestmark = [
    pytest.mark.usefixtures("full", "bucket"),
    pytest.mark.filterwarnings("ignore"),
]
ATTEMPTS = 2


@by_front
@pytest.mark.parametrize("kind", ["fails", "empty"])
def test_waiting_raises_the_failure(front: Front, kind: str, tmp_path: Path) -> None:
    from sagemaker.core.utils.exceptions import FailedStatusError

    started = front.prepare(kind, "job", tmp_path)()
    reason = front.ended(started)["FailureReason"]
    begins = front.fails if kind == "fails" else front.family.reasons[kind]
    assert reason.startswith(begins)
    with pytest.raises(FailedStatusError) as caught:
        started.wait()
    noun = front.family.noun
    assert str(caught.value) == (
        f"Encountered unexpected failed state while waiting for {noun}. "
        f"Final Resource State: Failed. Failure Reason: {reason}"
    )


@by_front
@pytest.mark.parametrize("trusted", [None, "ec2.amazonaws.com"])
def test_the_role_must_be_there_and_trust_sagemaker(
    front: Front, trusted: str | None, tmp_path: Path
) -> None:
    start = front.prepare("quick", "job", tmp_path)
    untrust(trusted)
    with pytest.raises(ClientError, match=f"Could not assume role {ROLE}") as caught:
        start()
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@by_front
def test_stop_while_it_starts_and_after_its_end(front: Front, tmp_path: Path) -> None:
    started = front.prepare("hangs", "job", tmp_path)()
    started.stop()
    assert "FailureReason" not in front.ended(started)
    started.wait()
    assert getattr(started.job, f"{front.family.stem}_status") == "Stopped"
    with pytest.raises(ClientError, match=r"is in status Stopped\.") as caught:
        started.stop()
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@by_naming_front
def test_a_name_of_the_wrong_form_is_refused(front: Front, tmp_path: Path) -> None:
    start = front.prepare("quick", "late_flights", tmp_path)
    with pytest.raises(ClientError, match="regular expression pattern") as caught:
        start()
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert "late_flights" in str(caught.value)


@by_naming_front
def test_one_name_is_given_once(front: Front, tmp_path: Path) -> None:
    starts = []
    for number in range(ATTEMPTS):
        (tmp_path / str(number)).mkdir()
        starts.append(front.prepare("quick", "job", tmp_path / str(number)))
    pending = iter(starts)
    outcomes = race(lambda: next(pending)(), ATTEMPTS)
    assert outcomes == ["ResourceInUse"] * (ATTEMPTS - 1) + [WON]
    with pytest.raises(ClientError, match=front.family.taken) as caught:
        starts[0]()
    assert caught.value.response["Error"]["Code"] == "ResourceInUse"
