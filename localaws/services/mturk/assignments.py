"""Assignments: what workers have submitted, approved or rejected, and paid."""

import datetime as dt

from localaws.limits import limit
from localaws.services.mturk import money
from localaws.services.mturk.desk import (
    ASSIGNMENTS,
    HITS,
    Desk,
    Members,
    paged,
)
from localaws.services.mturk.hits import find as find_hit
from localaws.services.mturk.states import shown, state

_SEEN = ("Submitted", "Approved", "Rejected")


def find(desk: Desk, given: Members) -> Members:
    """Return the assignment that an input names, with the state that it has now."""
    found = desk.find(ASSIGNMENTS, given["AssignmentId"], "Assignment")
    now = state(found, desk.now)
    if now not in _SEEN:
        raise desk.error(
            "AssignmentDoesNotExist",
            f"Assignment {given['AssignmentId']} does not exist.",
        )
    return found | {"AssignmentStatus": now}


def _list(desk: Desk, given: Members) -> Members:
    hit, now = find_hit(desk, given), desk.now
    wanted = given.get("AssignmentStatuses") or _SEEN
    found = [one | {"AssignmentStatus": state(one, now)} for one in desk.of_hit(hit)]
    found = [one for one in found if one["AssignmentStatus"] in wanted]
    found.sort(key=lambda one: one["SubmitTime"])
    return paged(desk, "Assignments", found, given)


def _get(desk: Desk, given: Members) -> Members:
    found = find(desk, given)
    hit = desk.find(HITS, found["HITId"], "HIT")
    return {"Assignment": found, "HIT": shown(desk, hit)}


def approve(
    desk: Desk, assignment: Members, when: dt.datetime, feedback: str | None = None
) -> None:
    """Pay a worker for an assignment."""
    hit = desk.find(HITS, assignment["HITId"], "HIT")
    desk.change(
        ASSIGNMENTS,
        assignment["AssignmentId"],
        AssignmentStatus="Approved",
        ApprovalTime=when,
        RequesterFeedback=feedback,
        RejectionTime=None,
    )
    money.pay(desk, *money.cost(hit), hit["HITId"])


def _approve(desk: Desk, given: Members) -> Members:
    found, status = find(desk, given), "Submitted"
    if given.get("OverrideRejection") and found["AssignmentStatus"] == "Rejected":
        status = "Rejected"
        _demand_recent(desk, found)
    _demand(desk, found, status)
    approve(desk, found, desk.now, given.get("RequesterFeedback"))
    return {}


def _demand_recent(desk: Desk, found: Members) -> None:
    hit = desk.find(HITS, found["HITId"], "HIT")
    most = dt.timedelta(days=limit("mturk", "override_days"))
    if hit["_disposed"] or desk.now > found["SubmitTime"] + most:
        raise desk.error(
            "InvalidAssignmentState",
            "A rejection can be overridden within "
            f"{most.days} days of the submission, while the HIT is not deleted.",
        )
    money.demand(desk, sum(money.cost(hit)))


def _demand(desk: Desk, found: Members, status: str) -> None:
    if found["AssignmentStatus"] != status:
        raise desk.error(
            "InvalidAssignmentState",
            f"This operation can be called with a status of: {status}",
        )


def _reject(desk: Desk, given: Members) -> Members:
    found = find(desk, given)
    _demand(desk, found, "Submitted")
    desk.change(
        ASSIGNMENTS,
        found["AssignmentId"],
        AssignmentStatus="Rejected",
        RejectionTime=desk.now,
        RequesterFeedback=given["RequesterFeedback"],
    )
    return {}


OPERATIONS = {
    "ListAssignmentsForHIT": _list,
    "GetAssignment": _get,
    "ApproveAssignment": _approve,
    "RejectAssignment": _reject,
}
