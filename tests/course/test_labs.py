"""labs/ is derived and fresh; an unsolved lab fails, clearly, and scores nothing."""

from functools import cache

import pytest

from helpers.authoring import release
from helpers.authoring.execute import Run, run
from helpers.authoring.manifest import course
from helpers.authoring.score import scores

LABS = [lab for lab in course().labs if lab.ready]
CLEAR = {"NotImplementedError", "AssertionError", "CheckFailed"}

each_lab = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)


@cache
def unsolved(path) -> Run:
    return run(path, keep_going=True)


@each_lab
def test_a_lab_is_what_its_solution_makes(lab):
    assert lab not in release.stale(course()), (
        f"{lab.path.name} is stale: run make labs"
    )


@each_lab
def test_a_lab_shows_no_solution(lab):
    text = lab.path.read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in text
    assert text.count("raise NotImplementedError()") == len(lab.tasks)


@each_lab
def test_an_unsolved_lab_scores_nothing(lab):
    results = scores(unsolved(lab.path).notebook)
    assert [score.task for score in results] == [task.name for task in lab.tasks]
    assert [score.points for score in results] == [0] * len(lab.tasks)
    assert {score.error for score in results} <= CLEAR, results


@each_lab
def test_an_unsolved_lab_fails_with_clear_errors_only(lab):
    errors = [
        f"{cell.id}: {output.ename}: {output.evalue}"
        for cell in unsolved(lab.path).notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error" and output.ename not in CLEAR
    ]
    assert errors == []
