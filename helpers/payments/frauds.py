"""Frauds at terminals, and what was counted of them while the weeks went by.

A terminal that somebody has tampered with takes fraudulent payments for some weeks.
Now and then a terminal's payments are counted; that one was a fraud is known a week
after it. Times are seconds since 1970.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from helpers.payments.naming import dice
from helpers.payments.tables import DAYS, draw

if TYPE_CHECKING:
    from numpy.random import Generator
    from pandas import DataFrame

DELAY = 7
WINDOW = 14
# Some payments come before anything of their terminal is known.
HEAD = 8
HOUR, DAY = 3_600, 86_400
TERMINALS, BUSY, ASKED = 24, 120, 2_500
SHARE, RARE = 0.3, 0.002
OFTEN, EXACT, TWICE = 0.4, 16, 20


@dataclass(frozen=True)
class Frauds:
    """One draw.

    Attributes:
        payments: Those that a training set asks for, by time; payment_id, terminal_id,
            paid_at, cents, fraud (0 or 1).
        counts: What was counted, in the order in which it is written, some rows twice;
            terminal_id, counted_at, and of the 14 days before it the charges and the
            frauds among them.
    """

    payments: "DataFrame"
    counts: "DataFrame"


@lru_cache(maxsize=4)
def frauds(seed: int) -> Frauds:
    """Draw payments and counts."""
    from numpy.random import default_rng
    from pandas import concat

    draw_from = dice(seed, "frauds")
    rng = default_rng(draw_from.randrange(2**32))
    paid = _labelled(seed, draw_from.sample(range(BUSY), TERMINALS), rng)
    first = paid["paid_at"].min() // DAY * DAY
    late = paid[paid["paid_at"] > first + HEAD * DAY]
    asked = late.iloc[sorted(rng.choice(len(late), ASKED, replace=False))]
    edge = asked.iloc[rng.choice(len(asked), 2 * EXACT, replace=False)]
    counts = concat(
        [
            _counts(rows, edge[edge["terminal_id"] == name], first, rng)
            for name, rows in paid.groupby("terminal_id")
        ]
    )
    again = counts.iloc[rng.choice(len(counts), TWICE, replace=False)]
    counts = concat([counts.sort_values("counted_at", kind="stable"), again])
    return Frauds(asked.reset_index(drop=True), counts.reset_index(drop=True))


def known(payments: "DataFrame", counts: "DataFrame", days: int) -> "DataFrame":
    """Join to each payment the last row that was counted so many days before it.

    A row of exactly that `moment` counts. Without one the three values are missing.
    """
    from pandas import merge_asof

    rows = counts.drop_duplicates().sort_values("counted_at", kind="stable")
    asked = payments.assign(moment=payments["paid_at"] - days * DAY)
    return merge_asof(
        asked.sort_values("moment", kind="stable"),
        rows,
        left_on="moment",
        right_on="counted_at",
        by="terminal_id",
    )


def _labelled(seed: int, ranks: list[int], rng: "Generator") -> "DataFrame":
    import numpy as np

    payments = draw(seed).payments
    names = payments["terminal_id"].value_counts().index[ranks]
    rows = payments[payments["terminal_id"].isin(names)]
    seconds = rows["paid_at"].dt.tz_localize(None).astype("datetime64[s]")
    found = rows.assign(
        paid_at=seconds.astype("int64"), cents=(rows["amount"] * 100).round()
    ).astype({"cents": "int64"})
    day = (found["paid_at"] - found["paid_at"].min()) / DAY
    risk = np.full(len(found), RARE)
    for name in names:
        begins = rng.uniform(0, DAYS - 10, rng.integers(0, 3))
        for begin in begins:
            spell = day.between(begin, begin + rng.uniform(12, 35))
            risk[(found["terminal_id"] == name) & spell] = SHARE
    found["fraud"] = (rng.random(len(found)) < risk).astype("int64")
    return found[["payment_id", "terminal_id", "paid_at", "cents", "fraud"]]


def _counts(
    rows: "DataFrame", edge: "DataFrame", first: int, rng: "Generator"
) -> "DataFrame":
    """Count a terminal's payments on some nights, and at the edge of what is known."""
    import numpy as np
    from pandas import DataFrame

    nights = np.flatnonzero(rng.random(DAYS) < OFTEN)
    at = first + nights * DAY + rng.integers(2 * HOUR, 3 * HOUR, len(nights))
    ends = edge["paid_at"].to_numpy() - DELAY * DAY
    at = np.unique(np.concatenate([at, ends[::2], ends[1::2] + 1]))
    paid, fraud = rows["paid_at"].to_numpy(), rows["fraud"].to_numpy()
    sums = np.concatenate([[0], fraud.cumsum()])
    until, since = paid.searchsorted(at), paid.searchsorted(at - WINDOW * DAY)
    return DataFrame(
        {
            "terminal_id": rows["terminal_id"].iloc[0],
            "counted_at": at,
            "charges": until - since,
            "frauds": sums[until] - sums[since],
        }
    )
