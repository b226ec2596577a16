"""Amazon Mechanical Turk: workers who are blocked, qualified, given a bonus."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from localaws import daemon
from localaws.daemon import Connection
from tests.localaws.faults.killing import again, running
from tests.localaws.services.mturk_face import (
    TEXT,
    advance,
    assignments,
    balance,
    hit,
    refused,
    state,
    tell,
)

APPROVED, PERCENT = "00000000000000000040", "000000000000000000L0"
LOCALE, MASTERS = "00000000000000000071", "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH"
MISSING = "A2NOBODYNOBODY"


@pytest.fixture
def mturk(endpoint: Connection) -> Any:
    """A client of a marketplace with forty workers."""
    tell(endpoint, {TEXT: "delay"}, seed=3)
    return boto3.client("mturk")


def takers(mturk: Any, endpoint: Connection, **members: Any) -> set[str]:
    """Return who has taken a HIT that all forty could take."""
    name = hit(mturk, MaxAssignments=60, LifetimeInSeconds=3600, **members)
    advance(endpoint, minutes=40)
    return {one["WorkerId"] for one in assignments(mturk, name)}


def asks(kind: str, comparator: str, *values: Any) -> dict[str, Any]:
    """Return the one requirement of a HIT."""
    one: dict[str, Any] = {"QualificationTypeId": kind, "Comparator": comparator}
    if values:
        placed = isinstance(values[0], dict)
        one["LocaleValues" if placed else "IntegerValues"] = list(values)
    return {"QualificationRequirements": [one]}


def test_a_blocked_worker_takes_nothing(mturk: Any, endpoint: Connection) -> None:
    everybody = takers(mturk, endpoint)
    assert len(everybody) >= 38
    name = sorted(everybody)[0]
    mturk.create_worker_block(WorkerId=name, Reason="chose without looking")
    blocks = mturk.list_worker_blocks()["WorkerBlocks"]
    assert blocks == [{"WorkerId": name, "Reason": "chose without looking"}]
    left = takers(mturk, endpoint)
    assert name not in left and len(left) >= 37
    mturk.delete_worker_block(WorkerId=name)
    assert mturk.list_worker_blocks()["WorkerBlocks"] == []
    assert name in takers(mturk, endpoint)
    text = f"Worker {MISSING} does not exist."
    block = mturk.create_worker_block
    refused(block, "WorkerDoesNotExist", text, WorkerId=MISSING, Reason="r")


def test_a_bonus_is_paid_once_with_its_fee(mturk: Any, endpoint: Connection) -> None:
    name = hit(mturk, MaxAssignments=1)
    advance(endpoint, minutes=5)
    one = assignments(mturk, name)[0]
    bonus = {
        "WorkerId": one["WorkerId"],
        "AssignmentId": one["AssignmentId"],
        "BonusAmount": "1.5",
        "Reason": "very careful",
        "UniqueRequestToken": "b-1",
    }
    mturk.send_bonus(**bonus)
    assert balance(mturk) == ("98.14", "0.06")
    for given in ({"HITId": name}, {"AssignmentId": one["AssignmentId"]}):
        (paid,) = mturk.list_bonus_payments(**given)["BonusPayments"]
        assert (paid["BonusAmount"], paid["Reason"]) == ("1.50", "very careful")
    refused(mturk.send_bonus, "BonusPaymentAlreadyExists", "b-1", **bonus)
    more = bonus | {"UniqueRequestToken": "b-2"}
    rich = more | {"BonusAmount": "90.00"}
    refused(mturk.send_bonus, "InsufficientFunds", "insufficient funds", **rich)
    stranger = more | {"WorkerId": MISSING}
    refused(mturk.send_bonus, "WorkerDoesNotExist", MISSING, **stranger)
    refused(mturk.send_bonus, None, "more than 0", **(more | {"BonusAmount": "0"}))
    refused(mturk.list_bonus_payments, None, "Either HITId or AssignmentId")
    assert balance(mturk) == ("98.14", "0.06")


def test_own_qualifications_decide_who_accepts(
    mturk: Any, endpoint: Connection
) -> None:
    made = {"Name": "Reader", "Description": "d", "QualificationTypeStatus": "Active"}
    kind = mturk.create_qualification_type(**made)["QualificationType"]
    kind = kind["QualificationTypeId"]
    text = "You have already created a QualificationType with this name."
    create = mturk.create_qualification_type
    refused(create, "QualificationTypeAlreadyExists", text, **made)
    first, second, third, *_ = sorted(takers(mturk, endpoint))
    for worker, value in ((first, 90), (second, 60), (third, 75)):
        mturk.associate_qualification_with_worker(
            QualificationTypeId=kind,
            WorkerId=worker,
            IntegerValue=value,
            SendNotification=False,
        )
    asked = {"QualificationTypeId": kind}
    for comparator, values, expected in (
        ("GreaterThan", (75,), {first}),
        ("GreaterThanOrEqualTo", (75,), {first, third}),
        ("LessThan", (75,), {second}),
        ("LessThanOrEqualTo", (75,), {second, third}),
        ("EqualTo", (60,), {second}),
        ("In", (60, 90), {first, second}),
        ("NotIn", (60, 90), {third}),
        ("NotEqualTo", (60,), {first, third}),
        ("Exists", (), {first, second, third}),
    ):
        assert takers(mturk, endpoint, **asks(kind, comparator, *values)) == expected
    others = takers(mturk, endpoint, **asks(kind, "DoesNotExist"))
    assert not others & {first, second, third} and len(others) >= 35
    found = mturk.list_hits_for_qualification_type(**asked)["HITs"]
    assert [one["HITStatus"] for one in found] == ["Assignable"] + ["Reviewable"] * 9
    mturk.disassociate_qualification_from_worker(WorkerId=first, **asked, Reason="r")
    assert takers(mturk, endpoint, **asks(kind, "GreaterThan", 70)) == {third}
    score = mturk.get_qualification_score(WorkerId=first, **asked)["Qualification"]
    assert (score["IntegerValue"], score["Status"]) == (90, "Revoked")
    listed = mturk.list_workers_with_qualification_type(**asked)["Qualifications"]
    assert {one["WorkerId"] for one in listed} == {second, third}
    score = mturk.get_qualification_score
    text = "does not have the Qualification"
    refused(score, "QualificationDoesNotExist", text, WorkerId=MISSING, **asked)


def test_qualifications_of_the_system(mturk: Any, endpoint: Connection) -> None:
    everybody = takers(mturk, endpoint)
    careful = takers(mturk, endpoint, **asks(PERCENT, "GreaterThanOrEqualTo", 95))
    careless = takers(mturk, endpoint, **asks(PERCENT, "LessThan", 95))
    assert careful and careless and not careful & careless
    assert careful | careless == everybody
    busy = takers(mturk, endpoint, **asks(APPROVED, "GreaterThan", 5000))
    assert set() < busy < everybody
    us = takers(mturk, endpoint, **asks(LOCALE, "EqualTo", {"Country": "US"}))
    state = {"Country": "US", "Subdivision": "CA"}
    california = takers(mturk, endpoint, **asks(LOCALE, "In", state))
    assert set() < california < us < everybody
    abroad = takers(mturk, endpoint, **asks(LOCALE, "NotEqualTo", {"Country": "US"}))
    assert abroad == everybody - us
    masters = takers(mturk, endpoint, **asks(MASTERS, "Exists"))
    assert set() < masters < careful


def test_masters_cost_a_twentieth_more(mturk: Any) -> None:
    hit(mturk, MaxAssignments=1, Reward="0.20", **asks(MASTERS, "Exists"))
    assert balance(mturk) == ("99.75", "0.25")


def test_rejections_lower_an_approval_rate(mturk: Any, endpoint: Connection) -> None:
    def strict() -> set[str]:
        return takers(mturk, endpoint, **asks(PERCENT, "GreaterThanOrEqualTo", 99))

    before = strict()
    for _ in range(4):
        name = hit(mturk, MaxAssignments=9, Reward="0.01")
        advance(endpoint, minutes=30)
        for one in assignments(mturk, name, "Submitted"):
            mturk.reject_assignment(
                AssignmentId=one["AssignmentId"], RequesterFeedback="no"
            )
    assert strict() < before


def test_requirements_must_make_sense(mturk: Any) -> None:
    def make(*given: Any) -> Any:
        return lambda: hit(mturk, **asks(*given))

    refused(make(PERCENT, "GreaterThan"), None, "do not fit its comparator")
    refused(make(PERCENT, "Exists", 1), None, "do not fit its comparator")
    refused(make(LOCALE, "GreaterThan", {"Country": "US"}), None, "do not fit")
    refused(make(PERCENT, "In", *range(16)), None, "do not fit its comparator")
    text = "QualificationType 3NONE does not exist."
    refused(make("3NONE", "Exists"), "QualificationTypeDoesNotExist", text)
    many = asks(PERCENT, "GreaterThan", 90)["QualificationRequirements"] * 11
    refused(lambda: hit(mturk, QualificationRequirements=many), None, "at most 10")


def test_types_are_listed_changed_and_deleted(mturk: Any) -> None:
    made = {"Name": "Reader", "Description": "d", "QualificationTypeStatus": "Active"}
    kind = mturk.create_qualification_type(**made)["QualificationType"]
    asked = {"QualificationTypeId": kind["QualificationTypeId"]}
    listed = mturk.list_qualification_types(
        MustBeRequestable=False, MustBeOwnedByCaller=True, Query="read"
    )
    assert [one["Name"] for one in listed["QualificationTypes"]] == ["Reader"]
    every = mturk.list_qualification_types(MustBeRequestable=False, MaxResults=100)
    assert "Masters" in {one["Name"] for one in every["QualificationTypes"]}
    mturk.update_qualification_type(**asked, QualificationTypeStatus="Inactive")
    found = mturk.get_qualification_type(**asked)["QualificationType"]
    assert found["QualificationTypeStatus"] == "Inactive"
    refused(
        lambda: hit(mturk, **asks(asked["QualificationTypeId"], "Exists")),
        None,
        "is not active",
    )
    mturk.delete_qualification_type(**asked)
    text = "does not exist"
    get = mturk.get_qualification_type
    refused(get, "QualificationTypeDoesNotExist", text, **asked)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of an endpoint of the test's own."""
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    daemon.stop()


def test_a_kill_loses_nothing(home: Path) -> None:
    with running() as endpoint:
        tell(endpoint, {TEXT: "delay"}, seed=3)
        mturk = boto3.client("mturk")
        paid = hit(mturk)
        advance(endpoint, days=2)
        name = hit(mturk)
        advance(endpoint, seconds=45)
        hits = (paid, name)

        def seen() -> tuple[Any, ...]:
            states = [(state(mturk, one), assignments(mturk, one)) for one in hits]
            return (states, balance(mturk), endpoint.control("GET", "bill"))

        before = seen()
        assert before[0][0][0] == ("Reviewable", 0, 0, 3)
        assert before[0][1][0] == ("Assignable", 1, 1, 0)
        endpoint = again()
        assert seen() == before
        advance(endpoint, days=2)
        assert state(mturk, name) == ("Reviewable", 0, 0, 3)
        assert balance(mturk) == ("99.64", None)
        cost = sum(one["cost"] for one in endpoint.control("GET", "bill")["lines"])
        assert cost == pytest.approx(0.36)
