"""A graded class to report on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TASKS = {"measure_bias": ["1.3.K1", "1.3.S2"], "stop_the_bad_batch": ["1.3.S1"]}
Results = list[dict[str, Any]]


def graded(student: str, *earned: bool, **other: Any) -> dict[str, Any]:
    """Give the result of a student who earned some of the tasks."""
    tasks = [
        {
            "task": name,
            "title": name.replace("_", " "),
            "goal": "Do as the lab says.",
            "points": 50 if right else 0,
            "maximum": 50,
            "bullets": bullets,
            "state": "passed" if right else "failed",
            "asked": "" if right else "the 4711 rows of the hidden case",
            "found": "3 rows",
            "look": "" if right else "your return statement",
        }
        for (name, bullets), right in zip(TASKS.items(), earned, strict=True)
    ]
    return {
        "submission": f"{student}/lab.ipynb",
        "student": student,
        "name": "",
        "file": "lab.ipynb",
        "lab": "lab_1_3",
        "verdict": "graded",
        "isolation": "full",
        "points": sum(task["points"] for task in tasks),
        "maximum": 100,
        "tasks": tasks,
        "notes": [],
        "rejection": None,
        "runs": 1,
        "seconds": 1.5,
        "cpu_seconds": 1.0,
        "memory_mb": 200,
        "output": "",
        "sources": {},
        **other,
    }


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Results], Path]:
    """Store results as a run does, and give its folder."""

    def stored(results: Results) -> Path:
        lines = [json.dumps({"run": 1}), *map(json.dumps, results)]
        (tmp_path / "results.jsonl").write_text("\n".join(lines) + '\n{"submi')
        return tmp_path

    return stored
