"""Rulesets that are held against tables: each rule type, and what a run tells."""

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
    evaluated,
    make_desk,
    make_table,
    outcomes,
    put,
    ruleset,
    source,
    start,
    storage,
)

NOT_MET = "Value: {} does not meet the constraint requirement!"
# Each rule, whether it holds, and a metric of it.
RULES: dict[str, tuple[str, dict[str, float]]] = {
    "RowCount = 4": ("PASS", {"Dataset.*.RowCount": 4}),
    "RowCount between 4 and 9": ("FAIL", {"Dataset.*.RowCount": 4}),
    "ColumnCount != 5": ("FAIL", {"Dataset.*.ColumnCount": 5}),
    'ColumnExists "code"': ("PASS", {"Dataset.code.ColumnExists": 1}),
    'ColumnExists "gone"': ("FAIL", {"Dataset.gone.ColumnExists": 0}),
    'IsComplete "id"': ("PASS", {"Column.id.Completeness": 1}),
    'Completeness "amount" > 0.75': ("FAIL", {"Column.amount.Completeness": 0.75}),
    'Completeness "amount" = 1.0 where "id <> 2"': (
        "PASS",
        {"Column.amount.Completeness": 1},
    ),
    'IsUnique "name"': ("FAIL", {"Column.name.Uniqueness": 0.5}),
    'Uniqueness "name" "id" = 1.0': ("PASS", {"Multicolumn.name,id.Uniqueness": 1}),
    'UniqueValueRatio "name" between 0.6 and 0.7': (
        "PASS",
        {"Column.name.UniqueValueRatio": 2 / 3},
    ),
    'DistinctValuesCount "name" = 3': ("PASS", {"Column.name.DistinctValuesCount": 3}),
    'Entropy "name" > 1.0397': ("PASS", {"Column.name.Entropy": 1.0397207708}),
    'Mean "amount" = 3': ("PASS", {"Column.amount.Mean": 3}),
    'Sum "amount" >= 9': ("PASS", {"Column.amount.Sum": 9}),
    'StandardDeviation "amount" < 3.5': (
        "PASS",
        {"Column.amount.StandardDeviation": 3.4880749227},
    ),
    'ColumnCorrelation "id" "amount" < -0.2': (
        "PASS",
        {"Multicolumn.id,amount.ColumnCorrelation": -0.2298642499},
    ),
    'IsPrimaryKey "id" "name"': ("PASS", {"Multicolumn.id,name.Uniqueness": 1}),
    'ColumnValues "amount" > -2': ("FAIL", {"Column.amount.Minimum": -1}),
    'ColumnValues "amount" != 7.5': (
        "FAIL",
        {"Column.amount.ColumnValues.Compliance": 0.75},
    ),
    'ColumnValues "id" between 1 and 5': ("FAIL", {"Column.id.Minimum": 1}),
    'ColumnValues "id" between 0 and 5': ("PASS", {"Column.id.Maximum": 4}),
    'ColumnValues "name" in ["a", "b"] with threshold > 0.7': (
        "PASS",
        {"Column.name.ColumnValues.Compliance": 0.75},
    ),
    'ColumnValues "code" in ["y", NULL, "x1", "x2"]': (
        "PASS",
        {"Column.code.ColumnValues.Compliance": 1},
    ),
    'ColumnValues "code" matches "x[0-9]" with threshold = 0.5': (
        "PASS",
        {"Column.code.PatternMatch": 0.5},
    ),
    'ColumnValues "day" > (now() - 3 days)': (
        "FAIL",
        {"Column.day.ColumnValues.Compliance": 0.75},
    ),
    'ColumnValues "day" >= "2026-01-01"': (
        "PASS",
        {"Column.day.ColumnValues.Compliance": 1},
    ),
    'ColumnLength "code" < 3': ("PASS", {"Column.code.MaximumLength": 2}),
    'ColumnLength "code" between 0 and 3': ("FAIL", {"Column.code.MinimumLength": 0}),
    'ColumnDataType "name" = "Integer" with threshold < 0.1': (
        "PASS",
        {"Column.name.ColumnDataType.Compliance": 0},
    ),
    'DataFreshness "day" <= 48 hours': (
        "FAIL",
        {"Column.day.DataFreshness.Compliance": 0.5},
    ),
    'ColumnNamesMatchPattern "[a-z]+"': (
        "PASS",
        {"Dataset.*.ColumnNamesPatternMatchRatio": 1},
    ),
    'CustomSql "select count(*) from primary where amount < 0" = 0': (
        "FAIL",
        {"Dataset.*.CustomSQL": 1},
    ),
    'CustomSql "select id from primary where id < 4" with threshold > 0.7': (
        "PASS",
        {"Dataset.*.CustomSQL.Compliance": 0.75},
    ),
    'CustomSql "select count(*) from desk.reference" = 3': (
        "PASS",
        {"Dataset.*.CustomSQL": 3},
    ),
    'CustomSql "select nothing from primary" = 1': ("ERROR", {}),
    'RowCountMatch "ref" > 1.3': ("PASS", {"Dataset.ref.RowCountMatch": 4 / 3}),
    'SchemaMatch "ref" = 1.0': ("FAIL", {"Dataset.ref.SchemaMatch": 0.6}),
    'ReferentialIntegrity "name" "ref.name" = 0.5': (
        "FAIL",
        {"Column.ref.ReferentialIntegrity": 0.75},
    ),
    'ReferentialIntegrity "id,name" "ref.{id,name}" = 0.5': (
        "PASS",
        {"Column.ref.ReferentialIntegrity": 0.5},
    ),
    'DatasetMatch "ref" "id" "name" > 0.4': ("PASS", {"Dataset.ref.DatasetMatch": 0.5}),
    'DatasetMatch "ref" "name" "id" > 0.4': ("FAIL", {}),
    'AggregateMatch "sum(amount)" "sum(desk.reference.amount)" = 0.9': (
        "PASS",
        {"Dataset.sum(amount),sum(desk.reference.amount).AggregateMatch": 0.9},
    ),
    'RowCountMatch "gone" > 1': ("FAIL", {}),
    '(ColumnValues "id" >= 3) or (ColumnValues "id" <= 2)': (
        "FAIL",
        {"Column.id.Maximum": 4, "Column.id.Minimum": 1},
    ),
    '(RowCount > 100) or ((Mean "amount" > 0) and (IsComplete "id"))': (
        "PASS",
        {"Column.amount.Mean": 3},
    ),
}
REFERENCE = "id,name,amount\n1,a,2.5\n2,b,\n3,d,7.5\n"


