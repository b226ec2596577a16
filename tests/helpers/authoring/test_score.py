"""Scores agree with nbgrader's own, cell by cell."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.utils import determine_grade

from helpers.authoring.score import scores, total


def graded(*outputs, count=1, name="land-raw-check"):
    metadata = {
        "nbgrader": {
            **{"grade": True, "solution": False, "locked": True, "task": False},
            **{"grade_id": "land_raw_check", "points": 30, "schema_version": 3},
        }
    }
    return new_code_cell(
        'check("land_raw", land_raw)',
        id=name,
        metadata=metadata,
        outputs=list(outputs),
        execution_count=count,
    )


ERROR = new_output("error", ename="CheckFailed", evalue="asked: all", traceback=[])
STDERR = new_output("stream", name="stderr", text="DeprecationWarning: old\n")
STDOUT = new_output("stream", name="stdout", text="land_raw: passed.\n")


@pytest.mark.parametrize(
    ("outputs", "points"), [((), 30), ((STDOUT,), 30), ((ERROR,), 0), ((STDERR,), 0)]
)
def test_points_are_those_of_nbgrader(outputs, points):
    cell = graded(*outputs)
    (score,) = scores(new_notebook(cells=[cell]))
    assert (score.task, score.points, score.maximum) == ("land_raw", points, 30)
    assert determine_grade(cell)[0] == points


def test_a_cell_that_never_ran_earns_nothing():
    (score,) = scores(new_notebook(cells=[graded(count=None)]))
    assert (score.points, score.cause) == (0, "the cell did not run")


def test_the_cause_is_told():
    error, stderr = scores(
        new_notebook(cells=[graded(ERROR), graded(STDERR, name="b")])
    )
    assert (error.error, error.cause) == ("CheckFailed", "CheckFailed: asked: all")
    assert stderr.cause == "wrote to stderr: DeprecationWarning: old"


def test_other_cells_do_not_count():
    assert scores(new_notebook(cells=[new_code_cell("1", id="one")])) == []


def test_the_total_says_points_of_maximum():
    assert (
        total(scores(new_notebook(cells=[graded(), graded(ERROR, name="b")])))
        == "30/60"
    )
