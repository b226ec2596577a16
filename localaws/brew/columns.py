"""Basic column steps: types, names, places, order, and the removal of rows."""

from typing import Any

import pandas as pd

from localaws.brew.casting import cast
from localaws.brew.errors import BrewError
from localaws.brew.frames import need, texts
from localaws.brew.step import Step


def remove_values(step: Step) -> pd.DataFrame:
    """REMOVE_VALUES: remove the rows that fit the conditions."""
    _ = step.name
    return step.frame.iloc[:0]


def change_data_type(step: Step) -> pd.DataFrame:
    """CHANGE_DATA_TYPE: cast, with null for what cannot be."""
    return step.put(cast(step.source, step.text("columnDataType")))


def to(name: str) -> Any:
    """Return the action that casts to a type."""

    def act(step: Step) -> pd.DataFrame:
        step.choice("columnDataType", name, default=name)
        return step.put(cast(step.source, name))

    return act


def delete(step: Step) -> pd.DataFrame:
    """DELETE: remove a column."""
    return step.frame.drop(columns=[step.name])


def duplicate(step: Step) -> pd.DataFrame:
    """DUPLICATE: copy a column."""
    return step.new(step.source)


def rename(step: Step) -> pd.DataFrame:
    """RENAME: give a column another name."""
    target = step.text("targetColumn")
    if target in step.frame.columns and target != step.name:
        raise BrewError(f"Column {target!r} already exists.")
    return step.frame.rename(columns={step.name: target})


def _placed(step: Step, index: int) -> pd.DataFrame:
    names = [name for name in step.frame.columns if name != step.name]
    names.insert(index, step.name)
    return step.frame[names]


def move_to_start(step: Step) -> pd.DataFrame:
    """MOVE_TO_START."""
    return _placed(step, 0)


def move_to_end(step: Step) -> pd.DataFrame:
    """MOVE_TO_END."""
    return _placed(step, len(step.frame.columns))


def move_to_index(step: Step) -> pd.DataFrame:
    """MOVE_TO_INDEX: positions start with 0."""
    index = step.whole("targetIndex")
    if not 0 <= index < len(step.frame.columns):
        raise BrewError(f"targetIndex {index} is not a position of a column.")
    return _placed(step, index)


def _beside(step: Step, after: int) -> pd.DataFrame:
    target = need(step.frame, step.text("targetColumn"))[0]
    names = [name for name in step.frame.columns if name != step.name]
    if target == step.name:
        raise BrewError("A column cannot be moved beside itself.")
    return _placed(step, names.index(target) + after)


def move_after(step: Step) -> pd.DataFrame:
    """MOVE_AFTER another column."""
    return _beside(step, 1)


def move_before(step: Step) -> pd.DataFrame:
    """MOVE_BEFORE another column."""
    return _beside(step, 0)


def sort(step: Step) -> pd.DataFrame:
    """SORT by one or more expressions, the first of them first."""
    frame = step.frame
    for one in reversed(step.listed("expressions")):
        frame = _sorted(frame, one)
    return frame


def _sorted(frame: pd.DataFrame, given: dict[str, Any]) -> pd.DataFrame:
    name = need(frame, str(given.get("sourceColumn", "")))[0]
    ordering = given.get("ordering", "ASCENDING")
    nulls = given.get("nullsOrdering", "NULLS_TOP")
    if ordering not in ("ASCENDING", "DESCENDING"):
        raise BrewError(f"ordering must be ASCENDING or DESCENDING: {ordering!r}.")
    if nulls not in ("NULLS_TOP", "NULLS_BOTTOM"):
        raise BrewError(f"nullsOrdering must be NULLS_TOP or NULLS_BOTTOM: {nulls!r}.")
    key = frame[name]
    if given.get("customOrder"):
        key = _custom(key, given)
    order = key.reset_index(drop=True).sort_values(
        ascending=ordering == "ASCENDING",
        na_position="first" if nulls == "NULLS_TOP" else "last",
        kind="stable",
    )
    return frame.iloc[order.index]


def _custom(series: pd.Series, given: dict[str, Any]) -> pd.Series:
    exact = str(given.get("isCustomOrderCaseSensitive", "false")).lower() == "true"

    def folded(value: str) -> str:
        return value if exact else value.lower()

    wanted = [folded(str(one)) for one in given["customOrder"]]
    ranks = {value: rank for rank, value in enumerate(wanted)}
    shown = texts(series)
    return shown.map(
        lambda v: None if v is None else ranks.get(folded(v), len(ranks))
    ).astype("Float64")
