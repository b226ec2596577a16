"""Lab 1.1, task 6: limits are met, and nothing that works is cheaper."""

from typing import Any

import pytest

from helpers.check import CheckFailed, checks_of
from helpers.payments import workloads

CHECK = checks_of("lab_1_1")["place_six_workloads"]
INPUTS = CHECK.inputs(13)
WORKS, STORES = INPUTS["workloads"], INPUTS["stores"]


def fits(name: str) -> list[str]:
    """Give the stores that will do, cheapest first."""
    work = WORKS[name]
    found = [store for store in STORES if not workloads.misses(work, STORES[store])]
    return sorted(found, key=lambda store: workloads.cost(work, STORES[store]))


BEST = {name: fits(name)[0] for name in WORKS}


def found(placed: object) -> CheckFailed:
    with pytest.raises(CheckFailed) as failure:
        CHECK(13, lambda *_: placed, lambda name: None)
    return failure.value


@pytest.mark.parametrize("seed", [13, 1, 2, 3, 4])
def test_the_cheapest_of_those_that_will_do_passes(seed: int) -> None:
    def cheapest(works: Any, stores: Any) -> dict[str, str]:
        return {
            name: min(
                (each for each in stores if not workloads.misses(work, stores[each])),
                key=lambda each: workloads.cost(work, stores[each]),
            )
            for name, work in works.items()
        }

    assert "the least" in CHECK(seed, cheapest, lambda name: None)


@pytest.mark.parametrize("name", [name for name in WORKS if len(fits(name)) > 1])
def test_a_dearer_one_is_named(name: str) -> None:
    failure = found(BEST | {name: fits(name)[1]})
    assert name in failure.look
    assert "USD" in failure.found


@pytest.mark.parametrize(
    ("name", "store", "limit"),
    [
        ("scratch of the nightly job", "S3 Standard", "protocol"),
        ("training set of the fraud models", "EBS gp3", "protocol"),
    ],
)
def test_a_limit_that_is_missed_is_named(name: str, store: str, limit: str) -> None:
    failure = found(BEST | {name: store})
    assert failure.found == f"{store} does not"
    assert limit in failure.asked


@pytest.mark.parametrize("placed", [None, {}, [1], dict.fromkeys(WORKS)])
def test_what_is_no_placement_is_said_back(placed: object) -> None:
    failure = found(placed)
    assert all(name in failure.asked for name in WORKS) or "one of" in failure.asked
    assert ("return statement" in failure.look) == (not isinstance(placed, dict))


def test_a_store_that_is_none_is_said_back() -> None:
    assert found(BEST | dict.fromkeys([*WORKS][:1], "tape")).found == "'tape'"
