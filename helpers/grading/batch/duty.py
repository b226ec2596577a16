"""What a worker does, here or elsewhere: it keeps one warm sandbox, and grades.

A worker that has no `Warm` yet makes one; after a fault it makes a new one.
"""

import atexit
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]
Warmth = AbstractContextManager[Any]


@dataclass(frozen=True)
class Duty:
    """How a class is graded.

    Attributes:
        lab: its name or folder, the same on each machine.
        seed: draws the hidden cases.
        lab_digest: of what it says; see `plan.digest`.
        isolation: full or reduced.
        grade: `grade(work, lab, seed, warm)`, which gives a result as JSON.
        opens: makes the warm sandbox of a worker, from the isolation and the lab.
        preflight: says why a machine must not grade; empty if it may.
    """

    lab: str
    seed: int
    lab_digest: str
    isolation: str
    grade: Callable[[JSON, str, int, Any], JSON]
    opens: Callable[[str, str], Warmth]
    preflight: Callable[[str], str]


_turn = threading.Lock()
_kept: list[tuple[tuple[str, str], Warmth, Any]] = []


def perform(duty: Duty, work: JSON) -> JSON:
    """Grade one submission.

    Returns:
        `{"result": …}`, or `{"fault": …}` if the grader failed and not the submission.
    """
    with _turn:
        try:
            result = duty.grade(work, duty.lab, duty.seed, _warm(duty))
        except Exception as error:
            _cool()
            return {"fault": f"{type(error).__name__}: {error}".strip(": ")}
    if result["verdict"] == "infrastructure":
        with _turn:
            _cool()
        why = result["notes"][-1] if result["notes"] else "the sandbox failed"
        return {"fault": str(why), "result": result}
    return {"result": result}


def fit(duty: Duty) -> str:
    """Say why this machine must not grade; empty if it may."""
    if said := duty.preflight(duty.isolation):
        return said
    from helpers.grading.batch import plan
    from helpers.grading.lab import Lab, LabError

    try:
        same = plan.digest(Lab.load(duty.lab)) == duty.lab_digest
    except LabError as error:
        return str(error)
    return (
        "" if same else f"its {duty.lab} is another: bring the course there up to date"
    )


def cool() -> None:
    """Let the warm sandbox of this worker go, unless it is at work."""
    if _turn.acquire(blocking=False):
        try:
            _cool()
        finally:
            _turn.release()


def _warm(duty: Duty) -> Any:
    kind = (duty.isolation, duty.lab)
    if _kept and _kept[0][0] != kind:
        _cool()
    if not _kept:
        atexit.register(_cool)
        opened = duty.opens(*kind)
        _kept.append((kind, opened, opened.__enter__()))
    return _kept[0][2]


def _cool() -> None:
    atexit.unregister(_cool)
    while _kept:
        _kept.pop()[1].__exit__(None, None, None)
