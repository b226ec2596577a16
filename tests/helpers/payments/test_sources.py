"""A month of five sources: its mishaps are as many as the draw says."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from helpers.payments import land, sources


@pytest.mark.parametrize("seed", [13, 1, 2])
def test_the_counts_are_what_the_lab_says_they_count(seed: int) -> None:
    month = sources.month(seed)
    rows, clean = month.payments, month.clean
    once = rows.sort_values("received_at").drop_duplicates("payment_id")
    known = once["customer_id"].isin(clean.customers["customer_id"])
    known &= once["terminal_id"].isin(clean.terminals["terminal_id"])
    waited = once["received_at"] - once["paid_at"]
    assert month.counts == {
        "late": int((waited > pd.Timedelta(hours=24)).sum()),
        "duplicates": len(rows) - len(once),
        "orphans": int((~known).sum()),
    }
    assert min(month.counts.values()) > 0
    kept = once[known].sort_values("payment_id")["payment_id"]
    assert kept.tolist() == clean.payments["payment_id"].tolist()


def test_refunds_in_parts_come_to_the_same_sum() -> None:
    month = sources.month(13)
    whole, parts = month.clean.refunds, month.refunds
    assert len(parts) > 1.1 * len(whole)
    assert parts["refund_id"].is_unique
    sums = parts.groupby("payment_id")["amount"].sum().round(2)
    asked = whole.set_index("payment_id")["amount"].sort_index()
    pd.testing.assert_series_equal(sums, asked)


def test_the_sources_land_once(aws: Callable[[str], Any]) -> None:
    given = {"seed": 13, "bucket": "sources"}
    land("merge_the_sources", given, aws)
    listed = aws("s3").list_objects_v2(Bucket="sources")["Contents"]
    assert [each["Key"].split("/")[1] for each in listed] == [
        "customers",
        "payments",
        "receipts",
        "refunds",
        "terminals",
    ]
    land("merge_the_sources", given, aws)
    assert aws("s3").list_objects_v2(Bucket="sources")["Contents"] == listed
