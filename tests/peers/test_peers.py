"""nbgrader is judged by what it does: on right work, and where it is known to lose."""

import pytest

from tests.hostile.corpus import cases
from tests.hostile.held import HARMED, LEAKED, MANY
from tests.peers.__main__ import CATEGORIES
from tests.peers.batch import batch, template

KNOWN = {
    "b01_right": (10, {}),
    "f01_truncated": (None, {}),
    "g08_input_transformer": (10, {MANY}),
    "g25_startup_file": (10, {HARMED}),
    "d01_steal_and_print": (10, {LEAKED}),
}


def test_each_case_has_a_category() -> None:
    assert {case.name[0] for case in cases()} == set(CATEGORIES)


@pytest.mark.nightly(reason="what holds a case: tests/hostile/test_held.py")
def test_nbgrader_holds_and_loses_what_it_is_known_to() -> None:
    chosen = [case for case in cases() if case.name in KNOWN]
    assert len(chosen) == len(KNOWN)
    with template() as made:
        for case in chosen:
            judged = batch(case, made)
            points, reasons = KNOWN[case.name]
            assert judged.seen.points == points, (case.name, judged.log)
            assert set(judged.faults) == set(reasons), (case.name, judged.faults)
