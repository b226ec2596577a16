"""A small lake of flights, and how tests ask Athena about it."""

import io
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
from pyarrow import parquet

Aws = Callable[[str], Any]
BUCKET = "on-time-desk"
RESULTS = f"s3://{BUCKET}/results/"
PATIENCE = 120
FLIGHTS = "carrier,flight,delay,day\nUA,1545,2.5,2013-01-01\nAA,1141,,2013-01-02\n"
CSV = """
CREATE EXTERNAL TABLE flights (carrier string, flight int, delay double, day date)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://on-time-desk/csv/'
TBLPROPERTIES ('skip.header.line.count'='1')
"""


def put(aws: Aws, key: str, body: bytes | str) -> None:
    """Put an object into the bucket."""
    aws("s3").put_object(Bucket=BUCKET, Key=key, Body=body)


def parquet_of(rows: dict[str, list[Any]], group: int = 100) -> bytes:
    """Return a Parquet file of some columns."""
    buffer = io.BytesIO()
    parquet.write_table(pa.table(rows), buffer, row_group_size=group)
    return buffer.getvalue()


def started(aws: Aws, sql: str, **members: Any) -> str:
    """Start a query and return its id."""
    request = {
        "QueryString": sql,
        "QueryExecutionContext": {"Database": "desk"},
        "ResultConfiguration": {"OutputLocation": RESULTS},
        **members,
    }
    return aws("athena").start_query_execution(**request)["QueryExecutionId"]


def ended(aws: Aws, key: str) -> Any:
    """Wait for a query's end and return the execution."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = aws("athena").get_query_execution(QueryExecutionId=key)
        execution = found["QueryExecution"]
        if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return execution
        time.sleep(0.05)
    raise AssertionError(f"the query still runs after {PATIENCE} s")


def asked(aws: Aws, sql: str, **members: Any) -> Any:
    """Run a query to its end, whatever that is."""
    return ended(aws, started(aws, sql, **members))


def done(aws: Aws, sql: str, **members: Any) -> Any:
    """Run a query that succeeds."""
    execution = asked(aws, sql, **members)
    status = execution["Status"]
    assert status["State"] == "SUCCEEDED", status.get("StateChangeReason")
    return execution


def rows(aws: Aws, sql: str, **members: Any) -> list[list[str | None]]:
    """Run a query and return its rows, the header first if there is one."""
    key = done(aws, sql, **members)["QueryExecutionId"]
    pages = aws("athena").get_paginator("get_query_results")
    return [
        [value.get("VarCharValue") for value in row["Data"]]
        for page in pages.paginate(QueryExecutionId=key)
        for row in page["ResultSet"]["Rows"]
    ]


def failure(aws: Aws, sql: str, **members: Any) -> str:
    """Run a query that fails and return why."""
    status = asked(aws, sql, **members)["Status"]
    assert status["State"] == "FAILED"
    assert status["AthenaError"]["ErrorMessage"] == status["StateChangeReason"]
    return status["StateChangeReason"]


def scanned(aws: Aws, sql: str) -> int:
    """Run a query and return the bytes that it read."""
    return done(aws, sql)["Statistics"]["DataScannedInBytes"]


def table(aws: Aws, ddl: str) -> None:
    """Make a table in the database of the tests."""
    done(aws, "CREATE DATABASE IF NOT EXISTS desk")
    done(aws, ddl)


def two_flights(aws: Aws) -> None:
    """Make a table of two flights in CSV."""
    put(aws, "csv/a.csv", FLIGHTS)
    table(aws, CSV)
