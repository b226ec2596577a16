"""The payments of a few customers, the records of their days, and the late ones."""

from collections import Counter

import pytest

from helpers.payments import cards


@pytest.mark.parametrize("seed", [13, 1, 2])
def test_records_sum_up_days_and_late_ones_are_older_than_all(seed: int) -> None:
    records, rows = cards.records(seed), cards.rows(seed)
    assert sum(record["payments"] for record in records) == len(rows)
    spent = sum(record["spent"] for record in records)
    assert spent == pytest.approx(rows["amount"].sum())
    days = Counter((r["customer_id"], r["paid_at"][:10]) for r in records)
    assert set(days.values()) == {1}
    assert len({r["customer_id"] for r in records}) == cards.CUSTOMERS
    late = cards.late(seed)
    assert len(late) == cards.LATE
    assert max(r["paid_at"] for r in late) < min(r["paid_at"] for r in records)
    assert {r["customer_id"] for r in late} <= {r["customer_id"] for r in records}
    assert all(list(record) == [*cards.FEATURES] for record in records + late)
