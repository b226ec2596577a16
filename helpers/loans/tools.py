"""One recipe for three tools: the raw loans, and the table that each has to make."""

from functools import cache
from typing import TYPE_CHECKING

from helpers.loans.book import loans
from helpers.payments.naming import Clients, Given, bucket_made, state, there
from helpers.samples import sample

if TYPE_CHECKING:
    from pandas import DataFrame

TOOLS = ("databrew", "glue", "wrangler")
RAW, SCRIPT = "recipe/raw/loans.csv", "recipe/loans.py"
ROWS, COPIES = 2_000, 80
COLUMNS = [
    "homeownership",
    "annual_income",
    "debt_to_income",
    "emp_length",
    "loan_amount",
]


@cache
def raw(seed: int) -> "DataFrame":
    """Draw the loans of a seed, some of them twice; leave the frame as it is."""
    import pandas as pd

    rows = (
        loans()[COLUMNS].sample(ROWS, random_state=state(seed)).reset_index(drop=True)
    )
    rows.insert(0, "application", range(1, ROWS + 1))
    again = rows.sample(COPIES, random_state=state(seed))
    both = pd.concat([rows, again]).sample(frac=1, random_state=state(seed))
    return both.reset_index(drop=True)


def cooked(seed: int) -> "DataFrame":
    """Give the table that the recipe makes of the loans of a seed, by application."""
    import pandas as pd

    rows = raw(seed).dropna(subset="debt_to_income").drop_duplicates()
    rows = rows.rename(columns={"annual_income": "income", "debt_to_income": "debt"})
    rows["emp_length"] = rows["emp_length"].fillna(rows["emp_length"].median())
    amount = rows["loan_amount"]
    rows["loan_amount"] = (amount - amount.min()) / (amount.max() - amount.min())
    rows = pd.get_dummies(rows, columns=["homeownership"], dtype=float)
    return ordered(rows)


def ordered(rows: "DataFrame") -> "DataFrame":
    """Put a table into the one order of columns and rows, all of it numbers."""
    rows = rows[sorted(rows)].astype(float)
    return rows.sort_values("application", ignore_index=True)


def land(given: Given, aws: Clients) -> Given:
    """Put raw loans and the script of the Glue job into the bucket, once."""
    bucket = given["bucket"]
    if bucket_made(aws, bucket) or not there(aws, bucket, RAW):
        s3 = aws("s3")
        body = raw(given["seed"]).to_csv(index=False).encode()
        s3.put_object(Bucket=bucket, Key=RAW, Body=body)
        script = sample("scripts/recipe/loans.py").read_bytes()
        s3.put_object(Bucket=bucket, Key=SCRIPT, Body=script)
    return {
        "bucket": bucket,
        "source": f"s3://{bucket}/{RAW}",
        "script": f"s3://{bucket}/{SCRIPT}",
        "jobs": given["jobs"],
        "targets": {tool: f"s3://{bucket}/cooked/{tool}/" for tool in TOOLS},
    }
