"""What a run tells of its results: documents, files, metrics, events."""

import json
from typing import Any

from botocore.exceptions import ClientError

from localaws.services.context import Context
from localaws.services.events import Bus
from localaws.services.glue_quality.documents import ACCOUNT, RESULT, new_id
from localaws.services.glue_quality.sources import table_of
from localaws.services.json_operations import Members
from localaws.services.permissions import Caller
from localaws.services.records import Records
from localaws.services.under_way import RunFailed

NAMESPACE = "Glue Data Quality"
_METRICS = {
    "PASS": "glue.data.quality.rules.passed",
    "FAIL": "glue.data.quality.rules.failed",
}
_OUTCOMES = {"PASS": "Passed", "FAIL": "Failed", "ERROR": "Error"}
_LONGEST = 2048


def documents(
    context: Context, run: Members, results: list[list[Members]]
) -> list[Members]:
    """Return the result of each ruleset of a run."""
    found = []
    for name, rules in zip(run["RulesetNames"], results, strict=True):
        passed = sum(one["result"] == "PASS" for one in rules)
        failed = sum(one["result"] == "FAIL" for one in rules)
        found.append(
            {
                "ResultId": new_id(context, "dqresult"),
                "Score": passed / len(rules) if rules else 1.0,
                "DataSource": run["DataSource"],
                "RulesetName": name,
                "StartedOn": run["StartedOn"],
                "CompletedOn": context.clock.now(),
                "RulesetEvaluationRunId": run["RunId"],
                "RuleResults": [_rule(n, one) for n, one in enumerate(rules, 1)],
                "AggregatedMetrics": {
                    "TotalRulesProcessed": float(len(rules)),
                    "TotalRulesPassed": float(passed),
                    "TotalRulesFailed": float(failed),
                },
            }
        )
    return found


def _rule(number: int, found: Members) -> Members:
    text = found["text"][:_LONGEST]
    told: dict[str, Any] = {
        "Name": f"Rule_{number}",
        "Description": text,
        "Result": found["result"],
        "EvaluatedMetrics": found["metrics"],
        "EvaluatedRule": text,
    }
    if found["message"]:
        told["EvaluationMessage"] = found["message"][:_LONGEST]
    return told


def count(result: Members, *kinds: str) -> int:
    """Return how many rules ended in one of some ways."""
    return sum(one["Result"] in kinds for one in result["RuleResults"])


def keep(context: Context, results: list[Members]) -> None:
    """Keep results, once the role was allowed to publish them."""
    for one in results:
        context.part(Records).put(RESULT, one["ResultId"], one)


def store(
    context: Context, run: Members, caller: Caller, results: list[Members]
) -> None:
    """Write results to S3, if the run asks for it.

    Raises:
        RunFailed: The run's role may not publish or write them.
    """
    try:
        for one in results:
            target = f"dataQualityRuleset/{one['RulesetName']}"
            caller.demand("glue:PublishDataQuality", target)
        prefix = run.get("AdditionalRunOptions", {}).get("ResultsS3Prefix")
        if prefix:
            _write(run, caller, results, prefix)
    except ClientError as error:
        said = error.response["Error"]
        raise RunFailed(f"{said['Code']}: {said['Message']}") from error


def _write(run: Members, caller: Caller, results: list[Members], prefix: str) -> None:
    table, started = table_of(run["DataSource"]), run["StartedOn"]
    lines = [
        {
            "catalogId": ACCOUNT,
            "databaseName": table["DatabaseName"],
            "tableName": table["TableName"],
            "dqRunId": run["RunId"],
            "evaluationStartedOn": f"{one['StartedOn']:%Y-%m-%d %H:%M:%S}",
            "evaluationCompletedOn": f"{one['CompletedOn']:%Y-%m-%d %H:%M:%S}",
            "rule": rule["EvaluatedRule"],
            "outcome": _OUTCOMES[rule["Result"]],
            "failureReason": rule.get("EvaluationMessage"),
            "evaluatedMetrics": rule["EvaluatedMetrics"],
        }
        for one in results
        for rule in one["RuleResults"]
    ]
    bucket, _, folder = prefix.removeprefix("s3://").partition("/")
    day = f"year={started:%Y}/month={started:%m}/day={started:%d}"
    start = f"{folder.rstrip('/')}/" if folder.strip("/") else ""
    key = f"{start}{day}/{run['RunId']}.jsonl"
    caller.demand("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    caller.client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def measure(
    context: Context, run: Members, caller: Caller, results: list[Members]
) -> None:
    """Send the metrics of results, if the run asks for it and its role may."""
    asked = run.get("AdditionalRunOptions", {}).get("CloudWatchMetricsEnabled")
    if not asked or not caller.may("cloudwatch:PutMetricData", "*"):
        return
    table = table_of(run["DataSource"])
    for one in results:
        names = {
            "Ruleset": one["RulesetName"],
            "Table": table["TableName"],
            "Database": table["DatabaseName"],
            "CatalogId": ACCOUNT,
        }
        data = [
            {
                "MetricName": metric,
                "Dimensions": [{"Name": n, "Value": v} for n, v in names.items()],
                "Timestamp": one["CompletedOn"],
                "Value": float(count(one, kind)),
                "Unit": "Count",
            }
            for kind, metric in _METRICS.items()
        ]
        cloudwatch = context.aws.client("cloudwatch")
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data)


def tell(bus: Bus, run: Members, results: list[Members]) -> None:
    """Send the events of results, for which AWS wants the metrics switched on."""
    if not run.get("AdditionalRunOptions", {}).get("CloudWatchMetricsEnabled"):
        return
    table = table_of(run["DataSource"])
    for one in results:
        passed, failed = count(one, "PASS"), count(one, "FAIL")
        detail = {
            "context": {
                "contextType": "GLUE_DATA_CATALOG",
                "runId": run["RunId"],
                "databaseName": table["DatabaseName"],
                "tableName": table["TableName"],
                "catalogId": ACCOUNT,
            },
            "resultId": one["ResultId"],
            "rulesetNames": [one["RulesetName"]],
            "state": "SUCCEEDED" if passed == len(one["RuleResults"]) else "FAILED",
            "score": one["Score"],
            "numRulesSucceeded": passed,
            "numRulesFailed": failed,
            "numRulesSkipped": count(one, "ERROR"),
        }
        kind = "Data Quality Evaluation Results Available"
        bus.put("aws.glue-dataquality", kind, detail)
