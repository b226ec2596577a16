"""Functions: a new column of numbers, aggregates or text, from columns or a value."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from localaws.brew.casting import cast, numbers
from localaws.brew.cleaning import mapped
from localaws.brew.errors import BrewError
from localaws.brew.frames import WHOLE, floats, kind, need, strings, texts, tight
from localaws.brew.step import Step

Act = Callable[[Step], pd.DataFrame]


def argument(step: Step) -> pd.Series:
    """Return sourceColumn, or value on each row: one of them is given."""
    if ("sourceColumn" in step.given) == ("value" in step.given):
        raise BrewError("Specify either sourceColumn or value, but not both.")
    if "sourceColumn" in step.given:
        return step.source
    size = len(step.frame)
    return strings([step.text("value")] * size, step.frame.index)


def _number(step: Step) -> pd.Series:
    if "sourceColumn" in step.given:
        argument(step)
        return step.floats
    return _constant(step, "value", argument(step))


def _constant(step: Step, name: str, shown: pd.Series) -> pd.Series:
    found = numbers(shown)
    if found.isna().any():
        raise BrewError(f"{name} must be a number, found {step.text(name)!r}.")
    return found


def _halves_up(values: pd.Series) -> pd.Series:
    return np.floor(values + 0.5)


# Each with whether its result is a whole number.
MATH: dict[str, tuple[Callable[[pd.Series], Any], bool]] = {
    "ABSOLUTE": (np.abs, False),
    "CEILING": (np.ceil, True),
    "DEGREES": (np.degrees, False),
    "EXPONENT": (np.exp, False),
    "FLOOR": (np.floor, True),
    "LN": (lambda v: np.log(v.where(v > 0)), False),
    "NEGATE": (np.negative, False),
    "RADIANS": (np.radians, False),
    "ROUND": (_halves_up, True),
    "SIGN": (np.sign, True),
    "SQUARE_ROOT": (lambda v: np.sqrt(v.where(v >= 0)), False),
}
_KEEPS_TYPE = ("ABSOLUTE", "NEGATE")


def math_of(name: str) -> Act:
    """Return a function of one number."""
    function, whole = MATH[name]

    def act(step: Step) -> pd.DataFrame:
        found = function(_number(step))
        if whole:
            return step.new(cast(found, "long"))
        if name in _KEEPS_TYPE and "sourceColumn" in step.given:
            return step.new(tight(found, step.source))
        return step.new(found)

    return act


def parity(rest: int) -> Act:
    """Return IS_EVEN or IS_ODD."""

    def act(step: Step) -> pd.DataFrame:
        values = _number(step)
        return step.new((values % 2 == rest).astype("boolean").where(values.notna()))

    return act


def log(step: Step) -> pd.DataFrame:
    """LOG to a base, 10 by default; null where there is none."""
    base = step.number("base", 10)
    if base <= 0 or base == 1:
        raise BrewError(f"base {base} is not the base of a logarithm.")
    values = _number(step)
    if base == 10:
        return step.new(np.log10(values.where(values > 0)))
    return step.new(np.log(values.where(values > 0)) / math.log(base))


def power(step: Step) -> pd.DataFrame:
    """POWER."""
    return step.new(_number(step) ** step.number("exponent"))


def pi(step: Step) -> pd.DataFrame:
    """PI."""
    return step.new(pd.Series(math.pi, index=step.frame.index))


TWO: dict[str, Callable[[pd.Series, pd.Series], pd.Series]] = {
    "ADD": pd.Series.add,
    "SUBTRACT": pd.Series.sub,
    "MULTIPLY": pd.Series.mul,
    "DIVIDE": lambda left, right: left / right.where(right != 0),
}


def two(name: str) -> Act:
    """Return a function of two numbers; dividing by zero gives null."""

    def act(step: Step) -> pd.DataFrame:
        sides, whole = _pair(step)
        found = TWO[name](*sides)
        exact = whole and name != "DIVIDE"
        return step.new(cast(found, "long") if exact else found)

    return act


def _pair(step: Step) -> tuple[list[pd.Series], bool]:
    columns = [n for n in ("sourceColumn1", "sourceColumn2") if n in step.given]
    values = [n for n in ("value1", "value2") if n in step.given]
    if len(columns) + len(values) != 2:
        raise BrewError(
            "Two of sourceColumn1, sourceColumn2, value1, value2 are given."
        )
    mixed = len(columns) == len(values) == 1
    # value1 stands on the right of a column, as in the guide: sourceColumn1 + value1
    names = [*columns, *values]
    if mixed and columns == ["sourceColumn2"]:
        names.reverse()
    sides, whole = [], True
    for name in names:
        text = step.text(name)
        if name in columns:
            sides.append(floats(step.frame, text))
            whole &= kind(step.frame[text]) in WHOLE
        else:
            shown = strings([text] * len(step.frame), step.frame.index)
            sides.append(_constant(step, name, shown))
            whole &= text.strip().lstrip("+-").isdigit()
    return sides, whole


MANY: dict[str, Callable[[pd.DataFrame], Any]] = {
    "AVERAGE": lambda table: table.mean(axis=1),
    "MAX": lambda table: table.max(axis=1),
    "MEDIAN": lambda table: table.median(axis=1),
    "MIN": lambda table: table.min(axis=1),
    "STANDARD_DEVIATION": lambda table: table.std(axis=1),
    "SUM": lambda table: table.fillna(0).sum(axis=1),
    "VARIANCE": lambda table: table.var(axis=1),
}


def many(name: str) -> Act:
    """Return an aggregate over columns; what is no number is left out, 0 in SUM."""

    def act(step: Step) -> pd.DataFrame:
        names = step.columns()
        table = pd.DataFrame({one: numbers(step.frame[one]) for one in names})
        found = MANY[name](table)
        if name in ("MAX", "MIN", "SUM"):
            found = tight(found, step.frame[names[0]])
        return step.new(found)

    return act


def count(step: Step) -> pd.DataFrame:
    """COUNT: how many of the columns have a value."""
    return step.new(step.frame[step.columns()].notna().sum(axis=1).astype("Int64"))


def count_distinct(step: Step) -> pd.DataFrame:
    """COUNT_DISTINCT."""
    shown = pd.DataFrame({n: texts(step.frame[n]) for n in step.columns()})
    return step.new(shown.nunique(axis=1).astype("Int64"))


def coalesce(step: Step) -> pd.DataFrame:
    """COALESCE: the first value that is not null."""
    first, *rest = need(step.frame, *step.columns())
    found = step.frame[first]
    for name in rest:
        found = found.combine_first(step.frame[name])
    return step.new(found)


TEXT: dict[str, Callable[[str], Any]] = {
    "LEN": len,
    "LOWER": str.lower,
    "UPPER": str.upper,
    "PROPER": str.title,
    "TRIM": str.strip,
    "REMOVE_SYMBOLS": lambda text: re.sub(r"[^\w\s]|_", "", text),
    "REMOVE_WHITESPACE": lambda text: re.sub(r"\s+", "", text),
}


def text_of(name: str) -> Act:
    """Return a function of one string."""

    def act(step: Step) -> pd.DataFrame:
        found = mapped(texts(argument(step)), TEXT[name])
        return step.new(found.astype("Int32") if name == "LEN" else found)

    return act


def side(name: str) -> Act:
    """Return LEFT or RIGHT."""

    def act(step: Step) -> pd.DataFrame:
        size = step.whole("position")
        if size < 0:
            raise BrewError(f"position must not be negative, found {size}.")
        left = name == "LEFT"
        return step.new(
            mapped(
                texts(argument(step)),
                lambda v: v[:size] if left else v[max(len(v) - size, 0) :],
            )
        )

    return act


def substring(step: Step) -> pd.DataFrame:
    """SUBSTRING: the first character is at 0, the end is left out."""
    start, end = step.whole("startPosition"), step.whole("endPosition")
    if not 0 <= start <= end:
        raise BrewError(f"Positions {start} and {end} are not in order.")
    return step.new(mapped(texts(argument(step)), lambda v: v[start:end]))


def affix(name: str) -> Act:
    """Return STARTS_WITH or ENDS_WITH."""
    holds = str.startswith if name == "STARTS_WITH" else str.endswith

    def act(step: Step) -> pd.DataFrame:
        pattern = step.text("pattern")
        found = mapped(texts(argument(step)), lambda v: holds(v, pattern))
        return step.new(found.astype("boolean"))

    return act
