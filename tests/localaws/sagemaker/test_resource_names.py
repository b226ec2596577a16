"""The names of resources of each kind: free, taken, unknown, wrong."""

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.kind_callers import ByBoto3, by_both
from tests.localaws.sagemaker.racing import WON, race

pytestmark = [pytest.mark.usefixtures("role", "bucket"), by_both]


def error(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    """Return code and text of an error."""
    found = caught.value.response["Error"]
    return found["Code"], found["Message"]


def settled(caller: ByBoto3) -> None:
    """Wait until a resource may be deleted."""
    if caller.kind.busy:
        wait(caller.described, f"{caller.kind.noun}Status", *caller.kind.busy)


@pytest.mark.parametrize("verb", ["look", "delete"])
def test_a_name_that_nobody_has(caller: ByBoto3, verb: str) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(caller, verb)("nobody")
    code, text = error(caught)
    assert code == caller.kind.missing[0]
    assert text.startswith(caller.kind.missing[1])


def test_one_of_many_creates_wins(caller: ByBoto3) -> None:
    caller.kind.prepare()
    outcomes = race(caller.make)
    assert sorted(outcomes) == sorted([caller.kind.taken[0]] * 4 + [WON])
    assert caller.there()
    with pytest.raises(ClientError) as caught:
        caller.make()
    code, text = error(caught)
    assert code == caller.kind.taken[0]
    assert text.startswith(caller.kind.taken[1])
    settled(caller)


def test_one_of_many_deletes_wins(caller: ByBoto3) -> None:
    caller.kind.prepare()
    caller.make()
    settled(caller)
    outcomes = race(caller.delete, times=4)
    assert outcomes.count(WON) == 1
    assert set(outcomes) <= {WON, caller.kind.missing[0], *caller.kind.deleting}
    if caller.kind.deleting:
        wait(lambda: {"there": caller.there()}, "there", True)
    assert not caller.there()
    caller.make()
    assert caller.there()
    settled(caller)


def test_a_name_of_the_wrong_form_is_refused(caller: ByBoto3) -> None:
    caller.kind.prepare()
    for name, broken in (
        ("-late", "Member must satisfy regular expression pattern"),
        ("x" * 300, "length less than or equal to"),
    ):
        with pytest.raises(ClientError, match=broken) as caught:
            caller.make(name)
        assert error(caught)[0] == "ValidationException"
        assert not caller.there(name)
