"""Take the grades of a run into nbgrader's gradebook.

    python -m helpers.grading.gradebook grades/ gradebook.db

What nbgrader knows of the assignment stays; a student's points become the automatic
score of each graded cell, `<task>_check`, as `nbgrader autograde` would have set it.
`nbgrader export`, its formgrader and its feedback then go on from there.
"""

import argparse
import os
import sys
from pathlib import Path

from helpers.grading.reports.hostile_text import line
from helpers.grading.reports.records import Result, graded, read


def fill(results: list[Result], gradebook: str, assignment: str | None = None) -> int:
    """Set the scores of all graded submissions.

    Args:
        results: of a run.
        gradebook: URL of nbgrader's database, such as `sqlite:///gradebook.db`.
        assignment: its name in the gradebook; None means the lab's.

    Returns:
        How many submissions were taken over; rejected ones have 0 points, and those
        that the grader could not grade are left out.

    Raises:
        ValueError: if nothing was graded, so that the tasks are not known.
    """
    from nbgrader.api import Gradebook

    right = graded(results)
    if not right:
        raise ValueError("no submission of this run was graded")
    name = assignment or right[0]["lab"]
    taken = [each for each in results if each["verdict"] != "infrastructure"]
    # nbgrader calls alembic, which lies beside this Python, by its name alone
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with Gradebook(gradebook) as book:
        book.update_or_create_assignment(name)
        book.update_or_create_notebook(name, name)
        for task in right[0]["tasks"]:
            book.update_or_create_grade_cell(
                _cell(task["task"]),
                name,
                name,
                max_score=task["maximum"],
                cell_type="code",
            )
        for each in taken:
            student = line(each["student"], 128)
            first, _, last = line(each["name"]).partition(" ")
            book.update_or_create_student(student, first_name=first, last_name=last)
            book.update_or_create_submission(name, student)
            earned = {task["task"]: task["points"] for task in each["tasks"]}
            for task in right[0]["tasks"]:
                grade = book.find_grade(_cell(task["task"]), name, name, student)
                grade.auto_score = earned.get(task["task"], 0)
                grade.needs_manual_grade = False
        book.db.commit()
    return len(taken)


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        The exit code: 0, or 1 where there is nothing to take over.
    """
    parser = argparse.ArgumentParser(
        prog="python -m helpers.grading.gradebook",
        description="Take the grades of a run into nbgrader's gradebook.",
    )
    parser.add_argument("out", type=Path, help="the folder of the run")
    parser.add_argument("gradebook", type=Path, help="nbgrader's gradebook.db")
    parser.add_argument("--assignment", help="its name there (default: the lab's)")
    options = parser.parse_args(arguments)
    try:
        count = fill(
            read(options.out),
            f"sqlite:///{options.gradebook.resolve()}",
            options.assignment,
        )
    except (FileNotFoundError, ValueError) as error:
        print(f"gradebook: {error}", file=sys.stderr)
        return 1
    print(f"{count} submissions taken over")
    return 0


def _cell(task: str) -> str:
    return f"{task}_check"


if __name__ == "__main__":
    sys.exit(main())
