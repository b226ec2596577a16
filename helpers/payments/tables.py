"""Five tables, drawn from a seed.

They join on `payment_id`, `customer_id` and `terminal_id`; a few terminals take far
more payments than the others.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.random import Generator
    from pandas import DataFrame

FIRST_DAY = "2025-10-07"
DAYS = 90
CUSTOMERS, TERMINALS = 2_000, 400
PER_DAY = 1.6
CONCOURSES = ("A", "B", "C", "D", "E")


@dataclass(frozen=True)
class Tables:
    """One draw.

    Attributes:
        customers: 2,000 rows; customer_id, tier, since.
        terminals: 400 rows; terminal_id, kind (shop or parking), concourse.
        payments: some 288,000 rows by time; payment_id, paid_at (UTC), customer_id,
            terminal_id, amount (USD), method.
        receipts: of seven shop payments in ten; receipt_id, payment_id, items, channel.
        refunds: of two payments in a hundred; refund_id, payment_id, refunded_at,
            amount (USD, not more than was paid).
    """

    customers: "DataFrame"
    terminals: "DataFrame"
    payments: "DataFrame"
    receipts: "DataFrame"
    refunds: "DataFrame"


@lru_cache(maxsize=1)
def draw(seed: int) -> Tables:
    """Draw the five tables; the same for one seed. Do not change them in place."""
    from numpy.random import default_rng

    rng = default_rng(seed)
    customers, terminals = _customers(rng), _terminals(rng)
    payments = _payments(rng, terminals)
    return Tables(
        customers,
        terminals,
        payments,
        _receipts(rng, payments, terminals),
        _refunds(rng, payments),
    )


def _customers(rng: "Generator") -> "DataFrame":
    from pandas import DataFrame, Timestamp, to_timedelta

    ages = rng.integers(30, 2_000, CUSTOMERS)
    return DataFrame(
        {
            "customer_id": [f"C{number:05}" for number in range(1, CUSTOMERS + 1)],
            "tier": rng.choice(
                ["blue", "silver", "gold"], CUSTOMERS, p=[0.8, 0.15, 0.05]
            ),
            "since": (Timestamp(FIRST_DAY) - to_timedelta(ages, "D")).strftime(
                "%Y-%m-%d"
            ),
        }
    )


def _terminals(rng: "Generator") -> "DataFrame":
    from pandas import DataFrame

    return DataFrame(
        {
            "terminal_id": [f"T{number:04}" for number in range(1, TERMINALS + 1)],
            "kind": rng.choice(["shop", "parking"], TERMINALS, p=[0.75, 0.25]),
            "concourse": rng.choice(CONCOURSES, TERMINALS),
        }
    )


def _payments(rng: "Generator", terminals: "DataFrame") -> "DataFrame":
    import numpy as np
    from pandas import DataFrame, Timestamp, to_timedelta

    habits = rng.gamma(2.0, PER_DAY / 2, CUSTOMERS)
    counts = rng.poisson(np.repeat(habits[:, None], DAYS, axis=1))
    customer, day = np.repeat(
        np.indices(counts.shape).reshape(2, -1), counts.ravel(), 1
    )
    # People pay around eight in the morning and five in the afternoon.
    peak = np.where(rng.random(len(day)) < 0.5, 8.0, 17.0)
    second = np.clip(rng.normal(peak, 2.0) * 3_600, 0, 86_399).astype(int)
    popular = rng.dirichlet(np.full(TERMINALS, 0.6))
    terminal = rng.choice(TERMINALS, len(day), p=popular)
    level = np.where(terminals["kind"].to_numpy()[terminal] == "parking", 3.2, 2.4)
    order = np.argsort(day * 86_400 + second, kind="stable")
    paid = Timestamp(FIRST_DAY, tz="UTC") + to_timedelta(day * 86_400 + second, "s")
    names = np.array(terminals["terminal_id"])
    frame = DataFrame(
        {
            "paid_at": paid,
            "customer_id": [f"C{number:05}" for number in customer + 1],
            "terminal_id": names[terminal],
            "amount": np.round(rng.lognormal(level, 0.6), 2).clip(0.5),
            "method": rng.choice(["chip", "contactless", "phone"], len(day)),
        }
    )
    frame = frame.iloc[order].reset_index(drop=True)
    frame.insert(0, "payment_id", np.arange(1, len(frame) + 1))
    return frame


def _receipts(
    rng: "Generator", payments: "DataFrame", terminals: "DataFrame"
) -> "DataFrame":
    from pandas import DataFrame

    shops = terminals.loc[terminals["kind"] == "shop", "terminal_id"]
    of_shops = payments.loc[
        payments["terminal_id"].isin(shops), "payment_id"
    ].to_numpy()
    kept = of_shops[rng.random(len(of_shops)) < 0.7]
    return DataFrame(
        {
            "receipt_id": [f"R{number:07}" for number in range(1, len(kept) + 1)],
            "payment_id": kept,
            "items": rng.geometric(0.4, len(kept)),
            "channel": rng.choice(["paper", "email"], len(kept)),
        }
    )


def _refunds(rng: "Generator", payments: "DataFrame") -> "DataFrame":
    import numpy as np
    from pandas import DataFrame, to_timedelta

    chosen = payments[rng.random(len(payments)) < 0.02]
    whole = rng.random(len(chosen)) < 0.7
    share = np.where(whole, 1.0, rng.uniform(0.1, 0.9, len(chosen)))
    waited = to_timedelta(rng.integers(3_600, 14 * 86_400, len(chosen)), "s")
    return DataFrame(
        {
            "refund_id": [f"F{number:06}" for number in range(1, len(chosen) + 1)],
            "payment_id": chosen["payment_id"].to_numpy(),
            "refunded_at": (chosen["paid_at"] + waited).to_numpy(),
            "amount": (chosen["amount"] * share).round(2).to_numpy(),
        }
    )
