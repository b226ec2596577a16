"""Six workloads, and nine stores with their limits and prices.

The prices are those of the Region N. Virginia in US dollars a month. Where the
endpoint bills a store as well, a test holds them equal to what it bills.
"""

from typing import Any

from helpers.payments.naming import dice

Members = dict[str, Any]

AS_OF = "2026-11-24"
NOTHING = {
    "least_gb": 0,
    "most_item_kb": None,
    "billed_item_kb": 0,
    "month": 0.0,
    "million_reads": 0.0,
    "million_writes": 0.0,
    "read_unit_kb": None,
    "write_unit_kb": None,
    "gb_read": 0.0,
}


def _store(speaks: str, ms: float, hosts: int, gb: float, **more: Any) -> Members:
    first = {"speaks": speaks, "latency_ms": ms, "hosts": hosts, "gb_month": gb}
    return first | NOTHING | more


STORES = {
    "S3 Standard": _store(
        "object", 100, 10_000, 0.023, million_reads=0.4, million_writes=5.0
    ),
    "S3 Standard-IA": _store(
        "object",
        100,
        10_000,
        0.0125,
        million_reads=1.0,
        million_writes=10.0,
        gb_read=0.01,
        billed_item_kb=128,
    ),
    "S3 Glacier Instant Retrieval": _store(
        "object",
        100,
        10_000,
        0.004,
        million_reads=10.0,
        million_writes=20.0,
        gb_read=0.03,
        billed_item_kb=128,
    ),
    "EBS gp3": _store("block", 5, 1, 0.08),
    "EBS io2, 4,000 IOPS": _store("block", 0.5, 1, 0.125, month=260.0, least_gb=4),
    "EFS Standard, bursting": _store("file", 3, 1_000, 0.3),
    "FSx for Lustre, scratch": _store("file", 1, 1_000, 0.14, least_gb=1_200),
    "DynamoDB on demand": _store(
        "key",
        10,
        10_000,
        0.25,
        most_item_kb=400,
        million_reads=0.125,
        million_writes=0.625,
        read_unit_kb=4,
        write_unit_kb=1,
    ),
    "RDS for PostgreSQL, db.t4g.medium": _store(
        "sql", 5, 400, 0.115, month=47.45, least_gb=20
    ),
}


def drawn(seed: int) -> dict[str, Members]:
    """Draw the six workloads."""
    draw = dice(seed, "workloads")
    archive, images = draw.randrange(1_000, 20_000, 500), draw.randrange(100, 900, 50)
    session = draw.choice([2, 3, 600])
    return {
        "raw payments, kept for the auditors": _workload(
            ["object"],
            1_000,
            20,
            archive,
            item_kb=draw.choice([60, 20_000]),
            million_reads=draw.choice([0.001, 0.1]),
            gb_read=round(archive * draw.choice([0.01, 0.2, 1.5])),
        ),
        "pictures of receipts": _workload(
            ["object"],
            200,
            500,
            images,
            item_kb=draw.choice([30, 200, 400]),
            million_reads=draw.choice([0.2, 1, 8]),
            million_writes=draw.choice([0.1, 1]),
            gb_read=round(images * draw.choice([0.05, 0.3, 2])),
        ),
        "scratch of the nightly job": _workload(
            ["block", "file"],
            draw.choice([0.8, 2, 10]),
            1,
            draw.randrange(200, 3_000, 50),
        ),
        "training set of the fraud models": _workload(
            ["file"], draw.choice([1.5, 5, 20]), 64, draw.randrange(100, 2_000, 50)
        ),
        "last payments of each card": _workload(
            ["key", "sql"],
            10,
            40,
            draw.randrange(5, 80),
            item_kb=session,
            million_reads=draw.choice([20, 90, 400]),
            million_writes=draw.choice([2, 15, 60]),
        ),
        "models that every terminal server loads": _workload(
            ["object", "file"],
            draw.choice([10, 150]),
            300,
            draw.randrange(10, 300, 10),
            item_kb=200_000,
            million_reads=draw.choice([0.01, 2]),
            gb_read=draw.choice([100, 5_000]),
        ),
    }


def _workload(
    speaks: list[str], ms: float, hosts: int, gb: int, **more: Any
) -> Members:
    return {
        "speaks": speaks,
        "latency_ms": ms,
        "hosts": hosts,
        "gb": gb,
        "item_kb": 1_000,
        "million_reads": 0,
        "million_writes": 0,
        "gb_read": 0,
    } | more


def misses(work: Members, store: Members) -> list[str]:
    """Say what a workload asks for and a store does not have."""
    most = store["most_item_kb"]
    wrong = {
        "protocol": store["speaks"] not in work["speaks"],
        "latency": store["latency_ms"] > work["latency_ms"],
        "sharing": store["hosts"] < work["hosts"],
        "size": most is not None and work["item_kb"] > most,
    }
    return [name for name, bad in wrong.items() if bad]


def cost(work: Members, store: Members) -> float:
    """Give what a workload costs in a store, in US dollars a month."""
    padded = max(store["billed_item_kb"] / work["item_kb"], 1)
    gb = max(work["gb"] * padded, store["least_gb"])
    found = store["month"] + gb * store["gb_month"]
    found += work["gb_read"] * store["gb_read"]
    for what in ("read", "write"):
        unit = store[f"{what}_unit_kb"]
        units = -(-work["item_kb"] // unit) if unit else 1
        found += work[f"million_{what}s"] * units * store[f"million_{what}s"]
    return found
