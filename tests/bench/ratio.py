"""Interleaved measurements and what is reported of them."""

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plan:
    """How much to measure.

    Attributes:
        rounds: Pairs of measurements of each row.
        calls: Requests in one measurement of a request.
    """

    rounds: int
    calls: int


@dataclass(frozen=True)
class Row:
    """One line of the result.

    Attributes:
        what: The side that is ours.
        against: Its peer.
        values: One for each pair.
        unit: "x" for a ratio of two times, "s" for their difference or a plain time.
        goal: The value that the median should not exceed, if there is one.
        note: What a reader must know to judge it.
    """

    what: str
    against: str
    values: list[float]
    unit: str = "x"
    goal: float | None = None
    note: str = ""
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    @property
    def median(self) -> float:
        """The median of the values."""
        return statistics.median(self.values)

    @property
    def held(self) -> bool | None:
        """Whether the goal was met; None without one."""
        return None if self.goal is None else self.median <= self.goal


def alternate(rounds: int, *sides: Callable[[], float]) -> list[tuple[float, ...]]:
    """Measure each side once a round, in an order that turns from round to round."""
    measured = []
    for number in range(rounds):
        results = [0.0] * len(sides)
        for step in range(len(sides)):
            side = (step + number) % len(sides)
            results[side] = sides[side]()
        measured.append(tuple(results))
    return measured


def ratios(
    pairs: list[tuple[float, ...]], ours: int = 0, theirs: int = 1
) -> list[float]:
    """Divide one side by another, pair by pair."""
    return [pair[ours] / pair[theirs] for pair in pairs]


def differences(
    pairs: list[tuple[float, ...]], ours: int = 0, theirs: int = 1
) -> list[float]:
    """Subtract one side from another, pair by pair."""
    return [pair[ours] - pair[theirs] for pair in pairs]


def per_call(call: Callable[[], object], calls: int) -> float:
    """Return the median time of one call, in seconds."""
    times = []
    for _ in range(calls):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def sustained(
    client: Callable[[], Callable[[], object]], calls: int, clients: int
) -> float:
    """Return the time of one call under load, in seconds: 1 / throughput.

    Args:
        client: Makes what one client calls; called once for each client, and warmed.
        calls: Calls of each client.
        clients: How many call side by side.
    """
    callers = [client() for _ in range(clients)]
    for call in callers:
        call()
    with ThreadPoolExecutor(clients) as pool:
        begun = time.perf_counter()
        ends = [pool.submit(_repeat, call, calls) for call in callers]
        for end in ends:
            end.result()
        return (time.perf_counter() - begun) / (calls * clients)


def _repeat(call: Callable[[], object], calls: int) -> None:
    for _ in range(calls):
        call()
