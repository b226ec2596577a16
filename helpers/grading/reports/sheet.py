"""`grades.csv`: a line a submission, for a spreadsheet, an LMS or nbgrader."""

import csv
import io
from pathlib import Path

from helpers.grading.reports.hostile_text import cell
from helpers.grading.reports.records import Result, fresh

COLUMNS = ["student", "name", "submission", "verdict", "points", "maximum", "percent"]


def write(results: list[Result], path: Path) -> Path:
    """Write a line a submission, with a column a task after `COLUMNS`.

    Who was not graded has no points, which is not the same as 0.
    """
    tasks = list(
        dict.fromkeys(task["task"] for each in results for task in each["tasks"])
    )
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow([*COLUMNS, *tasks, "isolation", "why"])
    for each in results:
        earned = {task["task"]: task["points"] for task in each["tasks"]}
        table.writerow(
            [
                *(cell(each[name]) for name in COLUMNS[:4]),
                *_points(each),
                *(earned.get(task, "") for task in tasks),
                each["isolation"],
                cell((each["rejection"] or {}).get("reason", "")),
            ]
        )
    return fresh(path, file.getvalue())


def _points(result: Result) -> list[object]:
    if result["verdict"] == "infrastructure":
        return ["", result["maximum"], ""]
    share = result["points"] / result["maximum"] if result["maximum"] else 0
    return [result["points"], result["maximum"], round(100 * share, 1)]
