"""Lab 1.1, task 6: a store for each of six workloads, the cheapest that will do."""

from collections.abc import Callable
from typing import Any

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.payments import workloads

CENT = 0.001


def drawn(seed: int) -> JSON:
    """Draw the workloads; give the stores and the day of their prices."""
    return {
        "workloads": workloads.drawn(seed),
        "stores": workloads.STORES,
        "prices_of": workloads.AS_OF,
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    __tracebackhide__ = True
    placed = answer(inputs["workloads"], inputs["stores"])
    return {"placed": placed if isinstance(placed, dict) else repr(placed)[:200]}


def _verdict(inputs: JSON, evidence: JSON) -> str:
    works, stores, placed = inputs["workloads"], inputs["stores"], evidence["placed"]
    if not isinstance(placed, dict) or sorted(placed) != sorted(works):
        raise CheckFailed(
            f"a dict with a store for each of {' · '.join(works)}",
            " · ".join(map(str, placed))[:300] if isinstance(placed, dict) else placed,
            "the keys of what you return: the workloads, each once"
            if isinstance(placed, dict)
            else "your return statement",
        )
    paid = least = 0.0
    dear = []
    for name, work in works.items():
        store = stores.get(str(placed[name]))
        if store is None:
            raise CheckFailed(
                f"for {name} one of {' · '.join(stores)}",
                repr(placed[name])[:100],
                "the values of what you return: names, as stores has them",
            )
        wrong = workloads.misses(work, store)
        if wrong:
            raise CheckFailed(
                f"{name}: a store that meets its {wrong[0]}",
                f"{placed[name]} does not",
                f"{_member(wrong[0])} of the workload beside that of the store",
            )
        best = min(
            workloads.cost(work, each)
            for each in stores.values()
            if not workloads.misses(work, each)
        )
        cost = workloads.cost(work, store)
        paid, least = paid + cost, least + best
        dear += [name] * (cost > best + CENT)
    if dear:
        raise CheckFailed(
            f"placements that cost {least:,.2f} USD a month together",
            f"{paid:,.2f} USD",
            f"the five things that cost, for {' · '.join(dear)}",
        )
    return f"All limits met for {paid:,.2f} USD a month, the least that works."


def _member(wrong: str) -> str:
    names = {
        "protocol": "speaks",
        "latency": "latency_ms",
        "sharing": "hosts",
        "size": "most_item_kb",
    }
    return names[wrong]


place_six_workloads = Check(drawn, _probe, _verdict)
