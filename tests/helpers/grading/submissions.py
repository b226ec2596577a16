"""Submissions of the light lab, as intake gives them, and what grades them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from helpers.grading.grade import grade
from helpers.grading.lab import Lab, _cell
from helpers.grading.limits import Limits

JSON = dict[str, Any]
LIGHT = Path(__file__).parents[2] / "hostile" / "lab"
SEED = 7_305_918_264_417_209_355
# The job takes longer than all else: most tests leave its task out.
POINTS = 7
JOB = "train_on_rows"


def cells(path: Path) -> list[JSON]:
    """Give the code cells of a notebook that has kept its metadata."""
    notebook = nbformat.read(path, as_version=4)
    read = [_cell(cell) for cell in notebook.cells if cell.cell_type == "code"]
    return [
        {name: getattr(cell, name) for name in ("source", "grade_id", "task", "kind")}
        for cell in read
    ]


def light(*, job: bool = False) -> list[JSON]:
    """Give the cells of the light lab's solution."""
    found = cells(LIGHT / "solution.ipynb")
    return [cell for cell in found if job or cell["task"] != JOB]


def other(source: str) -> JSON:
    """Give a cell that the lab does not have."""
    return {"source": source, "grade_id": None, "task": None, "kind": "other"}


def work(of: list[JSON]) -> JSON:
    """Give what intake would of these cells."""
    who = {name: "ada" for name in ("submission", "student", "name")}
    return {**who, "file": "ada/lab.ipynb", "notes": [], "cells": of}


def states(result: JSON) -> dict[str, str]:
    """Give the state of each task of a result."""
    return {task["task"]: task["state"] for task in result["tasks"]}


Grade = Callable[..., JSON]


@contextmanager
def grader(warm: Any) -> Iterator[Grade]:
    """Give a function that grades cells of the light lab."""

    def graded(of: list[JSON], seed: int = SEED, **bounds: float) -> JSON:
        limits = Limits(**bounds)
        return grade(work(of), str(LIGHT), seed, warm, limits)

    yield graded


def lab() -> Lab:
    """Give the light lab."""
    return Lab.load(LIGHT)
