"""A lab, a class and a grader that costs nothing, for tests of the batch."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

CHECKS = "from helpers.check import Check\n"


def cell(source, identity="", **graded):
    metadata = {"nbgrader": graded} if graded else {}
    plain = {"cell_type": "code", "execution_count": None, "outputs": []}
    marks = {"id": identity} if identity else {}
    return {**plain, "metadata": metadata, "source": source, **marks}


def write(path: Path, cells: list[dict]) -> None:
    minor = 5 if all("id" in each for each in cells) else 4
    notebook = {"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": cells}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))


def make_lab(folder: Path, checks: str = CHECKS) -> Path:
    cells = [cell("seed = 13", "parameters")]
    for task in ("add", "scale"):
        answer = {"grade_id": f"{task}_answer"}
        check = {"grade_id": f"{task}_check", "points": 50}
        cells.append(cell(f"def {task}(x):\n    ...", f"{task}-answer", **answer))
        cells.append(cell(f'check("{task}", {task})', f"{task}-check", **check))
    write(folder / "lab.ipynb", cells)
    (folder / "checks.py").write_text(checks)
    return folder


def hand_in(root: Path, student: str, source: str = "add = scale = abs") -> None:
    write(root / student / "lab.ipynb", [cell(source)])


class Lost(OSError):
    """The sandbox has gone."""


@contextmanager
def opens(isolation, lab):
    yield {"graded": 0}


def preflight(isolation):
    return ""


def refusing(isolation):
    return "bubblewrap is missing: apt-get install bubblewrap"


def grade(work, lab, seed, warm):
    """Do what the student's name says; else give points by the length of the work."""
    warm["graded"] += 1
    student = work["student"]
    if student.startswith("killer"):
        os.kill(os.getpid(), signal.SIGKILL)
    if student.startswith("hungry"):
        raise MemoryError
    if student.startswith("lost"):
        raise Lost("no pod")
    flag = Path(lab) / student
    if student.startswith("once") and not flag.exists():
        flag.touch()
        raise Lost("no pod, once")
    who = {key: work[key] for key in ("submission", "student", "name", "file")}
    odd = student.startswith("unready")
    return {
        **who,
        "lab": Path(lab).name,
        "verdict": "infrastructure" if odd else "graded",
        "points": len(work["cells"]),
        "maximum": 100,
        "notes": ["the endpoint did not start"] if odd else work["notes"],
        "seconds": [os.getpid(), warm["graded"]],
        "output": f"seed {seed}",
    }


def slowly(*given):
    time.sleep(1)
    return grade(*given)


def report(out: Path) -> None:
    lines = (out / "results.jsonl").read_text().splitlines()
    grades = [json.loads(line) for line in lines]
    text = "".join(f"{each['submission']},{each['points']}\n" for each in grades)
    (out / "grades.csv").write_text(text)


def thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1)


def means(**more):
    # heavy, and no worker needs it
    from helpers.grading.batch.running import Means

    parts = {"grade": grade, "opens": opens, "preflight": preflight, "report": report}
    return Means(**{**parts, "executor": thread, **more})


def results(out: Path) -> dict[str, dict]:
    lines = (out / "results.jsonl").read_text().splitlines()
    return {each["submission"]: each for each in map(json.loads, lines)}


def timeless(out: Path) -> list[str]:
    """Give the lines of the results without their times, in the order of the file."""
    lines = [json.loads(x) for x in (out / "results.jsonl").read_text().splitlines()]
    times = ("seconds", "cpu_seconds", "memory_mb")
    return [json.dumps({**each, **dict.fromkeys(times)}) for each in lines]
