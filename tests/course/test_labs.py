"""labs/ is derived and fresh; an unsolved lab fails, clearly, and scores nothing."""

import ast
import re
from functools import cache

import pytest
from nbformat.v4 import new_output

from helpers.authoring import release
from helpers.authoring.execute import Run, run
from helpers.authoring.manifest import course
from helpers.authoring.score import scores
from tests.course.gates.cells import tree
from tests.course.samples_of_style import solution

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
    assert unclear(unsolved(lab.path).notebook) == []


def unclear(notebook) -> list[str]:
    """Give the errors that no learner could place.

    Clear is an unsolved function, a check, an error of AWS, and a name that an earlier
    cell would have bound had it not failed.
    """
    found, unbound = [], set()
    for cell in (each for each in notebook.cells if each.cell_type == "code"):
        for error in (out for out in cell.outputs if out.output_type == "error"):
            lost = re.fullmatch(r"name '(\w+)' is not defined", error.evalue)
            follows = lost is not None and lost[1] in unbound
            by_aws = error.evalue.startswith("An error occurred (")
            if not (error.ename in CLEAR or by_aws or follows):
                found.append(f"{cell.id}: {error.ename}: {error.evalue}")
            unbound |= {n.id for n in ast.walk(tree(cell)) if isinstance(n, ast.Name)}
    return found


def test_an_error_out_of_nowhere_is_unclear():
    notebook = solution()
    lost = {"ename": "NameError", "evalue": "name 'job' is not defined"}
    notebook.cells[5].outputs = [new_output("error", **lost, traceback=[])]
    assert unclear(notebook) == ["land-raw-try: NameError: name 'job' is not defined"]
    notebook.cells[4].source = "job = land_raw()"
    failed = {"ename": "NotImplementedError", "evalue": ""}
    notebook.cells[4].outputs = [new_output("error", **failed, traceback=[])]
    assert unclear(notebook) == []
