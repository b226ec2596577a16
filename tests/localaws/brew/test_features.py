"""Recipe actions that make features: functions, scales, categories, shapes."""

import math

import pandas as pd
import pytest

from localaws.brew.actions import ACTIONS
from localaws.brew.documented import absent, acting
from tests.localaws.brew.kitchen import (
    Aws,
    cooked,
    dataset,
    make_role,
    put,
    step,
    where,
)


@pytest.fixture
def kitchen(aws: Aws, bucket: str) -> Aws:
    """DataBrew with a role and a data set."""
    make_role(aws)
    put(aws, "in.csv", "k,n,m,w\n1,4,2,a\n2,-1,0,b\n3,,5,a\n4,9.5,5,\n")
    dataset(aws, "in.csv")
    return aws


def test_what_is_documented_acts_or_is_refused() -> None:
    assert set(acting()) == set(ACTIONS)
    assert not set(acting()) & set(absent())
    assert len(acting()) + len(absent()) == 217


def test_functions(kitchen: Aws) -> None:
    one = {"sourceColumn": "n"}
    both = {"sourceColumn1": "n", "sourceColumn2": "m"}
    functions = {
        "ABSOLUTE": (one, [4, 1, None, 9.5]),
        "CEILING": (one, [4, -1, None, 10]),
        "FLOOR": (one, [4, -1, None, 9]),
        "ROUND": (one, [4, -1, None, 10]),
        "SIGN": (one, [1, -1, None, 1]),
        "NEGATE": (one, [-4, 1, None, -9.5]),
        "SQUARE_ROOT": (one, [2, None, None, math.sqrt(9.5)]),
        "EXPONENT": (one, [math.exp(x) for x in (4, -1)] + [None, math.exp(9.5)]),
        "LN": (one, [math.log(4), None, None, math.log(9.5)]),
        "LOG": ({**one, "base": "2"}, [2, None, None, math.log2(9.5)]),
        "POWER": ({**one, "exponent": "2"}, [16, 1, None, 90.25]),
        "DEGREES": ({"value": str(math.pi)}, [180] * 4),
        "RADIANS": ({"value": "180"}, [math.pi] * 4),
        "PI": ({}, [math.pi] * 4),
        "IS_EVEN": ({"sourceColumn": "k"}, [0, 1, 0, 1]),
        "IS_ODD": ({"sourceColumn": "k"}, [1, 0, 1, 0]),
        "ADD": (both, [6, -1, None, 14.5]),
        "SUBTRACT": ({"sourceColumn1": "k", "value1": "3"}, [-2, -1, 0, 1]),
        "MULTIPLY": (both, [8, 0, None, 47.5]),
        "DIVIDE": (both, [2, None, None, 1.9]),
        "SUM": ({"sourceColumns": ["n", "m"]}, [6, -1, 5, 14.5]),
        "AVERAGE": ({"sourceColumns": ["n", "m"]}, [3, -0.5, 5, 7.25]),
        "MAX": ({"sourceColumns": ["n", "m"]}, [4, 0, 5, 9.5]),
        "MIN": ({"sourceColumns": ["n", "m"]}, [2, -1, 5, 5]),
        "MEDIAN": ({"sourceColumns": ["n", "m"]}, [3, -0.5, 5, 7.25]),
        "VARIANCE": ({"sourceColumns": ["n", "m"]}, [2, 0.5, None, 10.125]),
        "STANDARD_DEVIATION": (
            {"sourceColumns": ["n", "m"]},
            [math.sqrt(2), math.sqrt(0.5), None, math.sqrt(10.125)],
        ),
        "COUNT": ({"sourceColumns": ["n", "m"]}, [2, 2, 1, 2]),
        "COUNT_DISTINCT": ({"sourceColumns": ["m", "k"]}, [2, 2, 2, 2]),
        "LEN": ({"sourceColumn": "w"}, [1, 1, 1, None]),
    }
    steps = [
        step(name, targetColumn=name, **given) for name, (given, _) in functions.items()
    ]
    found = cooked(kitchen, steps)
    for name, (_, wanted) in functions.items():
        shown = [None if pd.isna(v) else v for v in found[name]]
        assert shown == pytest.approx(wanted), name
    assert found["ROUND"].dropna().tolist() == [4, -1, 10]
    assert str(found["SUBTRACT"].dtype) == "int64"


