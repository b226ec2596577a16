"""Amazon Mechanical Turk: HITs taken by workers, reviewed, paid, deleted."""

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from localaws.labelling.pool import pool
from tests.localaws.services.mturk_face import (
    LABELS,
    SANDBOX,
    TEXT,
    advance,
    answers,
    assignments,
    balance,
    classifier,
    hit,
    refused,
    state,
    tell,
)


@pytest.fixture
def mturk(endpoint: Connection) -> Any:
    """A client of a marketplace whose workers know one text."""
    tell(endpoint, {TEXT: "delay"}, seed=3)
    return boto3.client("mturk")


def test_workers_take_a_hit_as_time_goes_by(mturk: Any, endpoint: Connection) -> None:
    name = hit(mturk)
    assert state(mturk, name) == ("Assignable", 3, 0, 0)
    advance(endpoint, seconds=20)
    assert state(mturk, name) == ("Assignable", 2, 1, 0)
    advance(endpoint, seconds=41)
    assert state(mturk, name)[:2] == ("Unassignable", 0)
    advance(endpoint, minutes=2)
    assert state(mturk, name) == ("Reviewable", 0, 0, 0)
    found = assignments(mturk, name)
    assert len({one["WorkerId"] for one in found}) == 3
    for one in found:
        assert one["AcceptTime"] < one["SubmitTime"] <= one["Deadline"]
        after = dt.timedelta(seconds=86400)
        assert one["AutoApprovalTime"] == one["SubmitTime"] + after
        (said,) = json.loads(answers(one)["taskAnswers"][0])
        assert said["topic"]["label"] in LABELS
    assert [one["HITId"] for one in mturk.list_reviewable_hits()["HITs"]] == [name]
    one = mturk.get_assignment(AssignmentId=found[0]["AssignmentId"])
    assert one["HIT"]["HITId"] == name
    assert one["Assignment"]["Answer"] == found[0]["Answer"]


def test_the_crowd_is_mostly_right_and_of_one_seed(
    mturk: Any, endpoint: Connection
) -> None:
    def said(name: str) -> list[str]:
        advance(endpoint, minutes=30)
        found = sorted(assignments(mturk, name), key=lambda one: one["WorkerId"])
        objects = [json.loads(answers(one)["taskAnswers"][0])[0] for one in found]
        return [one["topic"]["label"] for one in objects]

    labels = said(hit(mturk, MaxAssignments=9))
    assert len(labels) == 9
    assert labels.count("delay") >= 6
    endpoint.control("POST", "reset")
    tell(endpoint, {TEXT: "delay"}, seed=3)
    assert said(hit(mturk, MaxAssignments=9)) == labels


def test_what_nobody_knows_stays_unanswered_until_it_is_told(
    mturk: Any, endpoint: Connection
) -> None:
    name = hit(mturk, Question=classifier("Lost my bag."))
    advance(endpoint, minutes=50)
    assert state(mturk, name) == ("Assignable", 3, 0, 0)
    tell(endpoint, {"Lost my bag.": "luggage"}, seed=3)
    advance(endpoint, minutes=5)
    assert state(mturk, name)[0] == "Reviewable"
    other = hit(mturk, Question=classifier("Silence."))
    advance(endpoint, hours=2)
    assert state(mturk, other) == ("Reviewable", 3, 0, 0)
    assert balance(mturk) == ("99.82", "0.18")


def test_money_is_held_paid_and_given_back(mturk: Any, endpoint: Connection) -> None:
    name = hit(mturk, MaxAssignments=3, Reward="0.12")
    assert balance(mturk) == ("99.58", "0.42")
    advance(endpoint, minutes=10)
    first, second, third = (one["AssignmentId"] for one in assignments(mturk, name))
    mturk.approve_assignment(AssignmentId=first, RequesterFeedback="Thanks")
    mturk.reject_assignment(AssignmentId=second, RequesterFeedback="Not about this")
    assert balance(mturk) == ("99.72", "0.14")
    assert state(mturk, name) == ("Reviewable", 0, 0, 2)
    advance(endpoint, days=1)
    assert balance(mturk) == ("99.72", None)
    found = {one["AssignmentId"]: one for one in assignments(mturk, name)}
    assert found[first]["RequesterFeedback"] == "Thanks"
    assert found[second]["AssignmentStatus"] == "Rejected"
    assert found[third]["ApprovalTime"] == found[third]["AutoApprovalTime"]
    lines = {one["usage"]: one for one in endpoint.control("GET", "bill")["lines"]}
    assert lines["Rewards and bonuses to workers"]["cost"] == 0.24
    assert lines["Fees on rewards and bonuses"]["cost"] == 0.04
    mturk.approve_assignment(AssignmentId=second, OverrideRejection=True)
    assert balance(mturk) == ("99.58", None)


