"""What Mechanical Turk knows of a worker: qualifications of the system, and granted.

The workers of the pool have a past that their id decides: careless ones had more of
their work rejected. What the requester approves and rejects adds to it.
"""

from collections import Counter
from typing import Any

from localaws.labelling.pool import Worker
from localaws.limits import limits
from localaws.services.mturk.desk import (
    QUALIFICATIONS,
    Desk,
    Members,
    letters,
)

Reviewed = Counter[tuple[str, str]]
_PLACES = (
    *({"Country": "US", "Subdivision": state} for state in ("CA", "NY", "TX", "WA")),
    *({"Country": country} for country in ("CA", "GB", "IN")),
)


def _drawn(worker: Worker, what: str) -> int:
    return int(letters(f"{worker.worker_id} {what}", 6), 36)


def past(worker: Worker) -> tuple[int, int]:
    """Return how many assignments others have approved and rejected."""
    approved = 100 + _drawn(worker, "approved") % 9900
    spread = 120 if worker.careless else 20
    least = 60 if worker.careless else 0
    rejected = approved * (least + _drawn(worker, "rejected") % spread) // 1000
    return approved, rejected


def _record(worker: Worker, reviewed: Reviewed) -> tuple[int, int]:
    approved, rejected = past(worker)
    name = worker.worker_id
    return approved + reviewed[name, "Approved"], rejected + reviewed[name, "Rejected"]


def _system(worker: Worker, name: str, reviewed: Reviewed) -> Any:
    if name == "Worker_Locale":
        return _PLACES[_drawn(worker, "place") % len(_PLACES)]
    if name == "Worker_Adult":
        return _drawn(worker, "adult") % 2
    approved, rejected = _record(worker, reviewed)
    percent = 100 * approved // (approved + rejected)
    if name == "Worker_NumberHITsApproved":
        return approved
    if name == "Worker_PercentAssignmentsApproved":
        return percent
    return 1 if percent >= 99 and approved >= 1000 else None


def held_by(desk: Desk, worker: Worker, one: Members, reviewed: Reviewed) -> Any:
    """Return what a worker has of the qualification that a requirement names.

    Args:
        desk: Where qualifications are granted.
        worker: Of the pool.
        one: The requirement.
        reviewed: How often whose work was Approved and Rejected.
    """
    kind = one["QualificationTypeId"]
    system = limits("mturk", "system_qualifications").get(kind)
    if system:
        return _system(worker, system, reviewed)
    found = desk.get(QUALIFICATIONS, f"{kind} {worker.worker_id}")
    if found is None or found["Status"] != "Granted":
        return None
    return found["IntegerValue"]
