"""`class.html`: how the class did, for its instructor."""

from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

from helpers.grading.reports import analysis, likeness
from helpers.grading.reports.records import Result, fresh, graded
from helpers.grading.reports.rendering import render

_STEPS = 10


def write(results: list[Result], pages: dict[str, Path], path: Path) -> Path:
    """Write the report of a class.

    Args:
        results: of the run.
        pages: by submission, the student's page.
        path: of the report.
    """
    right = graded(results)
    text = render(
        "class.html",
        lab=results[0]["lab"] if results else "",
        results=results,
        graded=right,
        links={key: f"students/{page.name}" for key, page in pages.items()},
        columns=_histogram(right),
        domains=analysis.domains(results),
        items=analysis.items(results),
        pairs=likeness.pairs(right),
        use=_use(right),
        reduced=any(each["isolation"] != "full" for each in results),
    )
    return fresh(path, text)


def _histogram(results: list[Result]) -> list[tuple[str, int]]:
    """Count the students by tenths of the points; full marks are a bar of their own."""
    tenths = Counter(int(_STEPS * each["points"] / each["maximum"]) for each in results)
    names = [f"{10 * n} to {10 * n + 9} %" for n in range(_STEPS)] + ["100 %"]
    return [(name, tenths[number]) for number, name in enumerate(names)]


def _use(results: list[Result]) -> dict[str, Any]:
    """Say what grading took, in all and of the one in the middle."""
    seconds = [each["seconds"] for each in results]
    return {
        "seconds": sum(seconds),
        "middle": median(seconds) if seconds else 0.0,
        "longest": max(seconds, default=0.0),
        "memory": max((each["memory_mb"] for each in results), default=0),
        "repeated": sum(each["runs"] > 1 for each in results),
    }
