"""Recommendation runs: rules that the table itself passes, and a worse one does not."""

from typing import Any

import pytest

from tests.localaws.quality.gate import (
    BUCKET,
    ROLE,
    Aws,
    ended,
    make_desk,
    outcomes,
    put,
    source,
    start,
    until,
)
from tests.localaws.quality.test_rulesets import error_of

ROWS = "id,name,amount,day,code\n" + "".join(
    f"{n},{'ab'[n % 2]},{'' if n == 7 else n / 2},2026-01-0{n % 5 + 1},code-{n}\n"
    for n in range(1, 61)
)


@pytest.fixture(autouse=True)
def _desk(aws: Aws) -> None:
    make_desk(aws)
    put(aws, "bookings/part.csv", ROWS)


def recommend(aws: Aws, **members: Any) -> str:
    """Start a recommendation and return the id of its run."""
    asked = {"DataSource": source(), "Role": ROLE, **members}
    found = aws("glue").start_data_quality_rule_recommendation_run(**asked)
    return str(found["RunId"])


def test_rules_are_recommended_that_the_table_passes(aws: Aws) -> None:
    glue = aws("glue")
    key = recommend(aws, CreatedRulesetName="advice", NumberOfWorkers=2)
    run = until(lambda: glue.get_data_quality_rule_recommendation_run(RunId=key))
    assert run["Status"] == "SUCCEEDED"
    rules = run["RecommendedRuleset"]
    for rule in (
        "RowCount between 30 and 120",
        'IsComplete "id"',
        'Uniqueness "id" > 0.95',
        'ColumnValues "id" between 0 and 61',
        'Completeness "amount" >= 0.95',
        'ColumnValues "name" in ["a", "b"]',
        'ColumnLength "code" between 5 and 8',
    ):
        assert rule in rules
    made = glue.get_data_quality_ruleset(Name="advice")
    assert (made["Ruleset"], made["RecommendationRunId"]) == (rules, key)
    assert made["TargetTable"]["TableName"] == "bookings"
    (result,) = ended(aws, start(aws, "advice"))["ResultIds"]
    assert glue.get_data_quality_result(ResultId=result)["Score"] == 1
    doubled = ROWS + ROWS.partition("\n")[2] * 2
    put(aws, "bookings/part.csv", doubled)
    (result,) = ended(aws, start(aws, "advice"))["ResultIds"]
    found = outcomes(glue.get_data_quality_result(ResultId=result))
    bad = {rule for rule, state in found.items() if state == "FAIL"}
    assert bad >= {"RowCount between 30 and 120", 'Uniqueness "id" > 0.95'}
    listed = glue.list_data_quality_rule_recommendation_runs(
        Filter={"DataSource": source()}
    )
    assert [one["RunId"] for one in listed["Runs"]] == [key]
    code, message = error_of(lambda: recommend(aws, CreatedRulesetName="advice"))
    assert (code, "advice" in message) == ("InvalidInputException", True)


def test_a_recommendation_that_cannot_be(aws: Aws) -> None:
    glue = aws("glue")
    code, _ = error_of(lambda: recommend(aws, DataSource=source("none")))
    assert code == "InvalidInputException"
    cancel = glue.cancel_data_quality_rule_recommendation_run
    assert error_of(lambda: cancel(RunId="none"))[0] == "EntityNotFoundException"
    aws("s3").delete_object(Bucket=BUCKET, Key="bookings/part.csv")
    key = recommend(aws)
    run = until(lambda: glue.get_data_quality_rule_recommendation_run(RunId=key))
    assert run["RecommendedRuleset"] == "Rules = [\n    RowCount between 0 and 0\n]"
    assert error_of(lambda: cancel(RunId=key))[0] == "InvalidInputException"
