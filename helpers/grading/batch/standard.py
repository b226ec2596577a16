"""The parts of the grader, fetched when they are needed: they are heavy."""

from pathlib import Path
from typing import Any

from helpers.grading.batch.duty import Warmth

JSON = dict[str, Any]


def grade(
    work: JSON, lab: str, seed: int, warm: Any, cell_seconds: float | None = None
) -> JSON:
    """Grade one submission in a sandbox of its own."""
    from helpers.grading.grade import grade as graded
    from helpers.grading.limits import Limits

    limits = Limits(cell_seconds=cell_seconds) if cell_seconds else Limits()
    return graded(work, lab, seed, warm, limits)


def opens(isolation: str, lab: str) -> Warmth:
    """Make the warm process that sandboxes are forked from."""
    from helpers.grading.sandbox import Warm, choose

    folder = Path(lab)
    return Warm(choose(isolation), folder if folder.is_dir() else None)


def preflight(isolation: str) -> str:
    """Say why this machine must not grade; empty if it may."""
    from helpers.grading.sandbox import Refused, choose

    try:
        choose(isolation)
    except Refused as refused:
        return str(refused)
    return ""


def report(out: Path) -> None:
    """Write what the instructor and the students read."""
    from helpers.grading import reports

    reports.write(out)
