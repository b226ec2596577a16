"""The state of a HIT, which follows from its assignments and the time."""

import datetime as dt
from dataclasses import dataclass

from localaws.services.mturk.desk import Desk, Members

_REVIEWED = ("Approved", "Rejected")


@dataclass(frozen=True)
class Tally:
    """How far a HIT is.

    Attributes:
        status: Its HITStatus.
        expired: Whether its lifetime is over.
        available: Assignments that nobody has accepted.
        pending: Those that a worker has accepted and not submitted.
        submitted: Those that wait for approval.
        reviewed: Those that were approved or rejected.
    """

    status: str
    expired: bool
    available: int
    pending: int
    submitted: int
    reviewed: int


def state(assignment: Members, now: dt.datetime) -> str:
    """Return Accepted, Submitted, Approved, Rejected or Abandoned."""
    if assignment["AssignmentStatus"] in _REVIEWED:
        return str(assignment["AssignmentStatus"])
    if now < min(assignment["SubmitTime"], assignment["Deadline"]):
        return "Accepted"
    late = assignment["Deadline"] < assignment["SubmitTime"]
    return "Abandoned" if late else "Submitted"


def tally(desk: Desk, hit: Members, now: dt.datetime) -> Tally:
    """Return how far a HIT is at a moment."""
    found = [state(one, now) for one in desk.of_hit(hit)]
    pending, submitted = found.count("Accepted"), found.count("Submitted")
    reviewed = sum(found.count(one) for one in _REVIEWED)
    available = hit["MaxAssignments"] - pending - submitted - reviewed
    expired = now >= hit["Expiration"]
    if hit["_disposed"]:
        status = "Disposed"
    elif available and not expired:
        status = "Assignable"
    elif pending:
        status = "Unassignable"
    else:
        status = "Reviewing" if hit["_reviewing"] else "Reviewable"
    return Tally(status, expired, available, pending, submitted, reviewed)


def shown(desk: Desk, hit: Members) -> Members:
    """Return a HIT as it is described."""
    found = tally(desk, hit, desk.now)
    return hit | {
        "HITStatus": found.status,
        "HITReviewStatus": "NotReviewed",
        "NumberOfAssignmentsPending": found.pending,
        "NumberOfAssignmentsAvailable": found.available,
        "NumberOfAssignmentsCompleted": found.reviewed,
    }
