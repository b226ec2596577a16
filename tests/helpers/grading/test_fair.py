"""Each solution scores all points behind the wall, and each lab as released none.

By day one lab on one seed; with MLA_NIGHTLY all labs on five.
"""

import os

import pytest

from helpers.authoring.manifest import course
from helpers.grading.grade import grade
from tests.helpers.grading.submissions import SEED, cells, work

NIGHTLY = bool(os.environ.get("MLA_NIGHTLY"))
LABS = [lab for lab in course().labs if lab.ready]
SOLVED = [
    (lab, SEED - number)
    for lab in (LABS if NIGHTLY else LABS[:1])
    for number in range(5 if NIGHTLY else 1)
]


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(
    ("lab", "seed"), SOLVED, ids=[f"{lab.id}-{seed}" for lab, seed in SOLVED]
)
def test_a_solution_scores_all_points(sandbox, lab, seed):
    result = grade(work(cells(lab.solution)), lab.id, seed, sandbox)
    lost = [task for task in result["tasks"] if task["state"] != "passed"]
    assert (result["points"], lost, result["runs"]) == (100, [], 1)


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("lab", LABS if NIGHTLY else LABS[:1], ids=lambda lab: lab.id)
def test_a_lab_as_released_scores_none(sandbox, lab):
    result = grade(work(cells(lab.path)), lab.id, SEED, sandbox)
    assert (result["points"], result["verdict"]) == (0, "graded")
    assert not [task for task in result["tasks"] if task["state"] == "stopped"]
