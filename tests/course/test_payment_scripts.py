"""The scripts that lab 1.1 gives: the Glue job's, and the flow of the feature group."""

import io
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from helpers.payments import cards
from helpers.samples import sample
from localaws.wrangler.custom import query
from tests.localaws.services.etl import BUCKET, done, make_job, make_role, needs_spark

MERGE = sample("scripts/payments/merge.py")
FLOW = json.loads(sample("scripts/payments/days.flow").read_text(encoding="utf-8"))


def test_the_flow_makes_the_records_that_the_lab_asks_for() -> None:
    source, last = FLOW["nodes"]
    assert source["parameters"]["dataset_definition"]["name"] == "payments"
    assert last["inputs"][0]["node_id"] == source["node_id"]
    sql = last["parameters"]["sql_parameters"]["sql"]
    rows = query(cards.rows(13).astype(str), sql)
    assert [*rows] == [*cards.FEATURES]
    order = ["customer_id", "paid_at"]
    found = rows.sort_values(order).to_dict("records")
    asked = sorted(cards.records(13), key=lambda row: [row[name] for name in order])
    assert found == [row | {"spent": pytest.approx(row["spent"])} for row in asked]


@needs_spark
def test_the_job_runs_each_query_on_views_of_all_sources(
    aws: Callable[[str], Any], bucket: str
) -> None:
    assert bucket == BUCKET
    times = pd.to_datetime(["2025-10-07T08:00:00Z", "2025-10-07T09:30:00Z"])
    payments = {"payment_id": [1, 2], "paid_at": times.as_unit("us"), "amount": [2, 3]}
    receipts = {"receipt_id": ["R1"], "payment_id": [1], "items": [4]}
    files = {
        "raw/payments/a.parquet": pd.DataFrame(payments).to_parquet(index=False),
        "raw/receipts/a.parquet": pd.DataFrame(receipts).to_parquet(index=False),
        "raw/customers/a.csv": "customer_id,tier,since\nC1,gold,2020-01-02\n",
        "raw/terminals/a.json": '{"terminal_id":"T1","kind":"shop","concourse":"A"}\n',
        "raw/refunds/a.csv": "refund_id,payment_id,refunded_at,amount\n"
        "F1,2,2025-10-08T00:00:00Z,1.5\n",
        "queries/sums.sql": "SELECT (SELECT sum(items) FROM receipts) AS items,\n"
        "(SELECT sum(amount) FROM refunds) AS refunded,\n"
        "(SELECT first(concourse) FROM terminals) AS concourse,\n"
        "(SELECT year(first(since)) FROM customers) AS since",
        "queries/hours.sql": "SELECT payment_id, hour(paid_at) AS hour FROM payments",
    }
    s3 = aws("s3")
    for key, body in files.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    make_role(aws)
    make_job(aws, MERGE.read_text(encoding="utf-8"), "glueetl", GlueVersion="5.0")
    done(aws, Arguments={"--bucket": BUCKET, "--queries": "sums,hours"})

    def written(name: str) -> list[dict[str, Any]]:
        where = {"Bucket": BUCKET, "Prefix": f"out/{name}/part-"}
        (each,) = s3.list_objects_v2(**where)["Contents"]
        body = s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()
        return pd.read_parquet(io.BytesIO(body)).to_dict("records")

    sums = {"items": 4, "refunded": 1.5, "concourse": "A", "since": 2020}
    assert written("sums") == [sums]
    assert {row["payment_id"]: row["hour"] for row in written("hours")} == {1: 8, 2: 9}
