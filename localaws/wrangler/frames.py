"""Columns as Data Wrangler types them, in pandas.

A long is Int64, a float float64, a bool boolean, a datetime datetime64[ns] in UTC; a
string, a date and an array are objects. What is missing is NA, NaN, NaT or None.
"""

import datetime as dt
import json
import math
from collections.abc import Iterable
from decimal import Decimal

import numpy as np
import pandas as pd
from pandas.api import types

from localaws.wrangler.errors import FlowError
from localaws.wrangler.vectors import Vector

NUMBERS = ("long", "float")


def normal(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose columns have the types of this module, with a new index."""
    columns = {name: _normal(frame[name]) for name in frame}
    return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


def _normal(series: pd.Series) -> pd.Series:
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    if types.is_bool_dtype(series.dtype):
        return series.astype("boolean")
    if types.is_integer_dtype(series.dtype):
        return series.astype("Int64")
    if types.is_float_dtype(series.dtype):
        return series.astype("float64")
    if types.is_datetime64_any_dtype(series.dtype):
        if getattr(series.dtype, "tz", None) is not None:
            series = series.dt.tz_convert("UTC").dt.tz_localize(None)
        return series.astype("datetime64[ns]")
    whole = series.astype(object).map(_listed)
    whole = whole.astype(object).where(whole.map(_there), None)
    first = next((value for value in whole if value is not None), None)
    if isinstance(first, bool):
        return whole.astype("boolean")
    if isinstance(first, Decimal | float | int):
        return whole.astype("float64")
    if isinstance(first, dt.datetime):
        return _normal(pd.to_datetime(whole, utc=True))
    return whole


def _listed(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _there(value: object) -> bool:
    return not types.is_scalar(value) or not pd.isna(value)


def kind(series: pd.Series) -> str:
    """Return the type: "long", "float", "bool", "string", "date", "datetime", ..."""
    names = {"Int64": "long", "float64": "float", "boolean": "bool"}
    if str(series.dtype) in names:
        return names[str(series.dtype)]
    if types.is_datetime64_any_dtype(series.dtype):
        return "datetime"
    first = next((value for value in series if value is not None), None)
    if isinstance(first, dt.date):
        return "date"
    shapes = {list: "array", dict: "struct", Vector: "vector"}
    return shapes.get(type(first), "string")


def missing(series: pd.Series) -> pd.Series:
    """Tell which values are missing; a blank string is one of them."""
    absent = series.isna()
    if kind(series) == "string":
        absent = absent | series.map(lambda v: v is not None and not v.strip())
    return absent.astype(bool)


def text(series: pd.Series) -> pd.Series:
    """Return a column as strings, in Spark's spelling."""
    return series.map(_spelled).astype(object).where(series.map(_there), None)


def _spelled(value: object) -> str | None:
    if isinstance(value, list):
        return f"[{', '.join(_spelled(item) or 'null' for item in value)}]"
    if isinstance(value, Vector):
        return str(value)
    if isinstance(value, dict):
        return json.dumps(value, default=str)
    if pd.isna(value):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, pd.Timestamp):
        fraction = f".{value.microsecond:06d}".rstrip("0").rstrip(".")
        return f"{value:%Y-%m-%d %H:%M:%S}{fraction}"
    return str(value)


def need(frame: pd.DataFrame, columns: Iterable[str]) -> list[str]:
    """Return the columns, if the frame has them all."""
    wanted = list(columns)
    for column in wanted:
        if column not in frame:
            known = ", ".join(map(str, frame.columns))
            raise FlowError(
                f"The column {column!r} is not in the data, which has: {known}"
            )
    return wanted


def number(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a numeric column as floats."""
    need(frame, [column])
    found = kind(frame[column])
    if found not in NUMBERS:
        raise FlowError(
            f"The column {column!r} must be numeric, not {found}: cast it first"
        )
    return frame[column].astype("float64")


def quantile(series: pd.Series, part: float) -> float:
    """Return the value that Spark's approximate quantile gives, without its error."""
    values = series.dropna().sort_values()
    return float(values.iloc[max(math.ceil(part * len(values)) - 1, 0)])
