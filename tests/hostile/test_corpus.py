"""Every case of the corpus gets its safe verdict, and touches nobody else."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.corpus import Case, cases
from tests.hostile.graded import MARKS, Graded, grade
from tests.hostile.held import CHECKS, faults, ours

CASES = cases()


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    """The corpus, graded once."""
    # another worker of pytest has the other processor
    workers = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2
    yield grade(CASES, tmp_path_factory.mktemp("hostile"), workers)


def test_there_are_a_hundred_cases_and_the_command_ends_well(graded: Graded) -> None:
    assert len(CASES) >= 100
    assert graded.code == 0, graded.said[-2000:]
    assert len(graded.results) == 2 * len(CASES) + 1
    for name in ("grades.csv", "class.html"):
        assert (graded.out / name).stat().st_size


@pytest.mark.parametrize("number", range(len(CASES)), ids=[each.name for each in CASES])
def test_a_case_gets_its_safe_verdict(graded: Graded, number: int) -> None:
    case = CASES[number]
    assert faults(case, ours(graded, number, case)) == {}
    result = graded.results[f"{number:03}-x-{case.name}"]
    if case.rejected:
        assert result["verdict"] == "rejected", result
        rejection = result["rejection"]
        assert re.search(case.rejected, rejection["reason"]), rejection
        assert rejection["file"] or case.name == "f16_no_notebook"
        assert rejection["next"]
    else:
        assert result["verdict"] == "graded", result["notes"]
    assert result["isolation"] == "full"


@pytest.mark.parametrize("number", range(len(CASES) + 1))
def test_the_neighbours_of_a_case_have_full_marks(graded: Graded, number: int) -> None:
    result = graded.results[f"{number:03}-right"]
    beside = [each.name for each in CASES[max(0, number - 1) : number + 1]]
    assert result["points"] == result["maximum"] == 10, (beside, result)
    assert result["runs"] == 1, (beside, result["notes"])


def test_no_page_shows_what_is_secret(graded: Graded) -> None:
    for page in (graded.out / "students").iterdir():
        text = page.read_text()
        assert not [mark for mark in (*MARKS.values(), *CHECKS) if mark in text], page


def test_what_is_printed_steers_no_terminal(graded: Graded) -> None:
    assert not set(graded.said) & {"\x1b", "\x07", "\x9b", "\x00", "\u202e"}


def test_each_case_can_fail(tmp_path: Path) -> None:
    """A case's build differs from the right solution, or says that it does not."""
    environment = dict.fromkeys(
        ("ROOT", "CASES", "OUT", "HOME", "ADDRESS", "PORT"), "/nowhere"
    )
    neighbour = tmp_path / "neighbour.ipynb"
    neighbour.write_text("{}")
    same = []
    right = Case(tmp_path, "right")
    right.build(tmp_path / "right", environment)
    for case in CASES:
        folder = tmp_path / case.name
        case.build(folder, {**environment, "NEIGHBOUR": str(neighbour)})
        path = folder / "lab.ipynb"
        regular = path.is_file() and not path.is_symlink()
        others = len(list(folder.iterdir())) > 1
        if (
            regular
            and not others
            and _bytes(path) == _bytes(tmp_path / "right/lab.ipynb")
        ):
            same.append(case.name)
    assert same == ["b01_right"]


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.stat().st_size < 1 << 24 else b""
