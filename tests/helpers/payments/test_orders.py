"""The noon of the food court: a stall too many for a shard, lines twice and late."""

from collections import Counter

import pytest

from helpers.payments import orders

SEEDS = [13, 1, 2, 3]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stall_overruns_a_shard_that_orders_would_not(seed: int) -> None:
    seconds, count = orders.noon(seed), orders.shards(seed)
    assert orders.noon(seed) == seconds
    for lines in seconds:
        assert len(lines) < 0.9 * count * orders.SHARD
        stalls = Counter(line["stall"] for line in lines)
        assert max(stalls.values()) > orders.SHARD
        assert max(Counter(line["order"] for line in lines).values()) < 9


@pytest.mark.parametrize("seed", SEEDS)
def test_some_lines_come_twice_and_some_after_their_window(seed: int) -> None:
    lines = [line for part in orders.noon(seed) for line in part]
    numbers = Counter(line["line"] for line in lines)
    assert set(numbers.values()) == {1, 2}
    assert len({line["stall"] for line in lines}) == len(orders.STALLS)
    windows = [min(orders.windows([line])) for line in lines]
    assert windows != sorted(windows)


def test_a_window_counts_each_line_once() -> None:
    first = {"line": 1, "cents": 500, "ordered_at": "2026-01-04T11:44:59"}
    late = {"line": 2, "cents": 300, "ordered_at": "2026-01-04T11:30:00"}
    later = {"line": 3, "cents": 200, "ordered_at": "2026-01-04T11:45:00"}
    found = orders.windows([first, later, first, late])
    assert found == {"11:30": [2, 800], "11:45": [1, 200]}
