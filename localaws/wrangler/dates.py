"""Features of dates and times, and the other transforms of time series."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from localaws.wrangler.casting import cast, strptime
from localaws.wrangler.choices import Absent, Step, call, choose, columns
from localaws.wrangler.errors import FlowError, NotActed
from localaws.wrangler.frames import kind, text
from localaws.wrangler.vectors import assemble, put

Part = tuple[Callable[[pd.Series], pd.Series], int | None, int]
# What each counts from 0, and how many there are; a year has no cycle.
_PARTS: dict[str, Part] = {
    "year": (lambda t: t.dt.year, None, 0),
    "month": (lambda t: t.dt.month - 1, 12, 1),
    "day": (lambda t: t.dt.day - 1, 31, 1),
    "hour": (lambda t: t.dt.hour, 24, 0),
    "minute": (lambda t: t.dt.minute, 60, 0),
    "second": (lambda t: t.dt.second, 60, 0),
    "week_of_year": (lambda t: t.dt.isocalendar().week - 1, 53, 1),
    "day_of_year": (lambda t: t.dt.dayofyear - 1, 366, 1),
    "quarter": (lambda t: t.dt.quarter - 1, 4, 1),
}
# The largest numbers that still count seconds, milliseconds and microseconds.
_UNITS = ((1 << 34, "s"), (1 << 44, "ms"), (1 << 54, "us"))


def featurize_date_time(step: Step) -> pd.DataFrame:
    """Take the parts of a time into columns."""
    return _run(step, _FEATURES)


def time_series(step: Step) -> pd.DataFrame:
    """Do what the node chose."""
    return _run(step, _SERIES)


def _run(step: Step, table: Any) -> pd.DataFrame:
    function, given, _ = choose(step.parameters, table)
    result = step.frame
    if function is _validate:
        return call(_validate, given, result)
    for column, output, rest in columns(result, given):
        result = call(function, rest, result, column, output)
    return result


def _features(
    frame: pd.DataFrame,
    column: str,
    output: str,
    *,
    output_mode: str,
    output_format: str,
    infer_datetime_format: Any = False,
    use_one_indexing: Any = False,
    date_time_format: str = "",
    year: Any = False,
    month: Any = False,
    day: Any = False,
    hour: Any = False,
    minute: Any = False,
    second: Any = False,
    week_of_year: Any = False,
    day_of_year: Any = False,
    quarter: Any = False,
) -> pd.DataFrame:
    asked = dict(locals())
    if output_mode not in ("Ordinal", "Cyclic"):
        raise FlowError(f"output_mode must be Ordinal or Cyclic; found {output_mode!r}")
    if output_format not in ("Columns", "Vector"):
        raise FlowError(
            f"output_format must be Columns or Vector; found {output_format!r}"
        )
    cyclic = output_mode == "Cyclic"
    if cyclic and use_one_indexing:
        raise FlowError("use_one_indexing needs the output_mode Ordinal")
    times = moments(frame[column], date_time_format)
    made: dict[str, pd.Series] = {}
    for name, (part, cycle, first) in _PARTS.items():
        if not asked[name]:
            continue
        values = part(times).astype("float64")
        if cyclic and cycle:
            angle = values * 2 * np.pi / cycle
            made[f"{output}_{name}_1"] = np.sin(angle)
            made[f"{output}_{name}_2"] = np.cos(angle)
            continue
        values += first if use_one_indexing else 0
        made[f"{output}_{name}"] = values if cyclic else values.astype("Int64")
    if output_format == "Columns":
        return frame.assign(**made)
    if not made:
        raise FlowError("a vector needs at least one part of the time")
    return put(frame, output, assemble(made.values()))


def moments(series: pd.Series, form: str = "") -> pd.Series:
    """Return a column as times; numbers count from 1970, in the unit that fits."""
    if form:
        spelled = form if "%" in form else strptime(form)
        return pd.to_datetime(text(series), format=spelled, errors="coerce")
    if kind(series) in ("long", "float"):
        size = series.dropna().median() if series.notna().any() else 0
        unit = next((name for limit, name in _UNITS if size < limit), "ns")
        return pd.to_datetime(series.astype("float64"), unit=unit)
    return cast(series, "datetime")


def _validate(
    frame: pd.DataFrame, *, timestamp_column: str, policy: str
) -> pd.DataFrame:
    if timestamp_column not in frame:
        raise FlowError(f"the column {timestamp_column!r} is not in the data")
    times = moments(frame[timestamp_column])
    bad = times.isna()
    if policy == "drop":
        return frame.assign(**{timestamp_column: times})[~bad]
    raise NotActed(
        f"policy {policy!r} of 'Validate timestamps'",
        "marks the rows with an invalid time, or fails; 'drop' acts",
    )


_FEATURES = {"Extract columns": (_features, "extract_columns_parameters")}
_SERIES = {
    "Featurize datetime": (_features, "Featurize datetime_parameters"),
    "Validate timestamps": (_validate, "Validate timestamps_parameters"),
    "Handle missing": (
        Absent("imputes the gaps of each series along its time"),
        "Handle missing_parameters",
    ),
    "Resample": (Absent("gives each series even steps in time"), "Resample_parameters"),
    "Lag features": (
        Absent("adds earlier values of a series as columns"),
        "Lag features_parameters",
    ),
    "Rolling window features": (
        Absent("adds statistics of a moving window"),
        "Rolling window features_parameters",
    ),
}
