"""Lab 1.1, task 1: the weeks of payments, rewritten for three readers."""

import time
from collections.abc import Callable
from typing import Any

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.checks.card_formats import kind, stored
from helpers.payments import files, land
from helpers.payments.naming import named

READERS = {
    "planner": ["orc", "parquet"],
    "settlement": ["avro"],
    "partner": ["json"],
}
# Parquet is 3.2 to 3.5 times smaller with Snappy, 4.2 times or more with the others.
SMALLER = 4
SUMS = {
    "rows": "payments",
    "distinct": "different payments",
    "ids": "as the sum of payment_id",
    "cents": "as the sum of amount in cents",
}
TEXT = "text that is not a JSON object a line"
PATIENCE = 120


def drawn(seed: int) -> JSON:
    """Draw a bucket; give the columns, and the prefix of each reader."""
    return {
        "seed": seed,
        "bucket": named(seed, "card-payments"),
        "columns": files.COLUMNS,
        "readers": {name: f"{name}/" for name in READERS},
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    __tracebackhide__ = True
    land("rewrite_for_readers", inputs, aws)
    bucket, s3 = inputs["bucket"], aws("s3")
    for prefix in inputs["readers"].values():
        _emptied(s3, bucket, prefix)
    refused = answer(bucket, inputs["columns"], inputs["readers"])
    raw = s3.list_objects_v2(Bucket=bucket, Prefix=files.RAW)["Contents"]
    found = {
        name: stored(s3, bucket, prefix) for name, prefix in inputs["readers"].items()
    }
    evidence = {
        "refused": refused if isinstance(refused, list) else repr(refused)[:200],
        "raw": {each["Key"]: each["Size"] for each in raw},
        "readers": found,
    }
    if found["planner"]["formats"] in (["orc"], ["parquet"]):
        evidence["scanned"] = _scans(inputs, found["planner"]["formats"][0], aws)
    return evidence


def _emptied(s3: Any, bucket: str, prefix: str) -> None:
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    if listed:
        keys = [{"Key": each["Key"]} for each in listed]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})


def _scans(inputs: JSON, form: str, aws: Clients) -> JSON:
    """Ask the planner's question on his copy and on the CSV; give the bytes read."""
    bucket, prefix = inputs["bucket"], inputs["readers"]["planner"]
    s3, database = aws("s3"), inputs["bucket"].replace("-", "_")
    first = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"][0]["Key"]
    body = s3.get_object(Bucket=bucket, Key=first)["Body"].read()
    columns = ", ".join(f"{name} string" for name in inputs["columns"])
    tables = {
        "csv": f"({columns}) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://{bucket}/{files.RAW}'",
        "planner": f"(terminal_id string, amount {kind(body, 'amount')}) "
        f"STORED AS {form.upper()} LOCATION 's3://{bucket}/{prefix}'",
    }
    _asked(aws, bucket, f"CREATE DATABASE IF NOT EXISTS {database}")
    question = "SELECT terminal_id, max(amount) FROM {} GROUP BY terminal_id"
    scanned = {}
    for name, text in tables.items():
        table = f"{database}.{name}"
        _asked(aws, bucket, f"DROP TABLE IF EXISTS {table}")
        _asked(aws, bucket, f"CREATE EXTERNAL TABLE {table} {text}")
        done = _asked(aws, bucket, question.format(table))
        scanned[name] = done["Statistics"]["DataScannedInBytes"]
    return scanned


def _asked(aws: Clients, bucket: str, sql: str) -> JSON:
    athena = aws("athena")
    place = {"OutputLocation": f"s3://{bucket}/asked/"}
    query = athena.start_query_execution(QueryString=sql, ResultConfiguration=place)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        told = athena.get_query_execution(QueryExecutionId=query["QueryExecutionId"])
        status = told["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            return told["QueryExecution"]
        if status["State"] in ("FAILED", "CANCELLED"):
            raise CheckFailed(
                "files that Athena can query", status["StateChangeReason"], sql
            )
        time.sleep(0.05)
    raise CheckFailed("an answer of Athena", f"none after {PATIENCE} s", sql)


def _verdict(inputs: JSON, evidence: JSON) -> str:
    seed = inputs["seed"]
    bad, weeks = files.poisoned(seed), files.weeks(seed)
    _refused(evidence["refused"], bad, weeks)
    kept = [rows for key, rows in weeks.items() if key != bad]
    asked = {
        "rows": sum(len(rows) for rows in kept),
        "distinct": sum(len(rows) for rows in kept),
        "ids": int(sum(rows["payment_id"].sum() for rows in kept)),
        "cents": int(sum((rows["amount"] * 100).round().sum() for rows in kept)),
    }
    for name, found in evidence["readers"].items():
        _format(inputs, name, found)
        for what, number in asked.items():
            if found[what] != number:
                raise CheckFailed(
                    f"the good files below {name}/: {number:,} {SUMS[what]}",
                    f"{found[what]:,}",
                    "files that you left out, read twice, or half read before they "
                    "were refused",
                )
    csv = sum(size for key, size in evidence["raw"].items() if key != bad)
    times = csv / evidence["readers"]["planner"]["bytes"]
    if times < SMALLER:
        raise CheckFailed(
            f"a copy for the planner at least {SMALLER} times smaller than the CSV",
            f"{times:.1f} times smaller",
            "the compression: Snappy is the default, and not the smallest",
        )
    scanned = evidence["scanned"]
    if not scanned["planner"] < scanned["csv"]:
        raise CheckFailed(
            f"fewer than {scanned['csv']:,} bytes scanned for the planner's question",
            f"{scanned['planner']:,}",
            "the format below planner/",
        )
    return (
        f"{asked['rows']:,} payments for each reader; the planner's copy is "
        f"{times:.1f} times smaller, and {scanned['csv'] / scanned['planner']:.0f} "
        "times fewer bytes are scanned."
    )


def _refused(refused: object, bad: str, weeks: JSON) -> None:
    look = "what your reader does with a value that is not of its column's type"
    if not isinstance(refused, list):
        look = "your return statement: a list, though it is of one key"
    elif any(key not in weeks for key in refused):
        look = "the keys as S3 lists them, such as " + min(weeks)
    if refused != [bad]:
        raise CheckFailed(
            "a list with the key of each file that does not fit the columns, and no "
            "other",
            str(refused)[:300],
            look,
        )


def _format(inputs: JSON, name: str, found: JSON) -> None:
    if not found["keys"]:
        raise CheckFailed(f"files below {name}/", "none", "the keys that you put")
    if found["formats"] not in [[each] for each in READERS[name]]:
        raise CheckFailed(
            f"one format below {name}/, and one that suits this reader's habits",
            " and ".join(TEXT if each == "text" else each for each in found["formats"]),
            f"what the table of readers says of the {name}",
        )
    if "unread" in found:
        raise CheckFailed(
            f"files below {name}/ that can be read", found["unread"], "how you wrote"
        )
    if found["columns"] != sorted(inputs["columns"]):
        raise CheckFailed(
            f"the columns {', '.join(inputs['columns'])} below {name}/",
            ", ".join(found["columns"]) or "none",
            "an index that you wrote as well, or a column that you dropped",
        )


rewrite_for_readers = Check(drawn, _probe, _verdict)
