"""F2: the kernel ends at a cell boundary of a lab, and all is run again."""

import os
import random
from contextlib import chdir
from copy import deepcopy

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from helpers.authoring import tidy
from helpers.authoring.endpoint import applied, isolated
from helpers.authoring.execute import CELL_SECONDS, KERNEL, failure
from helpers.authoring.manifest import Lab, course
from helpers.authoring.score import scores, total

LABS = [lab for lab in course().labs if lab.ready]
NIGHTLY = os.environ.get("MLA_NIGHTLY") == "1"


def boundaries(lab: Lab) -> range:
    """Return how many code cells may have been run when the kernel ends."""
    cells = tidy.read(lab.solution).cells
    return range(1, 1 + sum(cell.cell_type == "code" for cell in cells))


def restarted(lab: Lab, done: int) -> NotebookNode:
    """Run the first code cells, kill the kernel, and run all with the next one."""
    every = tidy.read(lab.solution)
    first = deepcopy(every)
    code = [cell for cell in first.cells if cell.cell_type == "code"]
    first.cells = code[:done]
    with isolated(start=False) as environment:
        # a learner's endpoint: its clock runs, and it outlives the kernel
        del environment["LOCALAWS_EPOCH"]
        with applied(environment), chdir(lab.solution.parent):
            for notebook in (first, every):
                NotebookClient(
                    notebook,
                    timeout=CELL_SECONDS,
                    kernel_name=KERNEL,
                    shutdown_kernel="immediate",
                    extra_arguments=["--IPKernelApp.log_level=ERROR"],
                ).execute()
    return every


def check(lab: Lab, done: int) -> None:
    """Assert that the second run has full marks and says nothing on stderr."""
    notebook = restarted(lab, done)
    assert failure(notebook) == "", f"{done} cells had been run"
    results = scores(notebook)
    assert total(results) == "100/100", f"{done} cells had been run: {results}"


@pytest.mark.skipif(NIGHTLY, reason="every boundary is tested")
@pytest.mark.parametrize("lab", LABS[:1], ids=lambda lab: lab.id)
def test_all_can_be_run_again_from_the_top(lab: Lab) -> None:
    """One boundary, another at each run."""
    seed = int(os.environ.get("MLA_SEED") or random.randrange(10**6))
    print(f"the boundary is drawn by MLA_SEED={seed}")
    check(lab, random.Random(seed).choice(boundaries(lab)))


@pytest.mark.skipif(not NIGHTLY, reason="MLA_NIGHTLY=1 tests every boundary")
@pytest.mark.parametrize(
    ("lab", "done"),
    [(lab, done) for lab in LABS for done in boundaries(lab)],
    ids=lambda value: getattr(value, "id", value),
)
def test_every_boundary(lab: Lab, done: int) -> None:
    check(lab, done)
