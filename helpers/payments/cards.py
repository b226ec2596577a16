"""Payments of a few customers, for a flow that makes a record of each of their days."""

from typing import TYPE_CHECKING, Any

from helpers.payments.files import written
from helpers.payments.naming import Clients, Given, bucket_made, dice, there
from helpers.payments.tables import draw

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "raw/payments.csv"
CUSTOMERS = 20
DAYS = 14
LATE = 4
FEATURES = {
    "customer_id": "String",
    "paid_at": "String",
    "payments": "Integral",
    "spent": "Fractional",
}

Record = dict[str, Any]


def rows(seed: int) -> "DataFrame":
    """Give two weeks of payments of the drawn customers."""
    payments, draw_from = draw(seed).payments, dice(seed, "cards")
    days = payments["paid_at"].dt.normalize()
    first = sorted(days.unique())[draw_from.randrange(60)]
    from pandas import Timedelta

    during = payments[(days >= first) & (days < first + Timedelta(days=DAYS))]
    often = during["customer_id"].value_counts()
    known = sorted(often[often >= DAYS].index)
    chosen = draw_from.sample(known, CUSTOMERS)
    return written(during[during["customer_id"].isin(chosen)])


def records(seed: int) -> list[Record]:
    """Give what the flow makes of the payments: a record of each customer and day."""
    found = rows(seed)
    groups = found.groupby(["customer_id", found["paid_at"].str[:10]])
    return [
        {
            "customer_id": name,
            "paid_at": day["paid_at"].max(),
            "payments": len(day),
            "spent": round(float(day["amount"].sum()), 2),
        }
        for (name, _), day in groups
    ]


def late(seed: int) -> list[Record]:
    """Give records of days long gone that come after the others."""
    draw_from, known = dice(seed, "late records"), records(seed)
    names = sorted({record["customer_id"] for record in known})
    return [
        {
            "customer_id": name,
            "paid_at": f"2025-09-{draw_from.randint(10, 28)}T18:{number:02}:00Z",
            "payments": draw_from.randint(1, 4),
            "spent": draw_from.randrange(500, 9_000) / 100,
        }
        for number, name in enumerate(draw_from.sample(names, LATE), 10)
    ]


def land(given: Given, aws: Clients) -> Given:
    """Land the payments, once.

    Returns:
        What was given, with `uri`, that of the payments, and the `late` records.
    """
    bucket = given["bucket"]
    bucket_made(aws, bucket)
    if not there(aws, bucket, KEY):
        body = rows(given["seed"]).to_csv(index=False).encode()
        aws("s3").put_object(Bucket=bucket, Key=KEY, Body=body)
    return given | {"uri": f"s3://{bucket}/{KEY}", "late": late(given["seed"])}
