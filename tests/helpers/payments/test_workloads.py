"""Stores and workloads: prices that agree with the endpoint's, costs by hand."""

from collections import Counter

import pytest
import yaml

from helpers.authoring.manifest import ROOT
from helpers.payments.workloads import AS_OF, STORES, cost, drawn, misses

PRICES = yaml.safe_load((ROOT / "localaws" / "prices.yaml").read_text("utf-8"))
SAME = [
    ("S3 Standard", "gb_month", "s3-storage", "STANDARD", 1),
    ("S3 Standard-IA", "gb_month", "s3-storage", "STANDARD_IA", 1),
    ("S3 Glacier Instant Retrieval", "gb_month", "s3-storage", "GLACIER_IR", 1),
    ("DynamoDB on demand", "million_reads", "dynamodb-reads", "", 1),
    ("DynamoDB on demand", "million_writes", "dynamodb-writes", "", 1),
    ("S3 Standard", "million_writes", "s3-put", "", 1_000),
    ("S3 Standard", "million_reads", "s3-get", "", 1_000),
    ("EBS gp3", "gb_month", "ebs-storage", "gp3", 1),
    ("EBS io2, 4,000 IOPS", "gb_month", "ebs-storage", "io2", 1),
    ("EBS io2, 4,000 IOPS", "month", "ebs-iops", "io2", 4_000),
    ("EFS Standard, bursting", "gb_month", "efs-storage", "", 1),
    ("RDS for PostgreSQL, db.t4g.medium", "gb_month", "rds-storage", "", 1),
    (
        "RDS for PostgreSQL, db.t4g.medium",
        "month",
        "rds-instance",
        "db.t4g.medium",
        730,
    ),
    (
        "FSx for Lustre, scratch",
        "gb_month",
        "fsx-lustre-storage",
        "SCRATCH_2 200 MBps/TiB",
        1,
    ),
]


@pytest.mark.parametrize(("store", "member", "kind", "instance", "times"), SAME)
def test_prices_are_those_that_the_endpoint_bills(
    store: str, member: str, kind: str, instance: str, times: int
) -> None:
    (row,) = (each for each in PRICES["services"] if each["kind"] == kind)
    price = row["instances"][instance]["price"] if instance else row["price"]
    assert STORES[store][member] == pytest.approx(price * times)
    assert f"{PRICES['as_of']}" == AS_OF


def test_each_workload_can_be_placed_and_chance_decides_where() -> None:
    places: dict[str, Counter[str]] = {}
    for seed in range(200):
        for name, work in drawn(seed).items():
            fit = [store for store in STORES if not misses(work, STORES[store])]
            best = min(fit, key=lambda store: cost(work, STORES[store]))
            places.setdefault(name, Counter())[best] += 1
    assert len(places) == 6
    assert all(len(found) > 1 for found in places.values())
    assert {store for found in places.values() for store in found} == {*STORES}


def test_small_items_minimum_sizes_and_units_are_paid_for() -> None:
    work = drawn(13)["pictures of receipts"] | {
        "gb": 100,
        "item_kb": 32,
        "million_reads": 2,
        "million_writes": 1,
        "gb_read": 50,
    }
    assert cost(work, STORES["S3 Standard-IA"]) == pytest.approx(
        400 * 0.0125 + 2 * 1 + 10 + 50 * 0.01
    )
    assert cost(work, STORES["FSx for Lustre, scratch"]) == pytest.approx(168)
    assert cost(work, STORES["DynamoDB on demand"]) == pytest.approx(
        25 + 2 * 8 * 0.125 + 32 * 0.625
    )


def test_what_a_store_lacks_is_named() -> None:
    work = drawn(13)["last payments of each card"] | {"item_kb": 600}
    assert misses(work, STORES["DynamoDB on demand"]) == ["size"]
    assert misses(work, STORES["EBS gp3"]) == ["protocol", "sharing"]
    assert misses(work | {"latency_ms": 9}, STORES["DynamoDB on demand"]) == [
        "latency",
        "size",
    ]
