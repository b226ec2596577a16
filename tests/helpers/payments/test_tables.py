"""The drawn payments: the same for one seed, and they join."""

import pandas as pd
import pytest

from helpers.payments.tables import CUSTOMERS, DAYS, FIRST_DAY, TERMINALS, Tables, draw


@pytest.fixture(scope="module")
def drawn() -> Tables:
    return draw(13)


def test_one_seed_draws_one_set(drawn: Tables) -> None:
    draw.cache_clear()
    again, other = draw(13), draw(14)
    for name in ("customers", "terminals", "payments", "receipts", "refunds"):
        pd.testing.assert_frame_equal(getattr(drawn, name), getattr(again, name))
    assert (
        not drawn.payments["amount"].head(99).equals(other.payments["amount"].head(99))
    )


def test_keys_are_unique_and_join(drawn: Tables) -> None:
    payments = drawn.payments
    assert len(drawn.customers) == CUSTOMERS
    assert len(drawn.terminals) == TERMINALS
    assert payments["payment_id"].is_unique
    assert payments["customer_id"].isin(drawn.customers["customer_id"]).all()
    assert payments["terminal_id"].isin(drawn.terminals["terminal_id"]).all()
    for other in (drawn.receipts, drawn.refunds):
        assert other["payment_id"].is_unique
        assert other["payment_id"].isin(payments["payment_id"]).all()


def test_payments_come_in_time_and_refunds_after_them(drawn: Tables) -> None:
    paid = drawn.payments["paid_at"]
    assert paid.is_monotonic_increasing
    assert paid.dt.normalize().nunique() == DAYS
    assert f"{paid.min():%Y-%m-%d}" == FIRST_DAY
    merged = drawn.refunds.merge(drawn.payments, on="payment_id")
    assert (merged["refunded_at"] > merged["paid_at"]).all()
    assert (merged["amount_x"] <= merged["amount_y"]).all()


def test_receipts_are_of_shops(drawn: Tables) -> None:
    found = drawn.receipts.merge(drawn.payments).merge(drawn.terminals)
    assert set(found["kind"]) == {"shop"}
    assert found["items"].min() == 1


def test_some_terminals_are_far_busier_than_others(drawn: Tables) -> None:
    share = drawn.payments["terminal_id"].value_counts(normalize=True)
    assert share.iloc[0] > 4 / TERMINALS
