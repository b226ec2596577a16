"""The results of a run, as its `results.jsonl` holds them."""

import json
from pathlib import Path
from typing import Any

Result = dict[str, Any]


def read(out: Path) -> list[Result]:
    """Give the last result of each submission, in the order of student and submission.

    Args:
        out: the folder of the run.

    Raises:
        FileNotFoundError: if the run has no results.
    """
    last: dict[str, Result] = {}
    # str.splitlines would also end a line at what a submission's text may hold
    for line in (out / "results.jsonl").read_bytes().split(b"\n"):
        try:
            result = json.loads(line)
        except ValueError:
            continue
        if "submission" in result:
            last[result["submission"]] = result
    return sorted(last.values(), key=lambda each: (each["student"], each["submission"]))


def graded(results: list[Result]) -> list[Result]:
    """Give the results that have points."""
    return [each for each in results if each["verdict"] == "graded"]


def fresh(path: Path, text: str) -> Path:
    """Write a file so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(text, encoding="utf-8", newline="")
    return unfinished.replace(path)
