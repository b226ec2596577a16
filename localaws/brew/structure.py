"""Column structure steps: conditions, flags, merges and splits."""

import re

import pandas as pd

from localaws.brew.cleaning import compiled, mapped
from localaws.brew.errors import BrewError
from localaws.brew.frames import strings, texts
from localaws.brew.quality import flagged
from localaws.brew.sql import aggregates, evaluate, operand
from localaws.brew.step import Step


def boolean_operation(step: Step) -> pd.DataFrame:
    """BOOLEAN_OPERATION: one of two values, by a condition in SQL."""
    known = aggregates(step)
    condition = known.filled(step.text("valueExpression"))
    yes = operand(known.filled(step.text("trueValueExpression")))
    no = operand(known.filled(step.text("falseValueExpression")))
    text = f"CASE WHEN {condition} THEN {yes} ELSE {no} END"
    return step.new(evaluate(step.frame, text))


def case_operation(step: Step) -> pd.DataFrame:
    """CASE_OPERATION: the value of the first condition that holds."""
    text = aggregates(step).filled(step.text("valueExpression"))
    return step.new(evaluate(step.frame, text))


def flag_from_null(step: Step) -> pd.DataFrame:
    """FLAG_COLUMN_FROM_NULL."""
    step.choice("flagType", "Null values", default="Null values")
    return flagged(step, step.source.isna())


def flag_from_pattern(step: Step) -> pd.DataFrame:
    """FLAG_COLUMN_FROM_PATTERN."""
    step.choice("flagType", "Pattern", default="Pattern")
    pattern = compiled(step)
    holds = step.words.map(lambda v: v is not None and bool(pattern.search(v)))
    return flagged(step, holds)


def merge(step: Step) -> pd.DataFrame:
    """MERGE: the values of columns with a delimiter; null ones are left out."""
    delimiter = step.text("delimiter", "")
    shown = [texts(step.frame[name]) for name in step.columns()]
    rows = zip(*shown, strict=True)
    joined = (delimiter.join(v for v in row if v is not None) for row in rows)
    return step.new(strings(joined, step.frame.index))


def split_from_start(step: Step) -> pd.DataFrame:
    """SPLIT_COLUMN_FROM_START: two columns, at an offset."""
    position = _position(step)
    return _split(step, [lambda v: v[:position], lambda v: v[position:]])


def split_from_end(step: Step) -> pd.DataFrame:
    """SPLIT_COLUMN_FROM_END: two columns, at an offset from the end."""
    position = _position(step)
    return _split(
        step,
        [
            lambda v: v[: max(len(v) - position, 0)],
            lambda v: v[max(len(v) - position, 0) :],
        ],
    )


def _position(step: Step) -> int:
    position = step.whole("position")
    if position < 0:
        raise BrewError(f"position must not be negative, found {position}.")
    return position


def split_by_delimiter(step: Step) -> pd.DataFrame:
    """SPLIT_COLUMN_SINGLE_DELIMITER: up to limit splits."""
    limit = step.whole("limit", 1)
    if not 1 <= limit <= 20:
        raise BrewError(f"limit must be between 1 and 20, found {limit}.")
    pattern, keep = re.escape(step.text("pattern")), step.flag("includeInSplit")

    def part(index: int, text: str) -> str | None:
        if keep:
            pieces = re.split(f"(?={pattern})", text, maxsplit=limit)
        else:
            pieces = re.split(pattern, text, maxsplit=limit)
        return pieces[index] if index < len(pieces) else None

    takers = [lambda v, i=index: part(i, v) for index in range(limit + 1)]
    return _split(step, takers)


def _split(step: Step, takers: list) -> pd.DataFrame:
    """Put the parts beside their source, which they replace: `<name>_1`, `_2`, ..."""
    frame, place = step.frame, list(step.frame.columns).index(step.name)
    made = {
        f"{step.name}_{number}": mapped(step.words, taker)
        for number, taker in enumerate(takers, 1)
    }
    rest = {name: frame[name] for name in frame.columns}
    items = list(rest.items())
    before, after = items[:place], items[place + 1 :]
    return pd.DataFrame(dict([*before, *made.items(), *after]), index=frame.index)