@pytest.mark.parametrize(
    ("reward", "count", "held"),
    [
        ("0.05", 9, "0.54"),
        ("0.05", 10, "0.70"),
        ("0.01", 1, "0.02"),
        ("0.13", 1, "0.16"),
    ],
)
def test_fees_are_a_fifth_and_from_ten_assignments_on_two(
    mturk: Any, reward: str, count: int, held: str
) -> None:
    hit(mturk, Reward=reward, MaxAssignments=count)
    assert balance(mturk)[1] == held


def test_without_money_there_is_no_hit(mturk: Any) -> None:
    text = "This Requester has insufficient funds in their account"
    refused(lambda: hit(mturk, Reward="30.00"), "InsufficientFunds", text)
    name = hit(mturk, Reward="20.00", MaxAssignments=4)
    assert balance(mturk) == ("4.00", "96.00")
    refused(
        mturk.create_additional_assignments_for_hit,
        "InsufficientFunds",
        text,
        HITId=name,
        NumberOfAdditionalAssignments=1,
    )
    assert state(mturk, name)[1] == 4


def test_a_hit_lives_by_its_states(mturk: Any, endpoint: Connection) -> None:
    name = hit(mturk, MaxAssignments=2)
    refused(
        mturk.delete_hit,
        "InvalidHITState",
        "This HIT is currently in the state 'Assignable'.  This operation can be called"
        " with a status of: Reviewing, Reviewable",
        HITId=name,
    )
    advance(endpoint, minutes=5)
    mturk.update_hit_review_status(HITId=name)
    assert state(mturk, name)[0] == "Reviewing"
    found = mturk.list_reviewable_hits(Status="Reviewing")["HITs"]
    assert [one["HITId"] for one in found] == [name]
    mturk.update_hit_review_status(HITId=name, Revert=True)
    text = "This HIT is currently in the state 'Reviewable'"
    refused(
        mturk.update_hit_review_status, "InvalidHITState", text, HITId=name, Revert=True
    )
    refused(mturk.delete_hit, "InvalidHITState", text, HITId=name)
    for one in assignments(mturk, name, "Submitted"):
        mturk.approve_assignment(AssignmentId=one["AssignmentId"])
    mturk.delete_hit(HITId=name)
    assert mturk.list_hits()["HITs"] == []
    assert state(mturk, name)[0] == "Disposed"
    kept = hit(mturk)
    advance(endpoint, days=122)
    assert state(mturk, kept)[0] == "Disposed"


def test_a_hit_is_extended_expired_and_changed(
    mturk: Any, endpoint: Connection
) -> None:
    name = hit(mturk, MaxAssignments=1)
    advance(endpoint, minutes=5)
    more = {"HITId": name, "NumberOfAdditionalAssignments": 2}
    mturk.create_additional_assignments_for_hit(**more, UniqueRequestToken="a")
    assert state(mturk, name)[:2] == ("Assignable", 2)
    extend = mturk.create_additional_assignments_for_hit
    text = "was made already"
    refused(extend, "ExtendHITAlreadyExists", text, **more, UniqueRequestToken="a")
    many = {"HITId": name, "NumberOfAdditionalAssignments": 7}
    text = "cannot be extended to have 10 or more assignments"
    refused(extend, "InvalidMaximumAssignmentsIncrease", text, **many)
    mturk.update_expiration_for_hit(HITId=name, ExpireAt=dt.datetime(2015, 1, 1))
    assert state(mturk, name)[0] == "Reviewable"
    later = dt.datetime(2026, 1, 6, tzinfo=dt.UTC)
    mturk.update_expiration_for_hit(HITId=name, ExpireAt=later)
    assert state(mturk, name)[:2] == ("Assignable", 2)
    advance(endpoint, minutes=5)
    assert len(assignments(mturk, name)) == 3
    kind = mturk.create_hit_type(
        AssignmentDurationInSeconds=60, Reward="0.10", Title="t", Description="d"
    )["HITTypeId"]
    mturk.update_hit_type_of_hit(HITId=name, HITTypeId=kind)
    found = mturk.get_hit(HITId=name)["HIT"]
    assert (found["HITTypeId"], found["Reward"]) == (kind, "0.10")
    other = mturk.create_hit_with_hit_type(
        HITTypeId=kind, LifetimeInSeconds=60, Question=classifier(), MaxAssignments=2
    )["HIT"]
    assert (other["Reward"], other["HITGroupId"]) == ("0.10", found["HITGroupId"])
    advance(endpoint, seconds=30)
    assert state(mturk, other["HITId"])[:2] == ("Assignable", 1)
    advance(endpoint, seconds=31)
    assert state(mturk, other["HITId"])[0] in ("Unassignable", "Reviewable")


