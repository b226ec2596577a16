"""Two data sets to one: joined on keys, or concatenated."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from localaws.wrangler.choices import Members, Step, call
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import NUMBERS, kind, need

MOST_KEYS = 10
# Which rows without a match stay, of the left and of the right.
_OUTER = {
    "inner": (False, False),
    "left": (True, False),
    "right": (False, True),
    "full": (True, True),
}
_SPELLINGS = {
    "left_outer": "left",
    "leftouter": "left",
    "right_outer": "right",
    "rightouter": "right",
    "outer": "full",
    "full_outer": "full",
    "fullouter": "full",
    "left_semi": "semi",
    "leftsemi": "semi",
    "left_anti": "anti",
    "leftanti": "anti",
}


def join_tables(step: Step) -> pd.DataFrame:
    """Join on one column of each side."""
    return call(_join_tables, step.parameters, *_two(step))


def join_multi_keys(step: Step) -> pd.DataFrame:
    """Join on pairs of columns."""
    return call(_join_multi_keys, step.parameters, *_two(step))


def concatenate(step: Step) -> pd.DataFrame:
    """Put two data sets below or beside each other."""
    return call(_concatenate, step.parameters, *_two(step))


def _two(step: Step) -> list[pd.DataFrame]:
    if len(step.frames) != 2:
        raise FlowError(f"needs two inputs, and has {len(step.frames)}")
    return step.frames


def _join_tables(
    left: pd.DataFrame,
    right: pd.DataFrame,
    *,
    left_column: str,
    right_column: str,
    join_type: str,
    name: str = "",
) -> pd.DataFrame:
    return _join(left, right, [(left_column, right_column)], join_type)


def _join_multi_keys(
    left: pd.DataFrame,
    right: pd.DataFrame,
    *,
    join_keys: list[Members],
    join_type: str,
    name: str = "",
) -> pd.DataFrame:
    pairs = [(pair.get("left"), pair.get("right")) for pair in join_keys]
    if not 0 < len(pairs) <= MOST_KEYS or not all(a and b for a, b in pairs):
        raise FlowError(f"join_keys must be 1 to {MOST_KEYS} pairs of left and right")
    return _join(left, right, [(str(a), str(b)) for a, b in pairs], join_type)


def _join(
    left: pd.DataFrame, right: pd.DataFrame, keys: list[tuple[str, str]], how: str
) -> pd.DataFrame:
    how = _SPELLINGS.get(how, how)
    if how not in (*_OUTER, "semi", "anti", "cross"):
        raise FlowError(f"join_type {how!r} is not one that Spark knows")
    need(left, [key for key, _ in keys])
    need(right, [key for _, key in keys])
    for mine, other in keys:
        kinds = {kind(left[mine]), kind(right[other])}
        if len(kinds) > 1 and not kinds <= set(NUMBERS):
            raise FlowError(
                f"{mine!r} and {other!r} cannot be joined: one is {kinds.pop()}, the "
                f"other {kinds.pop()}"
            )
    at, of = (_cross if how == "cross" else _matches)(left, right, keys)
    if how == "semi":
        return left.iloc[np.unique(at)]
    if how == "anti":
        return left.drop(index=left.index[np.unique(at)])
    if how in _OUTER:
        keeps_left, keeps_right = _OUTER[how]
        lonely = _others(len(left), at) if keeps_left else np.array([], dtype=int)
        alone = _others(len(right), of) if keeps_right else np.array([], dtype=int)
        at = np.concatenate([at, lonely, np.full(len(alone), -1)])
        of = np.concatenate([of, np.full(len(lonely), -1), alone])
        order = np.lexsort((of, np.where(at < 0, len(left), at)))
        at, of = at[order], of[order]
    both = pd.concat([_taken(left, at), _taken(right, of)], axis=1)
    both.columns = pd.Index(distinct(list(both.columns)))
    return both


def _matches(
    left: pd.DataFrame, right: pd.DataFrame, keys: list[tuple[str, str]]
) -> tuple[Any, Any]:
    """Return the positions of the rows that fit; what is missing fits nothing."""
    names = [f"k{i}" for i in range(len(keys))]
    sides = []
    for frame, side in ((left, 0), (right, 1)):
        values = {
            name: frame[pair[side]].array
            for name, pair in zip(names, keys, strict=True)
        }
        for name in names:
            if kind(pd.Series(values[name])) in NUMBERS:
                values[name] = pd.Series(values[name]).astype("float64").array
        table = pd.DataFrame(values).assign(row=np.arange(len(frame)))
        sides.append(table.dropna(subset=names))
    found = sides[0].merge(sides[1], on=names, suffixes=("_left", "_right"))
    found = found.sort_values(["row_left", "row_right"])
    return found["row_left"].to_numpy(int), found["row_right"].to_numpy(int)


def _cross(left: pd.DataFrame, right: pd.DataFrame, keys: Any) -> tuple[Any, Any]:
    rows = np.arange(len(left)), np.arange(len(right))
    return np.repeat(rows[0], len(right)), np.tile(rows[1], len(left))


def _others(count: int, taken: Any) -> Any:
    return np.setdiff1d(np.arange(count), taken)


def _taken(frame: pd.DataFrame, rows: Any) -> pd.DataFrame:
    """Return rows by position, in which -1 is a row of missing values."""
    numbered = frame.reset_index(drop=True)
    return numbered.reindex(np.where(rows < 0, len(frame), rows)).reset_index(drop=True)


def distinct(names: list[str]) -> list[str]:
    """Number the names that occur twice, as `id_0` and `id_1`; case does not count."""
    counts = Counter(name.lower() for name in names)
    met: Counter[str] = Counter()
    result = []
    for name in names:
        low = name.lower()
        if counts[low] == 1:
            result.append(name)
            continue
        suffix = f"_{met[low]}"
        met[low] += 1
        while f"{low}{suffix}" in counts:
            suffix += "_dup"
        result.append(f"{name}{suffix}")
    return result


def _concatenate(
    first: pd.DataFrame,
    second: pd.DataFrame,
    *,
    concatenate_type: str,
    apply_dedupe: Any = False,
    indicator_col_name: str = "",
    df1_indicator: str | None = None,
    df2_indicator: str | None = None,
    name: str = "",
) -> pd.DataFrame:
    if concatenate_type == "column_wise":
        rows = np.arange(max(len(first), len(second)))
        sides = [
            _taken(frame, np.where(rows < len(frame), rows, -1))
            for frame in (first, second)
        ]
        beside = pd.concat(sides, axis=1)
        if not beside.columns.is_unique:
            raise FlowError("both data sets have a column of the same name")
        return beside
    if concatenate_type != "row_wise":
        raise FlowError("concatenate_type must be row_wise or column_wise")
    if set(first.columns) != set(second.columns):
        only = sorted(set(first.columns) ^ set(second.columns))
        raise FlowError(f"columns that only one data set has: {', '.join(only)}")
    told = {c for c in first if kind(first[c]) != kind(second[c])}
    told = {c for c in told if first[c].notna().any() and second[c].notna().any()}
    if told:
        raise FlowError(f"columns of another type in each data set: {sorted(told)}")
    below = pd.concat([first, second[first.columns]], ignore_index=True)
    seen = below.duplicated() if apply_dedupe else pd.Series(False, index=below.index)
    if indicator_col_name:
        side = [df1_indicator] * len(first) + [df2_indicator] * len(second)
        below[indicator_col_name] = pd.Series(side, dtype=object)
    return below[~seen]
