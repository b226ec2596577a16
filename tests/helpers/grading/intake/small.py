"""A lab of two tasks, and notebooks that answer it."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from helpers.grading.intake import Submission, collect

ADD = "def add(a, b):\n    return a + b"
SCALE = "def scale(rows):\n    return [2 * each for each in rows]"


def released(source: str, kind: str, task: str | None = None) -> SimpleNamespace:
    grade_id = f"{task}_{kind}" if task else None
    return SimpleNamespace(source=source, grade_id=grade_id, task=task, kind=kind)


LAB = SimpleNamespace(
    name="lab_9_9",
    tasks=[SimpleNamespace(name="add"), SimpleNamespace(name="scale")],
    cells=[
        released("seed = 13", "parameters"),
        released('check.lab("lab_9_9", seed=seed)', "setup"),
        released("def add(a, b): ...", "answer", "add"),
        released('check("add", add)', "check", "add"),
        released("def scale(rows): ...", "answer", "scale"),
        released('check("scale", scale)', "check", "scale"),
    ],
)


def cell(source: Any, grade_id: str | None = None, **more: Any) -> dict[str, Any]:
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    plain = {"cell_type": "code", "metadata": metadata, "outputs": [], "source": source}
    return {**plain, **more}


def cells() -> list[dict[str, Any]]:
    return [
        cell("seed = 13", id="parameters"),
        cell('check.lab("lab_9_9", seed=seed)', id="setup"),
        cell(ADD, "add_answer"),
        cell('check("add", add)', "add_check"),
        cell(SCALE, "scale_answer"),
        cell('check("scale", scale)', "scale_check"),
    ]


def notebook(given: Any = None, **more: Any) -> dict[str, Any]:
    found = cells() if given is None else given
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": found, **more}


def text(given: Any = None, **more: Any) -> str:
    return json.dumps(notebook(given, **more))


def read(path: Path, roster: Any = None) -> dict[str, Submission]:
    return {each.key: each for each in collect(path, LAB, roster)}


def told(submission: Submission) -> list[tuple[str, str | None]]:
    return [(each["kind"], each["task"]) for each in submission.work["cells"]]


WHOLE = [
    ("parameters", None),
    ("setup", None),
    ("answer", "add"),
    ("check", "add"),
    ("answer", "scale"),
    ("check", "scale"),
]
