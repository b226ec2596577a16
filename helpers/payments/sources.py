"""Five sources of one month, with what goes wrong on the way to the desk.

Payments carry the moment at which the desk received them. Some came twice, some late,
some from a terminal or a customer that nobody knows; some refunds came in two parts.
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from helpers.payments.naming import Clients, Given, bucket_made, dice, there
from helpers.payments.tables import Tables, draw

if TYPE_CHECKING:
    from pandas import DataFrame

DAYS = 30
HOUR = 3_600


@dataclass(frozen=True)
class Month:
    """One month.

    Attributes:
        clean: its payments, receipts and refunds as they were made.
        payments: its payments as the desk received them.
        refunds: its refunds as the desk received them.
        counts: how many payments are `late`, `duplicates` and `orphans`.
    """

    clean: Tables
    payments: "DataFrame"
    refunds: "DataFrame"
    counts: dict[str, int]


@lru_cache(maxsize=1)
def month(seed: int) -> Month:
    """Draw a month of the payments, and its mishaps."""
    from numpy import where
    from numpy.random import default_rng
    from pandas import Timedelta, concat, to_timedelta

    draw_from, whole = dice(seed, "month"), draw(seed)
    rng = default_rng(draw_from.randrange(2**32))
    first = whole.payments["paid_at"].iloc[0].normalize()
    first += Timedelta(days=draw_from.randrange(50))
    paid = whole.payments["paid_at"]
    payments = whole.payments[(paid >= first) & (paid < first + Timedelta(days=DAYS))]
    ids = payments["payment_id"]
    receipts = whole.receipts[whole.receipts["payment_id"].isin(ids)]
    refunds = whole.refunds[whole.refunds["payment_id"].isin(ids)]
    clean = Tables(whole.customers, whole.terminals, payments, receipts, refunds)

    late = rng.random(len(payments)) < draw_from.uniform(0.002, 0.01)
    soon = rng.integers(1, HOUR, len(payments))
    long = rng.integers(25 * HOUR, 200 * HOUR, len(payments))
    waited = to_timedelta(where(late, long, soon), "s")
    received = payments.assign(received_at=payments["paid_at"] + waited)

    count = draw_from.randint(300, 2_000)
    again = received.iloc[rng.choice(len(received), count)]
    delay = to_timedelta(rng.integers(HOUR, 72 * HOUR, count), "s")
    again = again.assign(received_at=again["received_at"] + delay)

    strange = draw_from.randint(50, 400)
    orphans = received[~late].iloc[rng.choice(int((~late).sum()), strange, False)]
    nobody = rng.random(strange) < 0.5
    orphans = orphans.assign(
        payment_id=range(900_001, 900_001 + strange),
        customer_id=orphans["customer_id"].where(~nobody, "C99999"),
        terminal_id=orphans["terminal_id"].where(nobody, "T9999"),
    )
    received = concat([received, again, orphans]).sort_values(
        ["received_at", "payment_id"], ignore_index=True
    )
    counts = {"late": int(late.sum()), "duplicates": count, "orphans": strange}
    return Month(clean, received, _in_parts(refunds, rng.random(len(refunds))), counts)


def _in_parts(refunds: "DataFrame", chance: object) -> "DataFrame":
    """Send a fifth of the refunds in two parts."""
    from pandas import concat

    split = (chance < 0.2) & (refunds["amount"] >= 1)
    part = (refunds["amount"] / 3).round(2)
    first = refunds.assign(amount=part)[split]
    second = refunds.assign(
        refund_id=refunds["refund_id"] + "b",
        amount=(refunds["amount"] - part).round(2),
    )[split]
    return concat([refunds[~split], first, second])


def land(given: Given, aws: Clients) -> Given:
    """Land the five sources below `raw/`, once, each in its own format."""
    drawn, bucket = month(given["seed"]), given["bucket"]
    bucket_made(aws, bucket)
    if there(aws, bucket, "raw/terminals/all.json"):
        return given
    refunds = drawn.refunds.assign(
        refunded_at=drawn.refunds["refunded_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    clean = drawn.clean
    files = {
        "raw/payments/all.parquet": _parquet(drawn.payments),
        "raw/receipts/all.parquet": _parquet(clean.receipts),
        "raw/customers/all.csv": clean.customers.to_csv(index=False).encode(),
        "raw/refunds/all.csv": refunds.to_csv(index=False).encode(),
        "raw/terminals/all.json": clean.terminals.to_json(
            orient="records", lines=True
        ).encode(),
    }
    for key, body in files.items():
        aws("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return given


def _parquet(rows: "DataFrame") -> bytes:
    times = [name for name in rows if str(rows[name].dtype).startswith("datetime")]
    rows = rows.assign(**{name: rows[name].dt.as_unit("us") for name in times})
    body = io.BytesIO()
    rows.to_parquet(body, index=False)
    return body.getvalue()
