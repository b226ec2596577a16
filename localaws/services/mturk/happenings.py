"""What comes by itself: a worker accepts, a delay is over, a HIT is forgotten."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Protocol

from localaws.labelling.crowd import Crowd
from localaws.labelling.pool import Worker
from localaws.limits import limit
from localaws.services.mturk import assignments
from localaws.services.mturk.crowd import Truth, answer
from localaws.services.mturk.desk import (
    ASSIGNMENTS,
    BLOCKS,
    HITS,
    Desk,
    Members,
)
from localaws.services.mturk.requirements import met
from localaws.services.mturk.standing import Reviewed

_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


class Happening(Protocol):
    """Something that will come."""

    def moment(self) -> dt.datetime | None:
        """Return when it comes as things stand, None if it does not."""

    def happen(self, moment: dt.datetime) -> "list[Happening]":
        """Let it come, and return what follows from it."""


class Floor:
    """What is open, and who is busy until when, as it was read once.

    Args:
        desk: The marketplace.
        reached: Until when all that was due has happened.
    """

    def __init__(self, desk: Desk, reached: dt.datetime) -> None:
        self.desk, self.reached = desk, reached
        self.hits = {one["HITId"]: one for one in desk.all(HITS)}
        self.hits = {k: v for k, v in self.hits.items() if not v["_disposed"]}
        self.taken: dict[str, list[Members]] = {name: [] for name in self.hits}
        self.busy: dict[str, dt.datetime] = {}
        self.reviewed: Reviewed = Counter()
        self.blocked = {one["WorkerId"] for one in desk.all(BLOCKS)}
        for one in desk.all(ASSIGNMENTS):
            self.note(one)

    def note(self, assignment: Members) -> None:
        """Remember an assignment."""
        self.reviewed[assignment["WorkerId"], assignment["AssignmentStatus"]] += 1
        if assignment["HITId"] in self.taken:
            self.taken[assignment["HITId"]].append(assignment)
        worker, until = assignment["WorkerId"], ending(assignment)
        self.busy[worker] = max(until, self.busy.get(worker, _NEVER))


def ending(assignment: Members) -> dt.datetime:
    """Return when a worker has done with an assignment, or has let it go."""
    return min(assignment["SubmitTime"], assignment["Deadline"])


def expected(
    floor: Floor, crowd: Crowd, known: Callable[[Members], Truth | None]
) -> Iterator[Happening]:
    """Yield what will come, as things stand.

    Args:
        floor: What is open.
        crowd: The workers.
        known: Returns what is true of a HIT.
    """
    for hit in floor.hits.values():
        taken = floor.taken[hit["HITId"]]
        yield Disposal(floor, hit)
        yield from (
            Approval(floor, one)
            for one in taken
            if one["AssignmentStatus"] == "Submitted"
        )
        closed = hit["Expiration"] <= floor.reached or (
            hit["MaxAssignments"] <= sum(not _lost(one) for one in taken)
        )
        truth = None if closed else known(hit)
        if truth is not None:
            yield Arrival(floor, hit, crowd, truth)


def _lost(assignment: Members) -> bool:
    return bool(assignment["Deadline"] < assignment["SubmitTime"])


def opening(floor: Floor, hit: Members, when: dt.datetime) -> dt.datetime | None:
    """Return when, from a moment on, a HIT can be accepted, None if never."""
    taken = floor.taken.get(hit["HITId"])
    if taken is None:
        return None
    left = hit["MaxAssignments"] - sum(not _lost(one) for one in taken)
    given_back = sorted(
        one["Deadline"] for one in taken if _lost(one) and one["Deadline"] > when
    )
    if left <= 0:
        return None
    if left <= len(given_back):
        when = given_back[len(given_back) - left]
    return when if when < hit["Expiration"] else None


class Arrival:
    """The next worker looks at a HIT, and accepts it as soon as they are free."""

    def __init__(
        self,
        floor: Floor,
        hit: Members,
        crowd: Crowd,
        truth: Truth,
    ) -> None:
        self._floor, self._hit, self._crowd = floor, hit, crowd
        self._truth, self._place = truth, 0

    def moment(self) -> dt.datetime | None:
        """Return when the worker comes, None if they would come too late."""
        if self._place >= len(self._crowd.workers):
            return None
        pace = dt.timedelta(seconds=limit("mturk", "arrival_seconds"))
        arrival = self._hit["_opened"] + (self._place + 1) * pace
        when = max(arrival, self._floor.reached)
        return opening(self._floor, self._hit, when) and when

    def happen(self, moment: dt.datetime) -> list[Happening]:
        """Let the worker decide, and the next one come."""
        hit, floor = self._hit, self._floor
        worker = self._crowd.choose(hit["HITId"])[self._place]
        self._place += 1
        name, asked = worker.worker_id, hit["QualificationRequirements"]
        may = name not in floor.blocked and met(
            floor.desk, worker, asked, floor.reviewed
        )
        follows: list[Happening] = [self]
        if may:
            follows.append(Acceptance(floor, hit, (name, worker), self._truth, moment))
        return follows


class Acceptance:
    """A worker accepts a HIT, and what they will submit is settled."""

    def __init__(
        self,
        floor: Floor,
        hit: Members,
        worker: tuple[str, Worker],
        truth: Truth,
        arrival: dt.datetime,
    ) -> None:
        self._floor, self._hit, self._truth = floor, hit, truth
        self._name, self._worker = worker
        self._arrival = arrival

    def moment(self) -> dt.datetime | None:
        """Return when the worker accepts, None if the HIT is not theirs any more."""
        name, hit, floor = self._name, self._hit, self._floor
        taken = floor.taken.get(hit["HITId"], [])
        if any(one["WorkerId"] == name for one in taken):
            return None
        return opening(floor, hit, max(floor.busy.get(name, _NEVER), self._arrival))

    def happen(self, moment: dt.datetime) -> list[Happening]:
        """Keep the assignment."""
        desk, hit, worker = self._floor.desk, self._hit, self._worker
        name, task = desk.identity(ASSIGNMENTS), hit["HITId"]
        submitted = moment + dt.timedelta(seconds=worker.seconds(task))
        duration = dt.timedelta(seconds=hit["AssignmentDurationInSeconds"])
        delay = dt.timedelta(seconds=hit["AutoApprovalDelayInSeconds"])
        assignment = {
            "AssignmentId": name,
            "WorkerId": self._name,
            "HITId": task,
            "AssignmentStatus": "Submitted",
            "AutoApprovalTime": submitted + delay,
            "AcceptTime": moment,
            "SubmitTime": submitted,
            "Deadline": moment + duration,
            "Answer": answer(worker, task, hit["Question"], self._truth),
        }
        desk.put(ASSIGNMENTS, name, assignment)
        hit["_assignments"] = [*hit["_assignments"], name]
        desk.change(HITS, task, _assignments=hit["_assignments"])
        self._floor.note(assignment)
        return [Approval(self._floor, assignment)]


class Approval:
    """The requester's time to reject is over."""

    def __init__(self, floor: Floor, assignment: Members) -> None:
        self._floor, self._assignment = floor, assignment

    def moment(self) -> dt.datetime | None:
        """Return when the worker is paid by itself."""
        one = self._assignment
        waits = one["AssignmentStatus"] == "Submitted" and not _lost(one)
        return one["AutoApprovalTime"] if waits else None

    def happen(self, moment: dt.datetime) -> list[Happening]:
        """Pay the worker."""
        assignments.approve(self._floor.desk, self._assignment, moment)
        self._assignment["AssignmentStatus"] = "Approved"
        self._floor.reviewed[self._assignment["WorkerId"], "Approved"] += 1
        return []


class Disposal:
    """A HIT that nobody has looked after for long is disposed of."""

    def __init__(self, floor: Floor, hit: Members) -> None:
        self._floor, self._hit = floor, hit

    def moment(self) -> dt.datetime | None:
        """Return when it is disposed of, as things stand."""
        taken = self._floor.taken.get(self._hit["HITId"])
        if taken is None:
            return None
        kept = [one for one in taken if not _lost(one)]
        full = len(kept) >= self._hit["MaxAssignments"]
        last = [*map(ending, kept), *([] if full else [self._hit["Expiration"]])]
        waiting = [
            one["AutoApprovalTime"]
            for one in kept
            if one["AssignmentStatus"] == "Submitted"
        ]
        over = max(last) + dt.timedelta(days=limit("mturk", "kept_days"))
        return max([over, *waiting])

    def happen(self, moment: dt.datetime) -> list[Happening]:
        """Dispose of it."""
        name = self._hit["HITId"]
        self._floor.desk.change(HITS, name, _disposed=True)
        del self._floor.taken[name]
        return []
