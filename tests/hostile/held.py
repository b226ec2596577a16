"""Whether a case of the corpus was held, by whatever grader."""

from dataclasses import dataclass
from pathlib import Path

from tests.hostile.corpus import Case
from tests.hostile.graded import MARKS, Graded

FULL = 10
# What the checks of the light lab hold.
CHECKS = ("CANARY-comment", "CANARY-inputs", "CANARY-verdict")
HARMED = "others harmed"
MANY = "too many points"
FEW = "too few points"
LEAKED = "leaked"
CHANGED = "files changed"
LEFT = "left running"
UNENDED = "batch not ended"
REASONS = (HARMED, MANY, FEW, LEAKED, CHANGED, LEFT, UNENDED)


@dataclass(frozen=True)
class Seen:
    """What came of a case between right submissions.

    Attributes:
        points: of the case; None where it was not graded.
        neighbours: the points of the right submissions beside it.
        leaked: secrets that it has shown or sent.
        changed: files that are not its own, and not as they were.
        left: processes that outlived the grading.
        unended: why the grading did not end by itself, or empty.
    """

    points: float | None
    neighbours: tuple[float | None, ...]
    leaked: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    unended: str = ""


def faults(case: Case, seen: Seen) -> dict[str, str]:
    """Give the reasons why a case was not held, each with what was seen."""
    least, most = (0, 0) if case.rejected else case.points
    points = seen.points or 0
    found = {
        HARMED: "" if set(seen.neighbours) == {FULL} else str(seen.neighbours),
        MANY: f"{points} of {most}" if points > most else "",
        FEW: f"{seen.points} of {least}" if points < least else "",
        LEAKED: "; ".join(seen.leaked),
        CHANGED: "; ".join(seen.changed),
        LEFT: "; ".join(seen.left),
        UNENDED: seen.unended,
    }
    assert tuple(found) == REASONS
    return {reason: text for reason, text in found.items() if text}


def ours(graded: Graded, number: int, case: Case) -> Seen:
    """Give what our grader made of a case.

    What was sent, changed or left during the run counts against each of its cases.

    Args:
        graded: the run.
        number: the place of the case in it.
        case: the case.
    """
    result = graded.results[f"{number:03}-x-{case.name}"]
    beside = [graded.results[f"{each:03}-right"] for each in (number, number + 1)]
    shown = str({**result, "sources": {}})
    leaked = [mark for mark in (*MARKS.values(), *CHECKS) if mark in shown]
    if "END SOLUTION" in result["output"]:
        leaked.append("END SOLUTION")
    return Seen(
        result["points"],
        tuple(each["points"] for each in beside),
        (*leaked, *(f"sent {line[:80]!r}" for line in graded.heard)),
        tuple(_changed(graded.out.parent, len(graded.results))),
        tuple(graded.left),
        f"exit {graded.code}" if graded.code else "",
    )


def _changed(place: Path, submissions: int) -> list[str]:
    home = place / "home"
    changed = [
        str(path)
        for path in home.rglob("*")
        if path.is_file() and path != home / "secret"
    ]
    if (home / "secret").read_text() != MARKS["home"]:
        changed.append("secret")
    if len(list((place / "submissions").iterdir())) != submissions:
        changed.append("submissions")
    changed += map(str, Path("/tmp").glob("taken*"))
    return [*changed, *map(str, Path("/tmp").glob("EXFILTRATED*"))]
