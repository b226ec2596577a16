"""Rulesets that are held against tables: what a run reads and tells."""

import json
from typing import Any

import pytest

from localaws.daemon import Connection
from tests.localaws.quality.gate import (
    BUCKET,
    DATABASE,
    ROLE,
    Aws,
    ended,
    make_desk,
    make_table,
    put,
    ruleset,
    source,
    start,
    storage,
)


@pytest.fixture(autouse=True)
def _desk(aws: Aws) -> None:
    make_desk(aws)


def test_a_predicate_chooses_the_partitions(aws: Aws) -> None:
    make_table(aws, "days", "", "id int", "day string")
    for day, rows in (("01", "id\n1\n2\n"), ("02", "id\n3\n"), ("03", "id\n4\n")):
        put(aws, f"days/day={day}/a.csv", rows)
        where = f"s3://{BUCKET}/days/day={day}/"
        part = {"Values": [day], "StorageDescriptor": storage(where, "id int")}
        aws("glue").create_partition(
            DatabaseName=DATABASE, TableName="days", PartitionInput=part
        )
    ruleset(aws, "RowCount = 3", 'ColumnValues "day" in ["01", "02"]')
    data = source("days", pushDownPredicate="(day <= '02')")
    run = ended(aws, start(aws, DataSource=data))
    (key,) = run["ResultIds"]
    assert aws("glue").get_data_quality_result(ResultId=key)["Score"] == 1
    bad = source("days", pushDownPredicate="(hour = 1)")
    run = ended(aws, start(aws, DataSource=bad))
    assert (run["Status"], "hour = 1" in run["ErrorString"]) == ("FAILED", True)


def _queue(aws: Aws) -> str:
    sqs, events = aws("sqs"), aws("events")
    url: str = sqs.create_queue(QueueName="stop")["QueueUrl"]
    named = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    pattern = {
        "source": ["aws.glue-dataquality"],
        "detail-type": ["Data Quality Evaluation Results Available"],
        "detail": {"state": ["FAILED"]},
    }
    events.put_rule(Name="bad", EventPattern=json.dumps(pattern))
    arn = named["Attributes"]["QueueArn"]
    events.put_targets(Rule="bad", Targets=[{"Id": "q", "Arn": arn}])
    return url


def _sum(aws: Aws, name: str, kind: str) -> float:
    dimensions = {
        "Ruleset": name,
        "Table": "bookings",
        "Database": DATABASE,
        "CatalogId": "123456789012",
    }
    found = aws("cloudwatch").get_metric_statistics(
        Namespace="Glue Data Quality",
        MetricName=f"glue.data.quality.rules.{kind}",
        Dimensions=[{"Name": n, "Value": v} for n, v in dimensions.items()],
        StartTime="2026-01-05T00:00:00Z",
        EndTime="2026-01-06T00:00:00Z",
        Period=86400,
        Statistics=["Sum"],
    )
    return sum(one["Sum"] for one in found["Datapoints"])


def _lines(aws: Aws) -> list[Any]:
    s3 = aws("s3")
    (one,) = s3.list_objects_v2(Bucket=BUCKET, Prefix="told/")["Contents"]
    assert one["Key"].startswith("told/year=2026/month=01/day=05/dqrun-")
    body = s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read().decode()
    return [json.loads(line) for line in body.splitlines()]


def test_a_run_tells_of_its_results(aws: Aws, endpoint: Connection) -> None:
    url, glue = _queue(aws), aws("glue")
    ruleset(aws, "RowCount > 0", name="good")
    ruleset(aws, "RowCount > 9", 'IsComplete "id"', name="mixed")
    options = {
        "CloudWatchMetricsEnabled": True,
        "ResultsS3Prefix": f"s3://{BUCKET}/told/",
    }
    key = start(
        aws,
        RulesetNames=["good", "mixed"],
        AdditionalRunOptions=options,
        ClientToken="once",
    )
    run = ended(aws, key)
    assert start(aws, RulesetNames=["good", "mixed"], ClientToken="once") == key
    results = glue.batch_get_data_quality_result(
        ResultIds=[*run["ResultIds"], "dqresult-none"]
    )
    assert [one["Score"] for one in results["Results"]] == [1.0, 0.5]
    assert results["ResultsNotFound"] == ["dqresult-none"]
    assert results["Results"][1]["RulesetEvaluationRunId"] == key
    assert (_sum(aws, "mixed", "failed"), _sum(aws, "mixed", "passed")) == (1, 1)
    lines = [(one["rule"], one["outcome"], one["dqRunId"]) for one in _lines(aws)]
    assert lines == [
        ("RowCount > 0", "Passed", key),
        ("RowCount > 9", "Failed", key),
        ('IsComplete "id"', "Passed", key),
    ]
    where = {"logGroupName": "/aws-glue/data-quality/output", "logStreamName": key}
    told = aws("logs").get_log_events(**where)["events"]
    assert [one["message"] for one in told][1] == "FAIL RowCount > 9"
    found = aws("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)
    (message,) = found["Messages"]
    detail = json.loads(message["Body"])["detail"]
    assert detail["rulesetNames"] == ["mixed"]
    assert (detail["score"], detail["numRulesFailed"]) == (0.5, 1)
    assert detail["context"]["runId"] == key
    assert detail["resultId"] == run["ResultIds"][1]
    assert run["Role"].endswith(f":role/{ROLE}")
    assert (run["ExecutionTime"], run["NumberOfWorkers"]) == (120, 5)
    assert (run["CompletedOn"] - run["StartedOn"]).total_seconds() == 120
    lines = endpoint.control("GET", "bill")["lines"]
    (line,) = (one for one in lines if one["resource"] == "good,mixed")
    assert line["quantity"] == pytest.approx(5 * 120 / 3600, abs=1e-6)


def test_runs_and_results_are_listed(aws: Aws) -> None:
    glue = aws("glue")
    make_table(aws, "other", "id\n1\n", "id int")
    ruleset(aws, "RowCount > 0")
    first = start(aws)
    second = start(aws, DataSource=source("other"))
    for key in (first, second):
        ended(aws, key)
    runs = glue.list_data_quality_ruleset_evaluation_runs(MaxResults=1)
    assert [one["RunId"] for one in runs["Runs"]] == [second]
    more = glue.list_data_quality_ruleset_evaluation_runs(NextToken=runs["NextToken"])
    assert [one["RunId"] for one in more["Runs"]] == [first]
    chosen = {"DataSource": source("other"), "RulesetName": "rules"}
    found = glue.list_data_quality_ruleset_evaluation_runs(Filter=chosen)
    assert [one["RunId"] for one in found["Runs"]] == [second]
    results = glue.list_data_quality_results(Filter={"DataSource": source()})
    (key,) = glue.get_data_quality_ruleset_evaluation_run(RunId=first)["ResultIds"]
    assert [one["ResultId"] for one in results["Results"]] == [key]
    assert glue.list_data_quality_results(Filter={"JobName": "x"})["Results"] == []
    got = glue.batch_get_data_quality_ruleset_evaluation_run(RunIds=[first, "none"])
    assert [one["RunId"] for one in got["Runs"]] == [first]
    assert got["RunsNotFound"] == ["none"]
