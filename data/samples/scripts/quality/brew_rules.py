"""The gate of one night as rules of AWS Glue DataBrew, and what came of them."""

import json
import time
from typing import Any

import boto3

CHECKS = {
    "plan": ("AGG(ROWS_COUNT) is_between :a and :b", {":a": "601", ":b": "999"}),
    "once": ("AGG(DUPLICATE_ROWS_COUNT) == :n", {":n": "0"}),
    "key": ("AGG(:c, MISSING_VALUES_COUNT) == :n", {":c": "`carrier`", ":n": "0"}),
    "place": (":c IN :l", {":c": "`origin`", ":l": '["EWR", "JFK", "LGA"]'}),
    "date": ("AGG(:c, MEAN) == :n", {":c": "`day`", ":n": "{day}"}),
    "minutes": ("AGG(:c, MAX) <= :n", {":c": "`dep_delay`", ":n": "1440"}),
}


def rules(day: int) -> list[dict[str, Any]]:
    """Write the rules of a day."""
    return [
        {
            "Name": name,
            "CheckExpression": expression,
            "SubstitutionMap": {
                key: value.replace("{day}", str(day)) for key, value in values.items()
            },
        }
        for name, (expression, values) in CHECKS.items()
    ]


def report(name: str, run: str, bucket: str, folder: str) -> dict[str, Any]:
    """Wait for a profile job's run and read its validation report."""
    brew, s3 = boto3.client("databrew"), boto3.client("s3")
    while brew.describe_job_run(Name=name, RunId=run)["State"] in (
        "STARTING",
        "RUNNING",
    ):
        time.sleep(0.1)
    key = f"{folder}/{name}_{run.removeprefix('db_')}_dq-validation-report.json"
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return json.loads(body)["rulesetResults"][0]
