"""Solutions score full marks on any seed, and say nothing on stderr.

All of them at night. By day one, on another seed than its own: on its own seed each
has been scored where it was executed, in test_notebooks.py.
"""

import pytest

from helpers.authoring.execute import run
from helpers.authoring.manifest import course
from helpers.authoring.score import scores, total

LABS = [lab for lab in course().labs if lab.ready]
CASES = [(lab, seed) for seed in (1, 2, 3) for lab in LABS]
LATE = pytest.mark.nightly(reason="test_notebooks.py scores each on its own seed")


@pytest.mark.parametrize(
    ("lab", "seed"),
    [*CASES[:1], *(pytest.param(*case, marks=LATE) for case in CASES[1:])],
    ids=lambda value: getattr(value, "id", value),
)
def test_a_solution_scores_full_marks(lab, seed):
    done = run(lab.solution, {"seed": seed})
    assert done.failure == ""
    results = scores(done.notebook)
    assert [(s.task, s.points) for s in results] == [
        (task.name, task.points) for task in lab.tasks
    ]
    assert total(results) == "100/100"
