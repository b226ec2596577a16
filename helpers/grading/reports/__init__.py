"""What an instructor and a student read of a graded class.

Everything that comes from a submission is hostile until it is shown: pages escape it,
tables for spreadsheets defuse it, and control characters are made visible.
"""

from pathlib import Path

from helpers.grading.reports import overview, page, sheet
from helpers.grading.reports.records import read


def write(out: Path) -> list[Path]:
    """Write all reports of a run, from its `results.jsonl`, in that file's folder.

    Args:
        out: the folder of the run.

    Returns:
        What was written: `grades.csv`, `class.html`, and `students/`, a page for each.

    Raises:
        FileNotFoundError: if the run has no results.
    """
    results = read(out)
    pages = page.write(results, out / "students")
    return [
        sheet.write(results, out / "grades.csv"),
        overview.write(results, pages, out / "class.html"),
        out / "students",
    ]