def test_text_and_dates(kitchen: Aws) -> None:
    day = {"value": "2026-01-31 13:14:15"}
    text = {"value": " Ab c! "}
    wanted = {
        "LOWER": (text, " ab c! "),
        "UPPER": (text, " AB C! "),
        "PROPER": ({"value": "ab cd"}, "Ab Cd"),
        "TRIM": (text, "Ab c!"),
        "REMOVE_SYMBOLS": (text, " Ab c "),
        "REMOVE_WHITESPACE": (text, "Abc!"),
        "LEFT": ({"value": "abcd", "position": "3"}, "abc"),
        "RIGHT": ({"value": "abcd", "position": "3"}, "bcd"),
        "SUBSTRING": ({"value": "abc", "startPosition": "1", "endPosition": "2"}, "b"),
        "STARTS_WITH": ({"value": "abc", "pattern": "ab"}, True),
        "ENDS_WITH": ({"value": "abc", "pattern": "ab"}, False),
        "YEAR": (day, 2026),
        "QUARTER": (day, 1),
        "MONTH": (day, 1),
        "MONTH_NAME": (day, "January"),
        "DAY": (day, 31),
        "HOUR": (day, 13),
        "MINUTE": (day, 14),
        "SECOND": (day, 15),
        "WEEK_DAY": (day, 7),
        "WEEK_NUMBER": (day, 5),
        "DATE_FORMAT": ({**day, "dateTimeFormat": "month*dd*yyyy"}, "January*31*2026"),
        "DATE_ADD": (
            {**day, "units": "MONTHS", "dateAddValue": "1"},
            "2026-02-28 13:14:15",
        ),
        "DATE_DIFF": (
            {"value1": "2020-01-01", "value2": "2020-10-06", "units": "DAYS"},
            279,
        ),
        "COALESCE": ({"sourceColumns": ["w", "w"]}, "a"),
    }
    steps = [
        step(name, targetColumn=name, **given) for name, (given, _) in wanted.items()
    ]
    steps += [
        step("DATE_FORMAT", **day, targetColumn="slash"),
        step("FORMAT_DATE", sourceColumn="slash", targetDateFormat="mm/dd/yyyy"),
    ]
    row = cooked(kitchen, steps).iloc[0]
    assert {name: row[name] for name in wanted} == {
        n: v for n, (_, v) in wanted.items()
    }
    assert row["slash"] == "01/31/2026"


