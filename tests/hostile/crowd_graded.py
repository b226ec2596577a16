"""Grade a generated class, and compare each grade with what is due."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from helpers.grading.reports import likeness
from tests.hostile.corpus import LAB
from tests.hostile.crowd import Due
from tests.hostile.graded import ROOT, SEED, results

CELL_SECONDS = 20
Results = dict[str, dict[str, Any]]


def grade(place: Path, workers: int = 2) -> Results:
    """Grade a class as it was written below a folder, into its folder `graded`.

    Returns:
        By student's id the result.

    Raises:
        RuntimeError: if the command fails.
    """
    options = {
        "lab": LAB,
        "submissions": place / "submissions",
        "roster": place / "roster.csv",
        "out": place / "graded",
        "seed": SEED,
        "workers": workers,
        "cell-seconds": CELL_SECONDS,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    command = [sys.executable, "-m", "helpers.grading", *map(str, words)]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code:
        raise RuntimeError(f"{' '.join(command)} ended with {code}")
    return results(place / "graded")


def mismatches(due: dict[str, Due], found: Results) -> dict[str, str]:
    """Tell by student what is not as it is due; empty where all is right."""
    wrong = {}
    for student, each in due.items():
        told = _mismatch(each, found[student]) if student in found else "no result"
        if told:
            wrong[student] = told
    strangers = found.keys() - due.keys()
    return wrong | dict.fromkeys(strangers, "not of this class") | _pairs(due, found)


def _mismatch(due: Due, result: dict[str, Any]) -> str:
    if due.rejected:
        reason = (result["rejection"] or {}).get("reason", "")
        same = result["verdict"] == "rejected" and re.search(due.rejected, reason)
        return "" if same else f"{result['verdict']} {reason}, not: {due.rejected}"
    if result["verdict"] != "graded":
        return f"{result['verdict']}: {result['rejection'] or result['notes']}"
    least, most = due.points
    if not least <= result["points"] <= most:
        return f"{result['points']} points, not {least} to {most}: {result['notes']}"
    for task in result["tasks"]:
        points = due.tasks.get(task["task"], task["points"])
        if task["points"] != points:
            return f"{task['task']}: {task['state']}, {task['found']}"
    return ""


def _pairs(due: dict[str, Due], found: Results) -> dict[str, str]:
    """Compare who is shown as near-identical with who has copied, among the honest."""
    copied = {
        frozenset((student, each.copied))
        for student, each in due.items()
        if each.copied
    }
    alike = {
        frozenset((pair.first["student"], pair.second["student"]))
        for pair in likeness.pairs(list(found.values()))
    }
    honest = {student for student, each in due.items() if each.tasks}
    alike = {pair for pair in alike if pair <= honest}
    return {
        " ".join(sorted(pair)): "copied" if pair in copied else "alike by chance"
        for pair in copied ^ alike
    }


def shown(due: dict[str, Due], found: Results) -> int:
    """Print what is not as it is due; give 1 if there is any."""
    wrong = mismatches(due, found)
    table = Table("student", "case or habit", "mismatch")
    for student, told in wrong.items():
        table.add_row(student, due[student].what if student in due else "", told)
    console = Console()
    if wrong:
        console.print(table)
    hostile = sum(not each.tasks for each in due.values())
    copied = sum(bool(each.copied) for each in due.values())
    console.print(
        f"{len(due)} students, {hostile} of them hostile, {copied} copied: "
        f"{len(wrong)} mismatches"
    )
    return 1 if wrong else 0
