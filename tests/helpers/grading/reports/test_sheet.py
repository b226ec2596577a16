"""`grades.csv`: what a spreadsheet, an LMS and nbgrader read."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.grading import reports
from tests.helpers.grading.reports.conftest import Results, graded

Run = Callable[[Results], Path]


def rows(folder: Path) -> list[dict[str, str]]:
    """Read the grades as a spreadsheet would."""
    with (folder / "grades.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_line_a_submission_with_a_column_a_task(run: Run) -> None:
    folder = run([graded("zoe", True, False), graded("alice", True, True)])
    reports.write(folder)
    alice, zoe = rows(folder)
    assert (alice["student"], alice["points"], alice["percent"]) == (
        "alice", "100", "100.0",
    )  # fmt: skip
    assert (zoe["measure_bias"], zoe["stop_the_bad_batch"]) == ("50", "0")


def test_who_was_not_graded_has_no_points_and_who_was_rejected_has_none_of_them(
    run: Run,
) -> None:
    reason = {"file": "x.ipynb", "reason": "is not JSON", "next": "save it again"}
    lost = graded("lost", True, True, verdict="infrastructure")
    bad = graded("bad", False, False, verdict="rejected", rejection=reason)
    folder = run([lost | {"points": 0, "tasks": []}, bad])
    reports.write(folder)
    bad_row, lost_row = rows(folder)
    assert (bad_row["points"], bad_row["why"]) == ("0", "is not JSON")
    assert (lost_row["points"], lost_row["percent"]) == ("", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " ="])
def test_no_cell_begins_as_a_formula(run: Run, start: str) -> None:
    folder = run([graded(start + 'HYPERLINK("http://x")', True, True)])
    reports.write(folder)
    assert not rows(folder)[0]["student"].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_the_last_result_of_a_submission_counts(run: Run) -> None:
    folder = run([graded("ann", False, False), graded("ann", True, True)])
    reports.write(folder)
    assert [row["points"] for row in rows(folder)] == ["100"]


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"results\.jsonl"):
        reports.write(tmp_path)
