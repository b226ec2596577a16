"""A case is lost for each thing that may go wrong, and for nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.hostile.corpus import Case
from tests.hostile.held import (
    CHANGED,
    FEW,
    HARMED,
    LEAKED,
    LEFT,
    MANY,
    REASONS,
    UNENDED,
    Seen,
    faults,
)

CASE = Case(Path("x01_some"), "a case", (5, 8))
BROKEN = Case(Path("f01_some"), "a broken file", rejected="JSON")
HELD = Seen(8.0, (10.0, 10.0))


@pytest.mark.parametrize(
    ("case", "points"),
    [(CASE, 5.0), (CASE, 8.0), (BROKEN, 0.0), (BROKEN, None)],
)
def test_a_case_within_its_bounds_is_held(case: Case, points: float | None) -> None:
    assert faults(case, replace(HELD, points=points)) == {}


def test_each_thing_that_goes_wrong_is_named() -> None:
    wrong = {
        HARMED: replace(HELD, neighbours=(10.0, None)),
        MANY: replace(HELD, points=8.5),
        FEW: replace(HELD, points=None),
        LEAKED: replace(HELD, leaked=("shows home",)),
        CHANGED: replace(HELD, changed=("secret",)),
        LEFT: replace(HELD, left=("sleep 9",)),
        UNENDED: replace(HELD, unended="stopped"),
    }
    assert tuple(wrong) == REASONS
    for reason, seen in wrong.items():
        assert set(faults(CASE, seen)) == {reason}
    assert set(faults(BROKEN, HELD)) == {MANY}


def test_all_that_went_wrong_is_named_at_once() -> None:
    seen = Seen(None, (None, 9.0), ("a",), ("b",), ("c",), "stopped")
    assert set(faults(CASE, seen)) == set(REASONS) - {MANY}
