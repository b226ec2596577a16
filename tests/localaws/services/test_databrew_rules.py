"""Rulesets of DataBrew, validated by profile jobs."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.brew.kitchen import (
    BUCKET,
    Aws,
    body,
    dataset,
    done,
    keys,
    make_role,
    profile_job,
    put,
    ran,
)

ROWS = ["id,size,name,ok,when"]
ROWS += [f"{n},{n % 4},{'x' * (n % 3 + 1)},true,2026-01-01" for n in range(1, 21)]
ROWS += ["21,,,false,", "21,,,false,", "22,400,xxxx,,"]


@pytest.fixture(autouse=True)
def _kitchen(aws: Aws, bucket: str) -> None:
    make_role(aws)
    put(aws, "in.csv", "\n".join(ROWS))
    dataset(aws, "in.csv")


def ruleset(aws: Aws, rules: list[Any], name: str = "rules") -> str:
    """Make a ruleset of the data set, and return its ARN."""
    arn = "arn:aws:databrew:us-east-1:123456789012"
    aws("databrew").create_ruleset(
        Name=name, TargetArn=f"{arn}:dataset/flights", Rules=rules
    )
    return f"{arn}:ruleset/{name}"


def rule(check: str, values: dict[str, str] | None = None, **members: Any) -> Any:
    """Return a rule, named after its expression."""
    made = {"Name": check, "CheckExpression": check, **members}
    return made | ({"SubstitutionMap": values} if values else {})


CHECKS = {
    "AGG(ROWS_COUNT) == :n": ({":n": "23"}, "SUCCEEDED"),
    "AGG(COLUMNS_COUNT) != :n": ({":n": "5"}, "FAILED"),
    "AGG(DUPLICATE_ROWS_PERCENTAGE) < :n or AGG(ROWS_COUNT) < :m": (
        {":n": "4", ":m": "3"},
        "FAILED",
    ),
    "AGG(:col, UNIQUE_VALUES_COUNT) > :n": ({":col": "`id`", ":n": "20"}, "SUCCEEDED"),
    "AGG(QUANTILE, :c, :q) is_between :a and :b": (
        {":c": "`size`", ":q": "0.75", ":a": "1", ":b": "3"},
        "SUCCEEDED",
    ),
    "AGG(Z_SCORE_OUTLIERS_COUNT, :c, :dev) == :n": (
        {":c": "`size`", ":dev": "5", ":n": "0"},
        "SUCCEEDED",
    ),
    "AGG(:c, MEAN) <= :n": ({":c": "`size`", ":n": "20"}, "FAILED"),
    ":c IN :list": ({":c": "`name`", ":list": '["x","xx","xxx"]'}, "FAILED"),
    "(:c starts_with :x and not :c matches :y)": None,
    ":a <= :b": ({":a": "`size`", ":b": "`id`"}, "FAILED"),
    "length(:c) >= :n": ({":c": "`name`", ":n": "1"}, "FAILED"),
    ":gone > :n": ({":gone": "`nothing`", ":n": "1"}, "ERROR"),
}


def test_rulesets_are_validated(aws: Aws) -> None:
    rules = [
        rule(check, found[0]) for check, found in CHECKS.items() if found is not None
    ]
    most = {"Value": 95, "Type": "LESS_THAN", "Unit": "PERCENTAGE"}
    rules += [
        rule(
            ":c IS BETWEEN :a AND :b",
            {":c": "`size`", ":a": "0", ":b": "3"},
            Threshold={"Value": 85, "Unit": "PERCENTAGE"},
        ),
        rule(":c CONTAINS :x", {":c": "`name`", ":x": "xx"}, Threshold=most),
        rule("> :v", {":v": "-1"}, ColumnSelectors=[{"Regex": "id|size"}]),
        rule(
            "AGG(MISSING_VALUES_COUNT) < :v",
            {":v": "3"},
            ColumnSelectors=[{"Regex": ".*"}],
        ),
        rule("AGG(ROWS_COUNT) > :n", {":n": "1000"}, Disabled=True),
    ]
    arns = [
        ruleset(aws, rules),
        ruleset(aws, [rule("AGG(ROWS_COUNT) > :n", {":n": "1"})], "good"),
    ]
    profile_job(aws, ValidationConfigurations=[{"RulesetArn": arn} for arn in arns])
    run = done(aws, "look")
    stem = f"out/flights_{run['RunId'][3:]}"
    assert keys(aws) == [f"{stem}.json", f"{stem}_dq-validation-report.json"]
    report = json.loads(body(aws, keys(aws)[1]))
    bad, good = report["rulesetResults"]
    assert (bad["arn"], bad["status"], good["status"]) == (
        arns[0],
        "ERROR",
        "SUCCEEDED",
    )
    results = {one["name"]: one for one in bad["ruleResults"]}
    for check, found in CHECKS.items():
        if found is not None:
            assert results[check]["status"] == found[1], results[check]
    between = results[":c IS BETWEEN :a AND :b"]
    assert (between["failedCount"], between["status"]) == (3, "SUCCEEDED")
    assert between["definition"]["Threshold"] == {"Value": 85.0, "Unit": "PERCENTAGE"}
    assert results[":c CONTAINS :x"]["status"] == "SUCCEEDED"
    assert results["> :v"]["columnResults"] == [
        {"name": "id", "failedCount": 0, "status": "SUCCEEDED"},
        {"name": "size", "failedCount": 2, "status": "FAILED"},
    ]
    columns = results["AGG(MISSING_VALUES_COUNT) < :v"]["columnResults"]
    assert {one["name"]: one["status"] for one in columns} == {
        "id": "SUCCEEDED",
        "size": "SUCCEEDED",
        "name": "SUCCEEDED",
        "ok": "SUCCEEDED",
        "when": "FAILED",
    }
    assert "'nothing' does not exist" in results[":gone > :n"]["errorMessage"]
    assert len(results) == len(rules) - 1


def test_each_validated_ruleset_is_an_event(aws: Aws) -> None:
    sqs, events = aws("sqs"), aws("events")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    named = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    pattern = {"detail-type": ["DataBrew Ruleset Validation Result"]}
    events.put_rule(Name="all", EventPattern=json.dumps(pattern))
    target = {"Id": "queue", "Arn": named["Attributes"]["QueueArn"]}
    events.put_targets(Rule="all", Targets=[target])
    arn = ruleset(aws, [rule("AGG(ROWS_COUNT) < :n", {":n": "3"})])
    profile_job(aws, ValidationConfigurations=[{"RulesetArn": arn}])
    run = done(aws, "look")
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert json.loads(message["Body"])["detail"] == {
        "datasetName": "flights",
        "jobName": "look",
        "jobRunId": run["RunId"],
        "rulesetName": "rules",
        "validationState": "FAILED",
        "validationReportLocation": f"s3://{BUCKET}/{keys(aws)[1]}",
    }


WRONG = {
    "not valid at 'SIZE'": rule("AGG(SIZE) > :n", {":n": "1"}),
    "not valid at 'LIKE'": rule(":c like :n", {":c": "`a`", ":n": "1"}),
    "not valid at 'the end'": rule("(:c > :n", {":c": "`a`", ":n": "1"}),
    "no value for :n": rule(":c > :n", {":c": "`a`"}),
    "names its column": rule(":c > :n", {":c": "a", ":n": "1"}),
    "with ColumnSelectors no check": rule(
        ":c > :n", {":c": "`a`", ":n": "1"}, ColumnSelectors=[{"Name": "a"}]
    ),
    "cannot be combined": rule(
        "AGG(ROWS_COUNT) > :n and :c > :n", {":c": "`a`", ":n": "1"}
    ),
}


def test_wrong_rules_are_invalid_at_once(aws: Aws) -> None:
    for says, given in WRONG.items():
        with pytest.raises(ClientError, match=f"ValidationException.*{says}"):
            ruleset(aws, [given])
    assert aws("databrew").list_rulesets()["Rulesets"] == []


def test_rulesets_are_kept_while_they_are_used(aws: Aws) -> None:
    databrew = aws("databrew")
    arn = ruleset(aws, [rule("AGG(ROWS_COUNT) > :n", {":n": "1"})])
    profile_job(aws, ValidationConfigurations=[{"RulesetArn": arn}])
    for delete in (databrew.delete_ruleset, databrew.delete_dataset):
        name = "rules" if delete == databrew.delete_ruleset else "flights"
        with pytest.raises(ClientError, match=r"ConflictException.*is used by"):
            delete(Name=name)
    new = [rule("AGG(ROWS_COUNT) > :n", {":n": "100"})]
    databrew.update_ruleset(Name="rules", Rules=new, Description="more")
    found = databrew.describe_ruleset(Name="rules")
    assert (found["Rules"], found["Description"]) == (new, "more")
    (listed,) = databrew.list_rulesets(TargetArn=found["TargetArn"])["Rulesets"]
    assert listed["RuleCount"] == 1
    other = found["TargetArn"].replace("flights", "other")
    assert databrew.list_rulesets(TargetArn=other)["Rulesets"] == []
    put(aws, "in.csv", "id\n\n")
    assert ran(aws, "look")["State"] == "SUCCEEDED"
    databrew.delete_job(Name="look")
    databrew.delete_ruleset(Name="rules")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        databrew.describe_ruleset(Name="rules")
