"""Data quality steps: what is missing, invalid or there twice."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from localaws.brew.casting import cast, invalid, numbers
from localaws.brew.errors import BrewError
from localaws.brew.frames import NUMBERS, duplicated, kind, missing, strings, tight
from localaws.brew.step import Step

Act = Callable[[Step], pd.DataFrame]
_TRUE, _FALSE = "True", "False"


def _as_numbers(step: Step, known: pd.Series) -> pd.Series:
    """Return the values that count, as numbers.

    Raises:
        BrewError: The column does not hold numbers, and is not said to.
    """
    said = step.given.get("columnDataType", "")
    if kind(step.source) not in NUMBERS and said.lower() not in ("number", *NUMBERS):
        raise BrewError(
            f"Column {step.name!r} is of type {kind(step.source)}, and not a number."
        )
    return numbers(known)


def _average(step: Step, known: pd.Series) -> Any:
    return _as_numbers(step, known).mean()


def _median(step: Step, known: pd.Series) -> Any:
    return _as_numbers(step, known).median()


def _sum(step: Step, known: pd.Series) -> Any:
    return _as_numbers(step, known).sum()


def _mode(step: Step, known: pd.Series) -> Any:
    tie = step.choice("modeType", "MINIMUM", "MAXIMUM", "AVERAGE", "NONE")
    return mode(_as_numbers(step, known), tie)


def mode(known: pd.Series, tie: str) -> Any:
    """Return the most frequent number.

    Args:
        known: Numbers.
        tie: What decides between several: NONE gives null.
    """
    found = known.mode()
    if len(found) > 1 and tie == "NONE":
        return None
    chosen = {"MAXIMUM": found.max, "AVERAGE": found.mean}.get(tie, found.min)
    return chosen() if len(found) else None


def most_frequent(known: pd.Series) -> Any:
    """Return the most frequent value; of several, the one that comes first."""
    if known.empty:
        return None
    counts = known.value_counts(sort=False)
    return counts.idxmax()


def _custom(step: Step, known: pd.Series) -> Any:
    value = step.text("value")
    said = step.given.get("columnDataType", "")
    target = kind(step.source)
    made = cast(strings([value], pd.RangeIndex(1)), target).iloc[0]
    if pd.isna(made):
        raise BrewError(f"The value {value!r} is not of type {said or target}.")
    return made


_VALUES: dict[str, Callable[[Step, pd.Series], Any]] = {
    "AVERAGE": _average,
    "CUSTOM": _custom,
    "EMPTY": lambda step, known: "",
    "MEDIAN": _median,
    "MODE": _mode,
    "MOST_FREQUENT": lambda step, known: most_frequent(known),
    "NULL": lambda step, known: None,
    "SUM": _sum,
}


def _filled(step: Step, gaps: pd.Series, name: str) -> pd.DataFrame:
    source = step.source
    clean = source.where(~gaps, None)
    if name == "LAST_VALID":
        return step.put(clean.ffill().where(gaps, source))
    value = _VALUES[name](step, source[~gaps])
    if name == "EMPTY" and not step.is_text():
        # no other column than one of strings can hold an empty string
        value = None
    if isinstance(value, float) and kind(source) in NUMBERS:
        return step.put(tight(numbers(clean).fillna(value), source))
    if value is None or pd.isna(value):
        return step.put(clean)
    if kind(source) in ("string", "date", "decimal"):
        held = [value if gap else one for one, gap in zip(source, gaps, strict=True)]
        return step.put(strings(held, source.index))
    return step.put(clean.fillna(value))


def fill(name: str) -> Act:
    """Return FILL_WITH_...: what is missing gets a value."""

    def act(step: Step) -> pd.DataFrame:
        return _filled(step, missing(step.source), name)

    return act


def fill_with_null(step: Step) -> pd.DataFrame:
    """FILL_WITH_NULL: the values are replaced by null."""
    gaps = pd.Series(True, index=step.frame.index)
    return _filled(step, gaps, "NULL")


def replace(name: str) -> Act:
    """Return REPLACE_WITH_...: what is invalid gets a value."""

    def act(step: Step) -> pd.DataFrame:
        gaps = invalid(step.source, step.text("columnDataType"))
        if step.is_text() and name in ("AVERAGE", "MEDIAN", "MODE", "SUM"):
            value = _VALUES[name](step, step.source[~gaps & ~missing(step.source)])
            shown = None if value is None else str(value)
            return step.put(step.source.where(~gaps, shown))
        return _filled(step, gaps, name)

    return act


def rolling(how: str) -> Act:
    """Return REPLACE_WITH_ROLLING_...: each value by those of the rows before it."""

    def act(step: Step) -> pd.DataFrame:
        period = step.whole("period")
        if period < 1:
            raise BrewError(f"period must be at least 1, found {period}.")
        window = step.floats.shift(1).rolling(period, min_periods=1)
        return step.put(getattr(window, how)())

    return act


def remove_missing(step: Step) -> pd.DataFrame:
    """REMOVE_MISSING: keep the rows whose value is there."""
    return step.keep(~missing(step.source))


def remove_invalid(step: Step) -> pd.DataFrame:
    """REMOVE_INVALID: keep the rows whose value is of the type, or missing."""
    return step.keep(~invalid(step.source, step.text("columnDataType")))


def delete_duplicate_rows(step: Step) -> pd.DataFrame:
    """DELETE_DUPLICATE_ROWS: the first of equal rows stays."""
    return step.keep(~duplicated(step.frame))


def remove_duplicates(step: Step) -> pd.DataFrame:
    """REMOVE_DUPLICATES: the first row of equal values stays."""
    return step.keep(~duplicated(step.frame[[step.name]]))


def flagged(step: Step, holds: pd.Series) -> pd.DataFrame:
    """Return the data with a column of trueString and falseString."""
    yes, no = step.text("trueString", _TRUE), step.text("falseString", _FALSE)
    return step.new(strings((yes if one else no for one in holds), holds.index))


def flag_duplicate_rows(step: Step) -> pd.DataFrame:
    """FLAG_DUPLICATE_ROWS."""
    return flagged(step, duplicated(step.frame))


def flag_duplicates_in_column(step: Step) -> pd.DataFrame:
    """FLAG_DUPLICATES_IN_COLUMN."""
    return flagged(step, duplicated(step.frame[[step.name]]))
