"""`make course` shows seconds, results and the bill, and fails when a notebook does."""

import io

import pytest
from rich.console import Console

from helpers.authoring import rehearsal, tidy
from helpers.authoring.execute import Run
from helpers.authoring.manifest import ROOT
from tests.course.samples_of_style import lesson, solution

LESSON = ROOT / "notebooks" / "1_1a_formats.ipynb"
SOLUTION = ROOT / "solutions" / "lab_1_1.ipynb"
BILL = [{"cost": 0.25}, {"cost": None}]


def lesson_run(failure=""):
    return Run(LESSON, tidy.dumps(lesson()), 2.0, failure, BILL)


def solution_run(count=7):
    notebook = solution()
    notebook.cells[-1].execution_count = count
    return Run(SOLUTION, tidy.dumps(notebook), 3.5)


@pytest.fixture
def shown(monkeypatch):
    """Rehearse given runs; give the verdict and what was printed."""

    def rehearse(*runs):
        monkeypatch.setattr(rehearsal, "run_all", lambda paths: iter(runs))
        out = io.StringIO()
        console = Console(file=out, width=120)
        verdict = rehearsal.rehearse([LESSON, SOLUTION], console)
        return verdict, out.getvalue()

    return rehearse


def test_a_course_that_runs_shows_its_table(shown):
    verdict, text = shown(solution_run(), lesson_run())
    assert verdict
    rows = text[text.index("on AWS, USD") :].splitlines()
    assert rows[1].split() == ["notebooks/1_1a_formats.ipynb", "2.0", "runs", "0.2500"]
    assert rows[2].split() == ["solutions/lab_1_1.ipynb", "3.5", "100/100", "0.0000"]
    assert rows[3].split() == ["all", "5.5", "2", "of", "2", "0.2500"]


def test_a_failure_names_the_cell_and_the_error(shown):
    verdict, text = shown(solution_run(), lesson_run("cell 4, rows: ValueError: [no]"))
    assert not verdict
    assert "cell 4, rows: ValueError: [no]" in text
    assert "1 of 2" in text


def test_a_solution_without_full_marks_is_a_failure(shown):
    verdict, text = shown(solution_run(count=None), lesson_run())
    assert not verdict
    assert "land_raw: the cell did not run" in text
