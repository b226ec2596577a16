"""Rules of data quality, held against a data set."""

import json
import operator
import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from localaws.brew.casting import numbers
from localaws.brew.errors import BrewError
from localaws.brew.frames import NUMBERS, kind, need, texts
from localaws.brew.grammar import (
    ORDER,
    Aggregate,
    Check,
    Node,
    checks,
    column_of,
    parse,
)
from localaws.brew.profile import duplicate_rows, selected
from localaws.brew.statistics import Column, statistic

Members = dict[str, Any]
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "STARTS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "CONTAINS": lambda value, part: part in value,
    "MATCHES": lambda value, pattern: bool(re.search(pattern, value)),
    "EQUALS": operator.eq,
}
_THRESHOLD = {
    "GREATER_THAN_OR_EQUAL": operator.ge,
    "LESS_THAN_OR_EQUAL": operator.le,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
}
_WORST = ("ERROR", "FAILED")


def hold(frame: pd.DataFrame, rules: list[Members]) -> tuple[str, list[Members]]:
    """Hold rules against the data.

    Returns:
        The status of all, and the result of each rule that is not disabled.
    """
    results = [_held(frame, one) for one in rules if not one.get("Disabled")]
    return _worst([one["status"] for one in results]), results


def _worst(states: list[str]) -> str:
    return next((state for state in _WORST if state in states), "SUCCEEDED")


def _held(frame: pd.DataFrame, rule: Members) -> Members:
    found: Members = {
        "name": rule["Name"],
        "definition": {"Disabled": False, **rule},
    }
    try:
        node = parse(rule["CheckExpression"], rule.get("SubstitutionMap", {}))
        if not rule.get("ColumnSelectors"):
            return found | _judged(frame, node, None, rule)
        names = selected(list(frame.columns), rule["ColumnSelectors"])
        if not names:
            raise BrewError("ColumnSelectors match no column of the dataset.")
        each = [{"name": n, **_tried(frame, node, n, rule)} for n in names]
        status = _worst([one["status"] for one in each])
        return found | {"columnResults": each, "status": status}
    except BrewError as error:
        print(f"Rule {rule['Name']}: {error}", flush=True)
        return found | {"status": "ERROR", "errorMessage": str(error)}


def _tried(frame: pd.DataFrame, node: Node, name: str, rule: Members) -> Members:
    try:
        return _judged(frame, node, name, rule)
    except BrewError as error:
        return {"status": "ERROR", "errorMessage": str(error)}


def _judged(
    frame: pd.DataFrame, node: Node, chosen: str | None, rule: Members
) -> Members:
    if any(isinstance(one.left, Aggregate) for one in checks(node)):
        return {"status": _state(_whole(frame, node, chosen))}
    passed = _rows(frame, node, chosen)
    count, rows = int(passed.sum()), len(frame)
    threshold = rule.get("Threshold")
    if threshold is None:
        fine = count == rows
    else:
        share = threshold.get("Unit", "COUNT") == "PERCENTAGE"
        reached = 100 * count / (rows or 1) if share else count
        compare = _THRESHOLD[threshold.get("Type", "GREATER_THAN_OR_EQUAL")]
        fine = bool(compare(reached, threshold["Value"]))
    return {"failedCount": rows - count, "status": _state(fine)}


def _state(fine: bool) -> str:
    return "SUCCEEDED" if fine else "FAILED"


def _whole(frame: pd.DataFrame, node: Node, chosen: str | None) -> bool:
    if not isinstance(node, Check):
        found = [_whole(frame, part, chosen) for part in node.parts]
        return all(found) if node.all_of else any(found)
    assert isinstance(node.left, Aggregate)
    value = _aggregate(frame, node.left, chosen)
    if value is None:
        return False
    bounds = [_number(one) for one in node.values]
    if node.operator == "IS_BETWEEN":
        fine = bounds[0] <= value <= bounds[1]
    elif node.operator in ORDER:
        fine = bool(_COMPARE[node.operator](value, bounds[0]))
    else:
        raise BrewError(f"{node.operator} does not compare an aggregate.")
    return fine != node.negated


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise BrewError(f"{text!r} is not a number.") from error