def test_features(kitchen: Aws) -> None:
    scale = {"sourceColumn": "m", "strategy": "SCALE_BETWEEN", "lowerBound": "-1"}
    mean = [{"name": "mean", "value": "avg(`m`)", "type": "aggregate"}]
    steps = [
        step("SCALE", **scale, upperBound="1", targetColumn="between"),
        step("SCALE", sourceColumn="m", strategy="Z_SCORE", targetColumn="z"),
        step(
            "SKEWNESS",
            sourceColumn="m",
            targetColumn="root",
            skewFunction="ROOT",
            value="2",
        ),
        step("BINARIZATION", sourceColumn="m", targetColumn="bin", threshold="2"),
        step(
            "BUCKETIZATION",
            sourceColumn="n",
            targetColumn="bucket",
            bucketNames=["low", "high"],
            splits=["-Infinity", "4", "Infinity"],
        ),
        step(
            "BUCKETIZATION",
            sourceColumn="k",
            targetColumn="half",
            bucketNames=["first", "last"],
            percentage="50",
        ),
        step(
            "CATEGORICAL_MAPPING",
            sourceColumn="w",
            targetColumn="code",
            categoryMap={"a": "1"},
            other="0",
            mapType="NUMERIC",
        ),
        step(
            "CASE_OPERATION",
            valueExpression="case when `m` > :mean then 'more' else `w` end",
            withExpressions=mean,
            targetColumn="case",
        ),
        step(
            "BOOLEAN_OPERATION",
            valueExpression="`k` <= 2",
            trueValueExpression="It's early.",
            falseValueExpression="`w`",
            targetColumn="if",
        ),
        step("FLAG_COLUMN_FROM_NULL", sourceColumn="w", targetColumn="null"),
        step(
            "FLAG_COLUMN_FROM_PATTERN",
            sourceColumn="w",
            targetColumn="pattern",
            pattern="^a",
        ),
        step(
            "ADD",
            where("w", "IS", "a"),
            sourceColumn1="m",
            value1="1",
            targetColumn="p",
        ),
    ]
    found = cooked(kitchen, steps)
    assert found["between"].tolist() == pytest.approx([-0.2, -1, 1, 1])
    assert found["z"].mean() == pytest.approx(0)
    assert found["z"].std() == pytest.approx(1)
    assert found["root"].tolist() == pytest.approx([2**0.5, 0, 5**0.5, 5**0.5])
    assert found["bin"].tolist() == [0, 0, 1, 1]
    assert found["bucket"].fillna("-").tolist() == ["high", "low", "-", "high"]
    assert found["half"].tolist() == ["first", "first", "last", "last"]
    assert found["code"].tolist() == [1, 0, 1, 0]
    assert found["case"].tolist() == ["a", "b", "more", "more"]
    assert found["if"].fillna("-").tolist() == ["It's early."] * 2 + ["a", "-"]
    assert found["null"].tolist() == ["False"] * 3 + ["True"]
    assert found["pattern"].tolist() == ["True", "False", "True", "False"]
    assert found["p"].fillna(-1).tolist() == [3, -1, 6, -1]


def test_shapes(kitchen: Aws) -> None:
    put(kitchen, "names.csv", "code,name\na,Ann\nc,Cid\n")
    dataset(kitchen, "names.csv", "names")
    count = {
        "sourceColumnName": "m",
        "targetColumnName": "rows",
        "targetColumnDataType": "int",
        "functionName": "COUNT",
    }
    total = {**count, "targetColumnName": "total", "functionName": "SUM"}
    join = {
        "joinKeys": [{"key": "w", "value": "code"}],
        "leftColumns": ["k", "w", "m"],
        "rightColumns": ["name"],
        "secondaryDatasetName": "names",
    }
    grouped = [
        step(
            "GROUP_BY",
            sourceColumns=["w"],
            groupByAggFunctionOptions=[count, total],
            useNewDataFrame="true",
        ),
        step(
            "UNPIVOT",
            sourceColumns=["rows", "total"],
            unpivotColumn="what",
            valueColumn="value",
        ),
    ]
    found = cooked(kitchen, grouped, "grouped")
    shown = found.astype(object).where(found.notna(), "-")
    assert shown.to_numpy().tolist() == [
        ["a", "rows", 2],
        ["a", "total", 7],
        ["b", "rows", 1],
        ["b", "total", 0],
        ["-", "rows", 1],
        ["-", "total", 5],
    ]
    both = cooked(kitchen, [step("JOIN", joinType="OUTER_JOIN", **join)], "both")
    pairs = both.astype(object).where(both.notna(), "-")[["w", "m", "name"]]
    assert sorted(pairs.to_numpy().tolist(), key=str) == [
        ["-", "-", "Cid"],
        ["-", 5, "-"],
        ["a", 2, "Ann"],
        ["a", 5, "Ann"],
        ["b", 0, "-"],
    ]
    pivoted = [
        step("JOIN", joinType="LEFT_EXCLUDING_JOIN", **join),
        step("DELETE", sourceColumn="name"),
        step("DELETE", sourceColumn="k"),
        step("DUPLICATE", sourceColumn="m", targetColumn="key"),
        step("FILL_WITH_CUSTOM", sourceColumn="w", value="none"),
        step("PIVOT", sourceColumn="w", valueColumn="m", aggregateFunction="SUM"),
    ]
    found = cooked(kitchen, pivoted, "pivoted").fillna(-1)
    assert list(found) == ["key", "b", "none"]
    assert found.to_numpy().tolist() == [[0, 0, -1], [5, -1, 5]]
