"""The names of jobs of each family: taken, free, unknown, wrong, listed."""

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.callers import NOUNS, Boto3, Resource, by
from tests.localaws.sagemaker.racing import WON, race

pytestmark = [
    pytest.mark.usefixtures("role", "bucket"),
    by(Boto3, Resource, families=NOUNS),
]
ATTEMPTS = 6


def test_one_name_is_given_once(caller: Boto3) -> None:
    request = caller.request()
    assert caller.names() == []
    outcomes = race(lambda: caller.create(request), ATTEMPTS)
    assert outcomes == ["ResourceInUse"] * (ATTEMPTS - 1) + [WON]
    assert caller.ended()[f"{caller.family.noun}Status"] == "Completed"
    assert caller.names() == ["job"]
    with pytest.raises(ClientError, match=caller.family.taken) as caught:
        caller.create(request)
    assert caught.value.response["Error"]["Code"] == "ResourceInUse"


def test_a_name_that_nobody_has(caller: Boto3) -> None:
    code, text = caller.family.missing
    calls = [caller.status, caller.stop]
    if caller.family.removable:
        calls.append(caller.delete)
    for call in calls:
        with pytest.raises(ClientError) as caught:
            call("nobody")
        error = caught.value.response["Error"]
        assert error["Code"] == code
        assert error["Message"].startswith(text)


def test_a_name_of_the_wrong_form_is_refused(caller: Boto3) -> None:
    member = f"{caller.family.noun[0].lower()}{caller.family.noun[1:]}Name"
    for name, broken in (
        ("late_flights", "Member must satisfy regular expression pattern"),
        ("-late", "Member must satisfy regular expression pattern"),
        ("x" * (caller.family.longest + 1), "length less than or equal to"),
    ):
        with pytest.raises(ClientError, match=broken) as caught:
            caller.begin(name)
        error = caught.value.response["Error"]
        assert error["Code"] == "ValidationException"
        assert f"'{member}'" in error["Message"]
    assert caller.names() == []


def test_jobs_are_listed_filtered_sorted_and_paged(caller: Boto3) -> None:
    for name, kind in (("b-one", "quick"), ("a-two", "quick"), ("b-bad", "fails")):
        caller.begin(name, kind)
    for name in ("b-one", "a-two", "b-bad"):
        caller.ended(name)
    by_name = {"SortBy": "Name", "SortOrder": "Descending"}
    assert caller.names(**by_name) == ["b-one", "b-bad", "a-two"]
    assert caller.names(SortBy="CreationTime", SortOrder="Ascending") == [
        "b-one",
        "a-two",
        "b-bad",
    ]
    assert caller.names(NameContains="B-", **by_name) == ["b-one", "b-bad"]
    assert caller.names(NameContains="B-", StatusEquals="Completed") == ["b-one"]
    assert caller.names(StatusEquals="Failed") == ["b-bad"]


def test_a_job_is_deleted_once_it_has_ended(caller: Boto3) -> None:
    caller.begin(kind="hangs")
    if not caller.family.removable:
        with pytest.raises(AttributeError, match="delete"):
            caller.delete()
        return
    with pytest.raises(ClientError, match="stop it before you delete it") as caught:
        caller.delete()
    assert caught.value.response["Error"]["Code"] == "ResourceInUse"
    caller.stop()
    caller.ended()
    caller.delete()
    code, text = caller.family.missing
    with pytest.raises(ClientError, match=text) as caught:
        caller.status()
    assert caught.value.response["Error"]["Code"] == code
    caller.begin()
    assert caller.ended()[f"{caller.family.noun}Status"] == "Completed"
