"""Which rows fit the ConditionExpressions of a step."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from localaws.brew.casting import invalid, numbers
from localaws.brew.errors import BrewError
from localaws.brew.frames import NUMBERS, kind, missing, need, texts

_ORDER: dict[str, Callable[[pd.Series, Any], pd.Series]] = {
    "LESS_THAN": pd.Series.lt,
    "LESS_THAN_EQUAL": pd.Series.le,
    "GREATER_THAN": pd.Series.gt,
    "GREATER_THAN_EQUAL": pd.Series.ge,
}
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "CONTAINS": lambda value, part: part in value,
    "STARTS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
}


def fitting(
    frame: pd.DataFrame, given: Iterable[dict[str, str]], expected: str | None = None
) -> pd.Series:
    """Tell which rows fit all conditions; a null value fits only IS_MISSING.

    Args:
        frame: The data.
        given: Condition, TargetColumn and Value of each.
        expected: The type that IS_INVALID asks for.
    """
    found = pd.Series(True, index=frame.index)
    for one in given:
        column = need(frame, one["TargetColumn"])[0]
        found &= _fits(frame[column], one["Condition"], one.get("Value"), expected)
    return found


def _fits(
    series: pd.Series, name: str, value: str | None, expected: str | None
) -> pd.Series:
    if name == "IS_MISSING":
        return missing(series)
    if name == "IS_INVALID":
        return invalid(series, str(expected))
    if value is None:
        raise BrewError(f"The condition {name} on {series.name!r} needs a Value.")
    if name in ("IS", "IS_NOT"):
        same = _is(series, value)
        return same if name == "IS" else ~same & series.notna()
    if name == "IS_BETWEEN":
        return _between(series, value)
    if name in _ORDER:
        return _compared(series, name, value)
    positive = name.removeprefix("NOT_")
    words = texts(series)
    holds = words.map(lambda one: one is not None and _TEXT[positive](one, value))
    holds = holds.astype(bool)
    return ~holds & series.notna() if name.startswith("NOT_") else holds


def _is(series: pd.Series, value: str) -> pd.Series:
    try:
        read = json.loads(value)
    except ValueError:
        read = value
    wanted = read if isinstance(read, list) else [value]
    if kind(series) in NUMBERS:
        asked = pd.to_numeric(pd.Series(wanted, dtype=object), errors="coerce")
        return numbers(series).isin(asked.dropna().astype("float64"))
    shown = {str(one).lower() if isinstance(one, bool) else str(one) for one in wanted}
    return texts(series).isin(shown)


def _between(series: pd.Series, value: str) -> pd.Series:
    try:
        bounds = json.loads(value)
        least, most = bounds["GREATER_THAN_EQUAL"], bounds["LESS_THAN_EQUAL"]
    except (ValueError, TypeError, KeyError) as error:
        raise BrewError(
            "The Value of IS_BETWEEN is JSON with GREATER_THAN_EQUAL and "
            f"LESS_THAN_EQUAL, found {value!r}."
        ) from error
    above = _compared(series, "GREATER_THAN_EQUAL", str(least))
    return above & _compared(series, "LESS_THAN_EQUAL", str(most))


def _compared(series: pd.Series, name: str, value: str) -> pd.Series:
    """Compare numbers as numbers, times as times, and other values as strings."""
    found = kind(series)
    if found in NUMBERS:
        try:
            bound: Any = float(value)
        except ValueError as error:
            raise BrewError(
                f"Column {series.name!r} is of type {found}, and {value!r} is not a "
                "number."
            ) from error
        shown = numbers(series)
    elif found == "timestamp":
        bound = pd.to_datetime(value, errors="coerce")
        if pd.isna(bound):
            raise BrewError(f"{value!r} is not a time; {series.name!r} is.")
        shown = series
    else:
        bound, shown = value, texts(series).fillna("")
    return (_ORDER[name](shown, bound) & series.notna()).astype(bool)
