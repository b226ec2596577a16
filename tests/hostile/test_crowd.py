"""A generated class gets the grades that it is due."""

from pathlib import Path

import pytest

from tests.hostile.crowd import Class, write
from tests.hostile.crowd_graded import grade, mismatches

SMALL = Class(students=10, hostile=0.1, seed=3, jobs=False)


def test_a_small_class_is_right_in_every_grade(tmp_path: Path) -> None:
    due = write(SMALL, tmp_path)
    found = grade(tmp_path, workers=1)
    assert mismatches(due, found) == {}
    # and what is not right is seen
    first, second, *_ = found
    found[first]["points"] += 1
    del found[second]
    assert list(mismatches(due, found)) == [first, second]


@pytest.mark.nightly(reason="ten students by day")
def test_a_class_of_200_is_right_in_every_grade(tmp_path: Path) -> None:
    due = write(Class(students=200, hostile=0.1, seed=1), tmp_path)
    assert sum(not each.tasks for each in due.values()) == 20
    assert mismatches(due, grade(tmp_path)) == {}


def test_a_seed_draws_a_class_once(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("one", "two")]
    for place in places:
        write(SMALL, place)
    one, two = (
        {
            path.relative_to(place): path.read_bytes()
            for path in place.rglob("*")
            if path.is_file()
        }
        for place in places
    )
    assert one == two