@pytest.fixture(autouse=True)
def _desk(aws: Aws) -> None:
    make_desk(aws)


def test_each_rule_type_is_measured_and_held(aws: Aws) -> None:
    columns = "id int, name string, amount double"
    make_table(aws, "reference", REFERENCE, columns)
    result = evaluated(aws, *RULES, AdditionalDataSources={"ref": source("reference")})
    found = {one["Description"]: one for one in result["RuleResults"]}
    assert outcomes(result) == {rule: state for rule, (state, _) in RULES.items()}
    for rule, (state, metrics) in RULES.items():
        known = found[rule]["EvaluatedMetrics"]
        for name, value in metrics.items():
            assert known[name] == pytest.approx(value, abs=1e-9), rule
        assert ("EvaluationMessage" in found[rule]) == (state != "PASS")
    message = found['ColumnValues "amount" > -2']["EvaluationMessage"]
    assert message == NOT_MET.format("NULL")
    message = found['ColumnValues "id" between 1 and 5']["EvaluationMessage"]
    assert message == NOT_MET.format(1.0)
    passed = sum(state == "PASS" for state, _ in RULES.values())
    assert result["Score"] == pytest.approx(passed / len(RULES))
    assert result["RuleResults"][0]["Name"] == "Rule_1"


def test_a_composite_rule_may_speak_of_rows(aws: Aws) -> None:
    ors = '(ColumnValues "id" >= 3) or (ColumnValues "id" <= 2)'
    ands = '(ColumnValues "amount" > -5) and (IsComplete "id")'
    whole = '(RowCount > 1) and (IsComplete "id")'
    options = {"CompositeRuleEvaluationMethod": "ROW"}
    result = evaluated(aws, ors, ands, whole, AdditionalRunOptions=options)
    assert outcomes(result) == {ors: "PASS", ands: "FAIL", whole: "ERROR"}


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
