"""What the notebooks show is what their code does, byte for byte."""

from functools import cache
from pathlib import Path

import pytest

from helpers.authoring.execute import Run, run
from helpers.authoring.manifest import ROOT, course
from helpers.authoring.score import scores, total

SOURCES = course().sources()
LABS = {lab.solution: lab for lab in course().labs if lab.ready}
# Lessons, and the solutions of labs: their goals on a quiet machine.
SECONDS = {"notebooks": 60, "solutions": 150}

each_source = pytest.mark.parametrize(
    "path", SOURCES, ids=lambda path: str(path.relative_to(ROOT))
)


def files() -> set[Path]:
    places = [ROOT / name for name in ("notebooks", "solutions", "labs", "data")]
    return {
        p for place in places for p in place.rglob("*") if "__pycache__" not in p.parts
    }


@cache
def executed(path: Path) -> tuple[Run, set[Path]]:
    before = files()
    return run(path), files() - before


@each_source
def test_executing_again_changes_nothing(path):
    again = executed(path)[0]
    assert again.failure == ""
    changed = first_difference(path.read_text(encoding="utf-8"), again.text)
    assert not changed, f"{changed}\n{path.name} shows other outputs: run make outputs"


def first_difference(stored: str, found: str) -> str:
    pairs = zip(stored.splitlines(), found.splitlines(), strict=False)
    for number, (old, new) in enumerate(pairs, 1):
        if old != new:
            return (
                f"line {number}\nstored {old.strip()[:200]}\nfound  {new.strip()[:200]}"
            )
    return "" if stored == found else "one text is longer"


@each_source
def test_executing_leaves_no_file_behind(path):
    assert executed(path)[1] == set()


@each_source
def test_executing_takes_no_longer_than_a_reader_waits(path):
    # The kernel's and the endpoint's start are in it; a busy machine may double it.
    assert executed(path)[0].seconds < 2 * SECONDS[path.parent.name]


@pytest.mark.parametrize("path", LABS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_solution_scores_full_marks_on_its_own_seed(path):
    results = scores(executed(path)[0].notebook)
    assert [(score.task, score.points) for score in results] == [
        (task.name, task.points) for task in LABS[path].tasks
    ]
    assert total(results) == "100/100"


def test_a_difference_is_found():
    assert first_difference("a\nb\n", "a\nb\n") == ""
    assert "line 2" in first_difference("a\nb\n", "a\nc\n")
    assert first_difference("a\n", "a\nb\n") == "one text is longer"
