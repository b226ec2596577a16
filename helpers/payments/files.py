"""The payments as files: one CSV a week, one of them with a value that does not fit."""

from typing import TYPE_CHECKING

from helpers.payments.naming import Clients, Given, bucket_made, dice, there
from helpers.payments.tables import FIRST_DAY, draw

if TYPE_CHECKING:
    from pandas import DataFrame

RAW = "raw/"
COLUMNS = {
    "payment_id": "bigint",
    "paid_at": "timestamp",
    "customer_id": "string",
    "terminal_id": "string",
    "amount": "double",
    "method": "string",
}
WEEKS = 13
POISONS = [
    ("amount", "void"),
    ("amount", "12.5O"),
    ("payment_id", "P-77"),
    ("paid_at", "yesterday"),
]


def weeks(seed: int) -> dict[str, "DataFrame"]:
    """Give the payments of each week by the key of its file, none of them poisoned."""
    payments = draw(seed).payments
    first = payments["paid_at"].dt.tz_localize(None).sub(_first())
    groups = payments.groupby(first.dt.days // 7)
    return {f"{RAW}week={week + 1:02}.csv": rows for week, rows in groups}


def poisoned(seed: int) -> str:
    """Give the key of the poisoned file."""
    return f"{RAW}week={dice(seed, 'poison').randint(2, WEEKS - 1):02}.csv"


def land(given: Given, aws: Clients) -> Given:
    """Land the weeks below `raw/`, once."""
    seed, bucket = given["seed"], given["bucket"]
    files = weeks(seed)
    bucket_made(aws, bucket)
    if there(aws, bucket, max(files)):
        return given
    draw_from = dice(seed, "bad value")
    column, value = draw_from.choice(POISONS)
    for key, rows in files.items():
        text = written(rows)
        if key == poisoned(seed):
            text = text.astype({column: object})
            text.iloc[draw_from.randrange(len(rows)), [*text].index(column)] = value
        body = text.to_csv(index=False).encode()
        aws("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return given


def written(rows: "DataFrame") -> "DataFrame":
    """Give payments with their times as text in the form of ISO 8601."""
    return rows.assign(paid_at=rows["paid_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _first() -> object:
    from pandas import Timestamp

    return Timestamp(FIRST_DAY)