def test_who_is_too_slow_gives_the_assignment_back(
    mturk: Any, endpoint: Connection
) -> None:
    name = hit(mturk, MaxAssignments=30, AssignmentDurationInSeconds=30)
    advance(endpoint, minutes=20)
    found = assignments(mturk, name)
    assert state(mturk, name) == ("Reviewable", 0, 0, 0)
    assert len(found) == 30
    crowd = pool(seed=3, workers=40, careless=0.1)
    slow = {one.worker_id for one in crowd if one.seconds(name) > 30}
    assert slow and not slow & {one["WorkerId"] for one in found}


def test_a_request_is_done_once(mturk: Any) -> None:
    name = hit(mturk, UniqueRequestToken="t-1")
    with pytest.raises(ClientError, match=name):
        hit(mturk, UniqueRequestToken="t-1")
    assert len(mturk.list_hits()["HITs"]) == 1


def test_hits_come_in_pages_newest_first(mturk: Any) -> None:
    names = [hit(mturk, MaxAssignments=1) for _ in range(3)]
    pages = mturk.get_paginator("list_hits").paginate(PaginationConfig={"PageSize": 2})
    found = [[one["HITId"] for one in page["HITs"]] for page in pages]
    assert found == [[names[2], names[1]], [names[0]]]
    types = {mturk.get_hit(HITId=name)["HIT"]["HITTypeId"] for name in names}
    assert len(types) == 1


def test_what_is_not_there_and_what_was_done_is_refused(
    mturk: Any, endpoint: Connection
) -> None:
    missing = "3FAKE00000000000000000000000"
    refused(
        mturk.get_hit,
        "HITDoesNotExist",
        f"Hit {missing} does not exist.",
        HITId=missing,
    )
    text = f"Assignment {missing} does not exist."
    code = "AssignmentDoesNotExist"
    refused(mturk.approve_assignment, code, text, AssignmentId=missing)
    name = hit(mturk, MaxAssignments=1)
    advance(endpoint, minutes=5)
    one = assignments(mturk, name)[0]["AssignmentId"]
    mturk.approve_assignment(AssignmentId=one)
    text = "This operation can be called with a status of: Submitted"
    code = "InvalidAssignmentState"
    refused(mturk.approve_assignment, code, text, AssignmentId=one)
    refused(
        mturk.reject_assignment, code, text, AssignmentId=one, RequesterFeedback="no"
    )


def test_of_many_who_approve_one_pays(mturk: Any, endpoint: Connection) -> None:
    name = hit(mturk, MaxAssignments=1)
    advance(endpoint, minutes=5)
    one = assignments(mturk, name)[0]["AssignmentId"]

    def approve(_: int) -> bool:
        try:
            mturk.approve_assignment(AssignmentId=one)
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(approve, range(8))) == 1
    assert balance(mturk) == ("99.94", None)


def test_the_sandbox_is_a_world_of_its_own(mturk: Any, endpoint: Connection) -> None:
    sandbox = boto3.client("mturk", endpoint_url=SANDBOX)
    name = hit(sandbox, Reward="50.00", MaxAssignments=100)
    assert balance(sandbox) == ("10000.00", None)
    assert balance(mturk) == ("100.00", None)
    assert mturk.list_hits()["HITs"] == []
    advance(endpoint, minutes=50)
    assert state(sandbox, name) == ("Assignable", 100, 0, 0)
    assert endpoint.control("GET", "bill")["lines"] == []
