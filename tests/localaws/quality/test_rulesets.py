"""Rulesets of AWS Glue Data Quality: the language, and what is kept of them."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.quality.gate import Aws

GOOD = {
    "comments": 'Rules = [\n  # a note\n  RowCount > 0,  # why\n  IsComplete "a"\n]',
    "signs": 'Rules = [ ColumnValues "x" between -5 and -1.5 ]',
    "nothing": "Rules = []",
    "a constant": 'q = "select 1 from primary" Rules = [ CustomSql $q = 1 ]',
    "for ETL": "Rules = [ RowCount > avg(last(3)) * 0.8 ] Analyzers = [ RowCount ]",
    "labels": 'DefaultLabels = ["a"="b"] Rules = [ RowCount > 0 labels=["c"="d"] ]',
    "nested": 'Rules = [ (RowCount > 3) AND ((IsComplete "b") OR (IsUnique "c")) ]',
    "a filter": 'Rules = [ Completeness "a" > 0.5 where "b = \\"x\\" and c > 1" ]',
    "text as a number": 'Rules = [ Completeness "a" = "1.0" ]',
}
BAD = {
    "Rules = [ RowCount >> 3 ]": "line 1:20 unexpected '>'",
    "Rules = [ RowCount > 3": "line 1:22 unexpected end",
    'Rules = [\n  IsComplete "a"\n  IsUnique "b"\n]': "line 2:2 a comma is missing",
    'Rules = [ IsComplete "a", isunique "b" ]': "line 1:26 Rule Type: isunique",
    "rules = [ RowCount > 3 ]": "line 1:8 unexpected '['",
    "Rules = [ RowCount ]": "RowCount needs a condition",
    'Rules = [ IsComplete "a" > 1 ]': "IsComplete takes no condition",
    'Rules = [ Mean "a" "b" > 1 ]': "Unexpected number of parameters",
    "Rules = [ RowCount > 3 with threshold > 0.5 ]": "with threshold is not for",
    'Rules = [ Mean "a" > "much" ]': '"much" is not a number',
    'Rules = [ Mean "a" matches "x" ]': "matches no pattern",
    'Rules = [ DataFreshness "a" < 3 ]': "a time span",
    'Rules = [ CustomSql "select 1" > 1 with threshold > 0.1 ]': "not both",
    "Rules = [ CustomSql $none = 1 ]": "no constant is named none",
    "Analyzers = [ Rowcount ]": "Analyzer Type: Rowcount",
}


def error_of(act: Callable[[], Any]) -> tuple[str, str]:
    """Return code and message of the error that a call ends with."""
    with pytest.raises(ClientError) as caught:
        act()
    said = caught.value.response["Error"]
    return said["Code"], said["Message"]


def create(aws: Aws, text: str, name: str = "rules", **members: Any) -> Any:
    """Make a ruleset."""
    glue = aws("glue")
    return glue.create_data_quality_ruleset(Name=name, Ruleset=text, **members)


def test_the_language_is_checked_at_once(aws: Aws) -> None:
    for name, text in GOOD.items():
        assert create(aws, text, name)["Name"] == name
    for text, message in BAD.items():
        code, said = error_of(lambda text=text: create(aws, text, "bad"))
        assert (code, message in said) == ("InvalidInputException", True), said
    for rule in ('DetectAnomalies "RowCount"', "FileFreshness > 3"):
        code, said = error_of(lambda rule=rule: create(aws, f"Rules = [ {rule} ]"))
        assert code == "NotImplementedInLocalEndpoint"
        assert rule.split()[0] in said
    found = aws("glue").list_data_quality_rulesets()["Rulesets"]
    counts = {one["Name"]: one["RuleCount"] for one in found}
    assert counts == {**dict.fromkeys(GOOD, 1), "comments": 2, "nothing": 0}


def test_a_ruleset_is_kept_changed_listed_and_deleted(aws: Aws) -> None:
    glue = aws("glue")
    target = {"DatabaseName": "desk", "TableName": "flights"}
    create(
        aws,
        "Rules = [ RowCount > 0 ]",
        Description="first",
        TargetTable=target,
        Tags={"team": "desk"},
        ClientToken="t",
    )
    create(aws, "Rules = [ RowCount > 0 ]", ClientToken="t")
    code, _ = error_of(lambda: create(aws, "Rules = [ RowCount > 0 ]"))
    assert code == "AlreadyExistsException"
    create(aws, "Rules = [ RowCount > 0 ]", "other")
    made = glue.get_data_quality_ruleset(Name="rules")
    assert (made["Description"], made["TargetTable"]) == ("first", target)
    changed = glue.update_data_quality_ruleset(
        Name="rules", Ruleset='Rules = [ RowCount > 1, IsComplete "a" ]'
    )
    assert changed["Description"] == "first"
    bad = "Rules = [ RowCount ]"
    code, _ = error_of(
        lambda: glue.update_data_quality_ruleset(Name="rules", Ruleset=bad)
    )
    assert code == "InvalidInputException"
    found = glue.get_data_quality_ruleset(Name="rules")
    assert found["Ruleset"].startswith("Rules = [ RowCount > 1")
    assert found["LastModifiedOn"] > found["CreatedOn"]

    def names(**asked: Any) -> list[str]:
        listed = glue.list_data_quality_rulesets(**asked)["Rulesets"]
        return [one["Name"] for one in listed]

    assert names() == ["other", "rules"]
    assert names(Filter={"TargetTable": target}) == ["rules"]
    assert names(Filter={"Name": "other"}) == ["other"]
    assert names(Tags={"team": "desk"}) == ["rules"]
    assert names(Filter={"CreatedAfter": found["LastModifiedOn"]}) == []
    assert names(Filter={"LastModifiedAfter": found["CreatedOn"]}) == [
        "other",
        "rules",
    ]
    glue.delete_data_quality_ruleset(Name="rules")
    for act in (
        glue.get_data_quality_ruleset,
        glue.delete_data_quality_ruleset,
        glue.update_data_quality_ruleset,
    ):
        assert error_of(lambda act=act: act(Name="rules"))[0] == (
            "EntityNotFoundException"
        )
