"""Derive what a learner opens from its solution, by nbgrader's own preprocessors."""

from pathlib import Path

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from helpers.authoring import tidy
from helpers.authoring.manifest import Course, Lab

# The order of nbgrader's generate_assignment; checksums must be of what is released.
STEPS: tuple[type[Preprocessor], ...] = (
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    ClearHiddenTests,
    ComputeChecksums,
    CheckCellMetadata,
)


def released(solution: NotebookNode, name: str) -> NotebookNode:
    """Give the lab of a solution.

    Args:
        solution: the notebook; it is left as it is.
        name: of the lab, for nbgrader's messages.

    Raises:
        nbgrader.validator.ValidationError: if its grading metadata cannot be used.
    """
    import nbformat

    lab = nbformat.from_dict(dict(solution))
    resources = {"unique_key": name, "nbgrader": {"notebook": name}}
    for step in STEPS:
        lab, resources = step().preprocess(lab, resources)
    return lab


def text(lab: Lab) -> str:
    """Give the canonical text that a lab must have."""
    return tidy.dumps(released(tidy.read(lab.solution), lab.id))


def stale(course: Course) -> list[Lab]:
    """Give the ready labs whose file differs from what their solution makes."""
    return [lab for lab in course.labs if lab.ready and _content(lab.path) != text(lab)]


def write(course: Course) -> list[Path]:
    """Write every stale lab, and give the paths."""
    labs = stale(course)
    for lab in labs:
        lab.path.parent.mkdir(exist_ok=True)
        lab.path.write_bytes(text(lab).encode())
    return [lab.path for lab in labs]


def _content(path: Path) -> str:
    return path.read_bytes().decode() if path.is_file() else ""
