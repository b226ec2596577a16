"""Lab 1.1, task 4: merges that multiply, drop or double, and runs that failed."""

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.check import CheckFailed, checks_of
from helpers.checks import card_merge
from helpers.payments import sources

CHECK = checks_of("lab_1_1")["merge_the_sources"]
INPUTS = card_merge.drawn(13)
MONTH = sources.month(13)
CLEAN = MONTH.clean


def joined(payments: pd.DataFrame, refunds: pd.DataFrame, how: str) -> pd.DataFrame:
    rows = payments.merge(CLEAN.customers).merge(CLEAN.terminals)
    rows = rows.merge(CLEAN.receipts, on="payment_id", how=how)
    refunds = refunds.rename(columns={"amount": "refunded"})
    return rows.merge(refunds, on="payment_id", how="left")


SUMS = MONTH.refunds.groupby("payment_id", as_index=False)["amount"].sum()
ONCE = MONTH.payments.drop_duplicates("payment_id")
MERGES = {
    "right": joined(ONCE, SUMS, "left"),
    "with duplicates": joined(MONTH.payments, SUMS, "left"),
    "refunds in parts": joined(ONCE, MONTH.refunds, "left"),
    "only with receipts": joined(ONCE, SUMS, "inner"),
    "orphans kept": ONCE.merge(CLEAN.customers, how="left")
    .merge(CLEAN.terminals, how="left")
    .assign(items=0, refunded=0),
}


class OneFile:
    """An S3 client that has one merge."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.body = rows.to_parquet(index=False)

    def list_objects_v2(self, **_: str) -> dict[str, Any]:
        return {"Contents": [{"Key": f"{card_merge.OUT}part-0.parquet"}]}

    def get_object(self, **_: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.body)}


def evidence(merge: str = "right", **wrong: Any) -> dict[str, Any]:
    return {
        "returned": {"run": "jr_1", **MONTH.counts},
        "run": {"state": "SUCCEEDED", "reason": ""},
        "merged": card_merge._merged(OneFile(MERGES[merge]), "any"),
        **wrong,
    }


def found(told: dict[str, Any]) -> CheckFailed:
    with pytest.raises(CheckFailed) as failure:
        CHECK.verdict(INPUTS, json.loads(json.dumps(told)))
    return failure.value


def test_the_reference_passes() -> None:
    said = CHECK.verdict(INPUTS, json.loads(json.dumps(evidence())))
    assert f"{len(CLEAN.payments):,} payments merged" in said


@pytest.mark.parametrize("merge", [name for name in MERGES if name != "right"])
def test_a_merge_that_multiplies_or_drops_is_counted(merge: str) -> None:
    failure = found(evidence(merge))
    assert failure.asked.startswith("rows of the merged payments")
    assert failure.found == f"{len(MERGES[merge]):,}"
    assert ("drops" in failure.look) == (merge == "only with receipts")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount": 1.0}, "amount"),
        ({"refunded": 0.0}, "refunded"),
        ({"items": 1}, "items"),
        ({"payment_id": 1}, "distinct"),
        ({"tier": None}, "a customer and a terminal"),
    ],
)
def test_values_that_are_not_the_sources_are_seen(
    change: dict[str, Any], said: str
) -> None:
    rows = MERGES["right"].assign(**change)
    told = evidence(merged=card_merge._merged(OneFile(rows), "any"))
    assert found(told).asked.startswith(said)


def test_a_column_that_was_left_out_is_named() -> None:
    rows = MERGES["right"].drop(columns=["kind", "items"])
    told = evidence(merged=card_merge._merged(OneFile(rows), "any"))
    assert found(told).found == "no items, kind"


@pytest.mark.parametrize("count", card_merge.COUNTS)
def test_a_wrong_count_is_named(count: str) -> None:
    returned = {"run": "jr_1", **MONTH.counts, count: 1}
    assert found(evidence(returned=returned)).asked.startswith(count)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"returned": "None"}, "None"),
        ({"returned": {"run": "jr_1"}}, "jr_1"),
        ({"run": {"state": "FAILED", "reason": "no table"}}, "FAILED no table"),
        ({"run": {"state": "RUNNING"}}, "RUNNING"),
        ({"merged": {"columns": []}}, "no Parquet file"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, Any], said: str) -> None:
    assert said in found(evidence(**wrong)).found


def test_a_run_that_nobody_started_is_none(aws: Callable[[str], Any]) -> None:
    returned = {"run": "jr_none", **MONTH.counts}
    returned |= {name: np.int64(MONTH.counts[name]) for name in card_merge.COUNTS}
    told = json.loads(
        json.dumps(CHECK.probe(INPUTS, lambda job, bucket: returned, aws))
    )
    assert "no job" in found(told).found
    assert "None" in found(CHECK.probe(INPUTS, lambda job, bucket: None, aws)).found
