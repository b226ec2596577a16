"""A lab is read from the course or a folder, and refused if it cannot be graded."""

import json

import pytest

from helpers.authoring.manifest import course
from helpers.grading.lab import Lab, LabError
from tests.helpers.grading.submissions import LIGHT

LABS = [lab for lab in course().labs if lab.ready]


@pytest.mark.parametrize("known", LABS, ids=lambda lab: lab.id)
def test_a_lab_of_the_course_has_its_tasks_goals_and_points(known):
    found = Lab.load(known.id)
    asked = [(task.name, task.points, task.bullets) for task in known.tasks]
    assert [(task.name, task.points, task.bullets) for task in found.tasks] == asked
    assert found.maximum == 100 and found.seed == 13
    assert known.title in found.title
    assert found.module == f"helpers.checks.{known.id}"
    assert all(task.goal.endswith(".") and task.title for task in found.tasks)
    assert not any(
        "points" in task.title or "Task" in task.title for task in found.tasks
    )
    kinds = [cell.kind for cell in found.cells]
    assert kinds[:2] == ["parameters", "setup"]
    assert kinds.count("answer") == kinds.count("check") == len(asked)


def test_a_lab_in_a_folder_brings_the_text_of_its_checks():
    found = Lab.load(LIGHT)
    points = [(task.name, task.points) for task in found.tasks]
    assert points == [
        ("total_cents", 2),
        ("sum_by_day", 3),
        ("keep_versions", 2),
        ("train_on_rows", 3),
    ]
    assert not found.module and "CANARY" in found.source
    assert found.task("sum_by_day").points == 3


def test_what_is_no_lab_is_refused(tmp_path):
    with pytest.raises(LabError, match="no lab 'lab_9_9': lab_0_0"):
        Lab.load("lab_9_9")
    with pytest.raises(LabError, match=r"holds lab\.ipynb"):
        Lab.load(tmp_path)
    notebook = json.loads((LIGHT / "lab.ipynb").read_text())
    (tmp_path / "checks.py").write_text("")
    for name, cells, said in (
        ("no points", [], "no cell has points"),
        ("no seed", notebook["cells"][3:], "no cell is tagged parameters"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "checks.py").write_text("")
        (folder / "lab.ipynb").write_text(json.dumps({**notebook, "cells": cells}))
        with pytest.raises(LabError, match=said):
            Lab.load(folder)
