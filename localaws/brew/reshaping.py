"""Data structure steps: groups, pivots, joins and unions."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from localaws.brew.casting import cast, numbers
from localaws.brew.errors import BrewError, NotActed
from localaws.brew.frames import kind, need, texts
from localaws.brew.quality import mode
from localaws.brew.step import Step

_AGGREGATES: dict[str, Callable[[pd.Series], Any]] = {
    "ANY": lambda values: values.dropna().iloc[0] if values.notna().any() else None,
    "AVERAGE": lambda values: numbers(values).mean(),
    "COUNT": lambda values: values.notna().sum(),
    "COUNT_DISTINCT": lambda values: texts(values).nunique(),
    "FIRST": lambda values: values.iloc[0],
    "LAST": lambda values: values.iloc[-1],
    "MAX": lambda values: values.max(),
    "MEDIAN": lambda values: numbers(values).median(),
    "MIN": lambda values: values.min(),
    "MODE": lambda values: mode(numbers(values), "MINIMUM"),
    "STANDARD_DEVIATION": lambda values: numbers(values).std(),
    "SUM": lambda values: numbers(values).sum(),
    "VARIANCE": lambda values: numbers(values).var(),
}
_WHOLE = ("COUNT", "COUNT_DISTINCT")
_KEEPS_TYPE = ("ANY", "FIRST", "LAST", "MAX", "MIN")
_ELSEWHERE = {
    "UNAGGREGATED": "keeps the groups' values without an aggregate",
    "COLLECT_LIST": "collects the values of each group in a list",
}
_JOINS = {
    "INNER_JOIN": "inner",
    "LEFT_JOIN": "left",
    "RIGHT_JOIN": "right",
    "OUTER_JOIN": "outer",
    "LEFT_EXCLUDING_JOIN": "left",
    "RIGHT_EXCLUDING_JOIN": "right",
    "OUTER_EXCLUDING_JOIN": "outer",
}
_MOST_VALUES = 10


def _aggregated(groups: Any, column: pd.Series, name: str) -> pd.Series:
    if name in _ELSEWHERE:
        raise NotActed(f"the aggregate {name}", _ELSEWHERE[name])
    if name not in _AGGREGATES:
        raise BrewError(f"{name!r} is not an aggregate function of DataBrew.")
    found = groups[column.name].agg(_AGGREGATES[name])
    if name in _WHOLE:
        return found.astype("Int64")
    if name in _KEEPS_TYPE:
        return found.astype(column.dtype)
    whole = name == "SUM" and kind(column) in ("byte", "short", "int", "long")
    return found.astype("float64").astype("Int64" if whole else "float64")


def group_by(step: Step) -> pd.DataFrame:
    """GROUP_BY: a row for each group, or the aggregates beside each row."""
    keys, frame = step.columns(), step.frame
    groups = frame.groupby(keys, dropna=False, sort=True)
    made: dict[str, pd.Series] = {}
    for one in step.listed("groupByAggFunctionOptions"):
        column = frame[need(frame, str(one["sourceColumnName"]))[0]]
        found = _aggregated(groups, column, str(one["functionName"]))
        wanted = one.get("targetColumnDataType")
        if wanted and wanted not in ("number", "unsupported"):
            found = cast(found, str(wanted))
        target = str(one["targetColumnName"])
        if target in keys or target in made:
            raise BrewError(f"Column {target!r} already exists.")
        made[target] = found
    table = pd.DataFrame(made, index=groups.size().index)
    if step.flag("useNewDataFrame", True):
        return table.reset_index()
    for target in made:
        if target in frame.columns:
            raise BrewError(f"Column {target!r} already exists.")
    return frame.merge(table.reset_index(), on=keys, how="left")


def pivot(step: Step) -> pd.DataFrame:
    """PIVOT: a column for each value of the source, an aggregate in each cell."""
    value = need(step.frame, step.text("valueColumn"))[0]
    name = step.text("aggregateFunction")
    keys = [one for one in step.frame.columns if one not in (step.name, value)]
    words = texts(step.source)
    values = sorted(words.dropna().unique())
    if len(values) > _MOST_VALUES:
        raise BrewError(
            f"Column {step.name!r} has {len(values)} distinct values. PIVOT takes "
            f"columns with at most {_MOST_VALUES}."
        )
    if not keys:
        raise BrewError("PIVOT needs a column besides its two to group by.")
    grouped = step.frame.groupby(keys, dropna=False, sort=True)
    table = pd.DataFrame(index=grouped.size().index)
    for one in values:
        part = step.frame[words == one]
        if one in keys:
            raise BrewError(f"Column {one!r} already exists.")
        groups = part.groupby(keys, dropna=False, sort=True)
        table[one] = _aggregated(groups, part[value], name)
    return table.reset_index()


def unpivot(step: Step) -> pd.DataFrame:
    """UNPIVOT: a row for each of the columns, with its name and its value."""
    columns, frame = step.columns(), step.frame
    names = (step.text("unpivotColumn"), step.text("valueColumn"))
    rest = [one for one in frame.columns if one not in columns]
    for name in names:
        if name in rest:
            raise BrewError(f"Column {name!r} already exists.")
    if len({kind(frame[one]) for one in columns}) > 1:
        frame = frame.assign(**{one: texts(frame[one]) for one in columns})
    number = pd.RangeIndex(len(frame))
    long = frame.assign(**{"\0": number}).melt(
        id_vars=[*rest, "\0"],
        value_vars=columns,
        var_name=names[0],
        value_name=names[1],
    )
    return long.sort_values("\0", kind="stable").drop(columns="\0")


def join(step: Step) -> pd.DataFrame:
    """JOIN with a secondary data set."""
    how = step.choice("joinType", *_JOINS)
    other = step.read(
        step.text("secondaryDatasetName", ""),
        _place(step.given.get("secondInputLocation")),
    )
    keys = [(str(one["key"]), str(one["value"])) for one in step.listed("joinKeys")]
    left = step.frame[step.columns("leftColumns")].copy()
    wanted = need(other, *map(str, step.listed("rightColumns")))
    for index, (mine, _) in enumerate(keys):
        left[f"\0{index}"] = _key(step.frame, mine, "left")
    right = other[wanted].copy()
    for index, (mine, theirs) in enumerate(keys):
        right[f"\0{index}"] = _key(other, theirs, "right")
        if mine == theirs and mine in left and theirs in right:
            right = right.drop(columns=theirs)
    twice = [one for one in right if one in left and not one.startswith("\0")]
    if twice:
        raise NotActed(
            f"the column {twice[0]!r} on both sides of JOIN", "renames one of them"
        )
    marks = [f"\0{index}" for index in range(len(keys))]
    both = left.merge(right, on=marks, how=_JOINS[how], indicator="\0side")
    for index, (mine, theirs) in enumerate(keys):
        if mine == theirs and mine in both:
            gaps = both[mine].isna()
            marked = both[f"\0{index}"]
            known = marked.where(~marked.str.startswith("\0"), None)
            shown = cast(known.astype(object), kind(step.frame[mine]))
            both[mine] = both[mine].where(~gaps, shown)
    if "EXCLUDING" in how:
        alone = {"LEFT": ["left_only"], "RIGHT": ["right_only"]}
        sides = alone.get(how.partition("_")[0], ["left_only", "right_only"])
        both = both[both["\0side"].isin(sides)]
    return both.drop(columns=[*marks, "\0side"])


def _key(frame: pd.DataFrame, name: str, side: str) -> pd.Series:
    """Return a column as keys of a join: a null one is like no other."""
    return texts(frame[need(frame, name)[0]]).fillna(f"\0{side}")


def _place(uri: str | None) -> dict[str, Any] | None:
    if not uri:
        return None
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def union(step: Step) -> pd.DataFrame:
    """UNION: the rows of several data sets, their columns put side by side."""
    sides = step.listed("datasetsColumns")
    targets = [str(one) for one in step.listed("targetColumnNames")]
    names = step.listed("secondaryDatasetNames")
    given = step.listed("secondaryInputs") if "secondaryInputs" in step.given else []
    frames = [step.frame]
    for index, name in enumerate(names):
        place = given[index].get("S3InputDefinition") if index < len(given) else None
        frames.append(step.read(str(name), place))
    if len(frames) != len(sides):
        raise BrewError(
            f"datasetsColumns has {len(sides)} lists for {len(frames)} data sets."
        )
    parts = []
    for frame, columns in zip(frames, sides, strict=True):
        if len(columns) != len(targets):
            raise BrewError("Each list of datasetsColumns has a name for each target.")
        part = pd.DataFrame(index=frame.index)
        for target, column in zip(targets, columns, strict=True):
            if column is not None:
                part[target] = frame[need(frame, str(column))[0]]
        parts.append(part)
    return pd.concat(_alike(parts, targets), ignore_index=True)[targets]


def _alike(parts: list[pd.DataFrame], targets: list[str]) -> list[pd.DataFrame]:
    """Give a column one type in all parts: that of most digits, or string."""
    order = ["byte", "short", "int", "long", "float", "double"]
    for name in targets:
        kinds = {kind(part[name]) for part in parts if name in part}
        if len(kinds) > 1:
            known = [order.index(one) for one in kinds if one in order]
            wanted = order[max(known)] if len(known) == len(kinds) else "string"
            parts = [
                part.assign(**{name: cast(part[name], wanted)})
                if name in part
                else part
                for part in parts
            ]
    return parts
