"""Each rule type of DQDL, measured and held against tables."""

import pytest

from tests.localaws.quality.gate import (
    Aws,
    evaluated,
    make_desk,
    make_table,
    outcomes,
    source,
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
