"""Data types: inferred for a whole frame, or cast for one column."""

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from localaws.wrangler.choices import Step, call
from localaws.wrangler.errors import FlowError, NotActed
from localaws.wrangler.frames import kind, need, text

SAMPLE = 5000
_LEAST_KNOWN, _MOST = 0.3, 0.8
_NULLS = ("", "null", "none", "nil", "na", "nan")
_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
_PATTERNS = (
    ("yyyy", "%Y"),
    ("MM", "%m"),
    ("dd", "%d"),
    ("HH", "%H"),
    ("mm", "%M"),
    ("ss", "%S"),
)
_METHODS = (
    "replace_null",
    "replace_null_with_new_col",
    "replace_value",
    "replace_value_with_new_col",
    "drop",
)


def infer_and_cast(step: Step) -> pd.DataFrame:
    """Cast every column to the schema that was learned, or is inferred now."""
    frame = step.frame
    schema = step.trained.get("schema")
    if not schema:
        sample = frame.head(SAMPLE)
        schema = {name: _inferred(sample[name]) for name in frame}
        step.trained["schema"] = schema
    unknown = sorted(set(schema) ^ set(frame.columns))
    if unknown:
        raise FlowError(
            "the schema in trained_parameters and the columns of the data differ in: "
            f"{', '.join(unknown)}"
        )
    return pd.DataFrame({name: cast(frame[name], schema[name]) for name in schema})


def _inferred(series: pd.Series) -> str:
    found = kind(series)
    if found != "string":
        return found
    known = [v for v in series if v is not None and v.strip().lower() not in _NULLS]
    if not known or len(known) / len(series) < _LEAST_KNOWN:
        return "string"
    numeric = [v for v in known if _is_number(v)]
    if len(numeric) / len(known) > _MOST:
        whole = sum(map(_is_integer, numeric)) / len(numeric)
        return "long" if whole > _MOST else "float"
    if sum(v.lower() in ("true", "false") for v in known) / len(known) > _MOST:
        return "bool"
    dates = sum(map(_is_date, known))
    # a number in an id, such as C01513, is a year to pandas
    dated = series.where(series.str.match(r"\s*(\d|[A-Z][a-z]{2,8}\W)", na=False))
    times = int(pd.to_datetime(dated, errors="coerce", format="mixed").notna().sum())
    if dates / len(known) > _MOST:
        return "datetime" if times > dates else "date"
    return "datetime" if times / len(known) > _MOST else "string"


def _is_number(value: str) -> bool:
    try:
        return "_" not in value and math.isfinite(float(value))
    except ValueError:
        return False


def _is_integer(value: str) -> bool:
    try:
        return float(value) == int(value)
    except ValueError:
        return False


def _is_date(value: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(value))
    except ValueError:
        return False


def cast(series: pd.Series, target: str) -> pd.Series:
    """Return a column cast to a type; what cannot be cast is missing."""
    if target not in _CASTS:
        raise FlowError(
            f"data type {target!r} is not one of {', '.join(_CASTS)}"
            if target not in ("array", "struct", "object", "image")
            else f"a cast to {target!r} is not possible"
        )
    return series if kind(series) == target else _CASTS[target](series)


def _to_long(series: pd.Series) -> pd.Series:
    if kind(series) == "bool":
        return series.astype("Int64")
    values = series if kind(series) == "float" else text(series)
    return values.map(_truncated).astype("Int64")


def _truncated(value: Any) -> Any:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        pass
    try:
        return math.trunc(float(value)) if _is_number(str(value)) else pd.NA
    except (TypeError, ValueError):
        return pd.NA


def _to_float(series: pd.Series) -> pd.Series:
    if kind(series) in ("long", "bool"):
        return series.astype("float64")
    return pd.to_numeric(text(series).str.strip(), errors="coerce").astype("float64")


def _to_bool(series: pd.Series) -> pd.Series:
    if kind(series) in ("long", "float"):
        return (series != 0).astype("boolean").where(series.notna(), pd.NA)
    return text(series).map(_truth).astype("boolean")


def _truth(value: str | None) -> Any:
    word = (value or "").strip().lower()
    return True if word in _TRUE else False if word in _FALSE else pd.NA


def _to_string(series: pd.Series) -> pd.Series:
    return text(series)


def _to_date(series: pd.Series) -> pd.Series:
    if kind(series) == "datetime":
        return series.map(lambda v: None if pd.isna(v) else v.date()).astype(object)
    return text(series).map(_date).astype(object)


def _date(value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat((value or "").strip()[:10])
    except ValueError:
        return None


def _to_datetime(series: pd.Series) -> pd.Series:
    whole = pd.to_datetime(text(series), errors="coerce", format="mixed", utc=True)
    return whole.dt.tz_localize(None).astype("datetime64[ns]")


_CASTS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "bool": _to_bool,
    "date": _to_date,
    "datetime": _to_datetime,
    "float": _to_float,
    "long": _to_long,
    "string": _to_string,
}


def cast_single(step: Step) -> pd.DataFrame:
    """Cast one column, and handle what cannot be cast."""
    return call(_cast_single, step.parameters, step.frame)


def _cast_single(
    frame: pd.DataFrame,
    *,
    column: str,
    data_type: str,
    original_data_type: str = "",
    non_castable_data_handling_method: str = "replace_null",
    replace_value: Any = None,
    date_formatting: str = "dd-MM-yyyy",
    datetime_formatting: str | None = None,
) -> pd.DataFrame:
    method = non_castable_data_handling_method
    need(frame, [column])
    if method not in _METHODS:
        raise FlowError(f"non_castable_data_handling_method must be one of {_METHODS}")
    before = frame[column]
    if kind(before) == data_type:
        return frame
    form = {"date": date_formatting, "datetime": datetime_formatting}.get(data_type)
    after = _parsed(before, data_type, form)
    bad = after.isna()
    result = frame.copy()
    if method == "drop":
        result[column] = after
        return result[~bad]
    if method.startswith("replace_value"):
        value = _parsed(pd.Series([str(replace_value)], dtype=object), data_type, form)
        after = after.where(~bad, value[0])
    result[column] = after
    if method.endswith("with_new_col"):
        error = text(before).where(bad, "")
        result.insert(
            result.columns.get_loc(column) + 1, f"{column}_typecast_error", error
        )
    return result


def _parsed(series: pd.Series, target: str, form: str | None) -> pd.Series:
    if form is None or kind(series) in ("datetime", "date"):
        return cast(series, target)
    whole = pd.to_datetime(text(series), errors="coerce", format=strptime(form))
    return cast(whole.astype("datetime64[ns]"), target)


def strptime(form: str) -> str:
    """Return Python's spelling of one of Java's patterns for dates."""
    python = form.replace("'", "")
    for java, here in _PATTERNS:
        python = python.replace(java, here)
    if any(letter.isalpha() and letter != "T" for letter in _plain(python)):
        raise NotActed(f"the date format {form!r}", "reads with Java's patterns")
    return python


def _plain(python: str) -> str:
    for _, here in _PATTERNS:
        python = python.replace(here, "")
    return python