def _aggregate(
    frame: pd.DataFrame, asked: Aggregate, chosen: str | None
) -> float | None:
    if asked.name == "ROWS_COUNT":
        return len(frame)
    if asked.name == "COLUMNS_COUNT":
        return len(frame.columns)
    if asked.name.startswith("DUPLICATE_ROWS"):
        count = duplicate_rows(frame)
        share = asked.name.endswith("PERCENTAGE")
        return 100 * count / (len(frame) or 1) if share else count
    name = column_of(asked.column) or chosen
    if name is None:
        raise BrewError(f"AGG({asked.name}) names no column.")
    need(frame, name)
    return statistic(Column(frame[name]), asked.name, asked.argument)


def _rows(frame: pd.DataFrame, node: Node, chosen: str | None) -> pd.Series:
    if isinstance(node, Check):
        return _row(frame, node, chosen)
    found = [_rows(frame, part, chosen) for part in node.parts]
    joined = found[0]
    for one in found[1:]:
        joined = joined & one if node.all_of else joined | one
    return joined


def _row(frame: pd.DataFrame, check: Check, chosen: str | None) -> pd.Series:
    """Tell which rows pass; a null value passes no check."""
    assert not isinstance(check.left, Aggregate)
    name = column_of(check.left) or chosen
    if name is None:
        raise BrewError(f"{check.left!r} is not a column: put it in backquotes.")
    series = frame[need(frame, name)[0]]
    present = series.notna().astype(bool)
    if check.length:
        series = texts(series).map(lambda v: v if v is None else len(v))
        series = series.astype("float64")
    if check.operator == "IN":
        passed = _among(series, check.values[0])
    elif check.operator == "IS_BETWEEN":
        low = _ordered(frame, series, ">=", check.values[0])
        passed = low & _ordered(frame, series, "<=", check.values[1])
    elif check.operator in ORDER:
        passed = _ordered(frame, series, check.operator, check.values[0])
    else:
        passed = _worded(frame, series, check)
    return ((passed != check.negated) & present).astype(bool)


def _among(series: pd.Series, listed: str) -> pd.Series:
    try:
        wanted = json.loads(listed)
    except ValueError as error:
        raise BrewError(f"IN takes a JSON list, found {listed!r}.") from error
    if kind(series) in NUMBERS:
        return numbers(series).isin([_number(str(one)) for one in wanted])
    return texts(series).isin([str(one) for one in wanted])


def _ordered(frame: pd.DataFrame, series: pd.Series, how: str, value: str) -> pd.Series:
    other = column_of(value)
    if other is not None:
        side = frame[need(frame, other)[0]]
        if kind(series) in NUMBERS and kind(side) in NUMBERS:
            found = _COMPARE[how](numbers(series), numbers(side))
        else:
            found = _COMPARE[how](texts(series).fillna(""), texts(side).fillna(""))
        return (found & side.notna()).astype(bool)
    if kind(series) in NUMBERS:
        return _COMPARE[how](numbers(series), _number(value)).astype(bool)
    if how in ("==", "!="):
        return _COMPARE[how](texts(series), value).astype(bool)
    raise BrewError(f"Column {series.name!r} is not a number: {how} {value}.")


def _worded(frame: pd.DataFrame, series: pd.Series, check: Check) -> pd.Series:
    value, test = check.values[0], _TEXT[check.operator]
    other = column_of(value)
    words = texts(series)
    if other is None:
        sides = [value] * len(words)
    else:
        sides = list(texts(frame[need(frame, other)[0]]))
    try:
        held = [
            a is not None and b is not None and test(a, b)
            for a, b in zip(words, sides, strict=True)
        ]
    except re.error as error:
        raise BrewError(f"{value!r} is no regular expression: {error}") from error
    return pd.Series(held, index=words.index, dtype=bool)
