"""Columns as DataBrew types them, in pandas.

byte, short, int and long are Int8 to Int64, float and double float32 and float64, a
boolean boolean, a timestamp datetime64 without a zone; strings, dates and decimals are
objects. What is missing is NA, NaN, NaT or None.
"""

import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from localaws.brew.errors import BrewError

_KINDS = {
    "Int8": "byte",
    "Int16": "short",
    "Int32": "int",
    "Int64": "long",
    "float32": "float",
    "float64": "double",
    "boolean": "boolean",
}
_WHOLE = {1: "Int8", 2: "Int16", 4: "Int32", 8: "Int64"}
WHOLE = ("byte", "short", "int", "long")
NUMBERS = (*WHOLE, "float", "double", "decimal")


def normal(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose columns have the types of this module, with a new index."""
    columns = {str(name): _normal(frame[name]) for name in frame}
    return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


def _normal(series: pd.Series) -> pd.Series:
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _normal(series.astype(dtype.categories.dtype))
    if types.is_bool_dtype(dtype):
        return series.astype("boolean")
    if types.is_integer_dtype(dtype):
        size = np.dtype(str(dtype).lower()).itemsize
        unsigned = str(dtype).lower().startswith("u")
        return series.astype(_WHOLE[min(size * 2, 8) if unsigned else size])
    if types.is_float_dtype(dtype):
        return series.astype("float32" if str(dtype).endswith("32") else "float64")
    if types.is_datetime64_any_dtype(dtype):
        if getattr(dtype, "tz", None) is not None:
            series = series.dt.tz_convert("UTC").dt.tz_localize(None)
        return series.astype("datetime64[us]")
    whole = series.astype(object)
    whole = whole.where(whole.notna(), None)
    first = next((value for value in whole if value is not None), None)
    if isinstance(first, bool):
        return whole.astype("boolean")
    if isinstance(first, dt.datetime):
        return _normal(pd.to_datetime(whole, utc=True))
    if isinstance(first, int | float):
        return whole.astype("float64")
    return whole


def kind(series: pd.Series) -> str:
    """Return the type by DataBrew's name, such as `int`."""
    if str(series.dtype) in _KINDS:
        return _KINDS[str(series.dtype)]
    if types.is_datetime64_any_dtype(series.dtype):
        return "timestamp"
    first = next((value for value in series if value is not None), None)
    shapes: tuple[tuple[type, str], ...] = (
        (Decimal, "decimal"),
        (dt.date, "date"),
        (list, "array"),
        (np.ndarray, "array"),
        (dict, "struct"),
    )
    return next((name for shape, name in shapes if isinstance(first, shape)), "string")


def need(frame: pd.DataFrame, *columns: str) -> list[str]:
    """Return names of columns.

    Raises:
        BrewError: One is not there.
    """
    for name in columns:
        if name not in frame.columns:
            known = ", ".join(frame.columns)
            raise BrewError(f"Column {name!r} does not exist. The columns are: {known}")
    return list(columns)


def missing(series: pd.Series) -> pd.Series:
    """Tell which values are missing: null ones and empty strings."""
    absent = series.isna()
    if kind(series) == "string":
        absent = absent | (series == "").fillna(False)
    return absent.astype(bool)


def floats(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of numbers as float64.

    Raises:
        BrewError: It is not there, or its type is no number.
    """
    need(frame, column)
    found = kind(frame[column])
    if found not in NUMBERS and not frame[column].isna().all():
        raise BrewError(f"Column {column!r} is of type {found}, and not a number.")
    return pd.to_numeric(frame[column], errors="coerce").astype("float64")


def texts(series: pd.Series) -> pd.Series:
    """Return a column as strings; what is null stays null."""
    if kind(series) == "timestamp":
        shown = series.dt.strftime("%Y-%m-%d %H:%M:%S").astype(object)
    elif types.infer_dtype(series, skipna=True) in ("string", "empty"):
        shown = series.astype(object)
    else:
        shown = series.astype(object).map(_spelled).astype(object)
    return shown.where(series.notna(), None)


def _spelled(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict | np.ndarray):
        return json.dumps(value, default=_plain)
    if pd.isna(value):
        return None
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, float | np.floating):
        return repr(float(value))
    return str(value)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else str(value)


def tight(values: pd.Series, like: pd.Series) -> pd.Series:
    """Return numbers in the type of another column, if that loses nothing."""
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    if kind(like) in WHOLE:
        present = numbers.dropna()
        if (present == present.round()).all():
            return numbers.astype(like.dtype)
    return numbers


def duplicated(frame: pd.DataFrame) -> pd.Series:
    """Tell which rows equal an earlier one."""
    nested = [name for name in frame if kind(frame[name]) in ("array", "struct")]
    return frame.assign(**{name: texts(frame[name]) for name in nested}).duplicated()


def strings(values: Iterable[Any], index: pd.Index) -> pd.Series:
    """Return a column of strings."""
    return pd.Series(list(values), index=index, dtype=object)
