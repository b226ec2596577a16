"""Values from one type into another; what cannot be becomes null, as in DataBrew."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import pandas as pd

from localaws.brew.errors import BrewError
from localaws.brew.frames import kind, missing, texts

_BITS = {"byte": 8, "short": 16, "int": 32, "long": 64}
_TRUE, _FALSE = ("true", "yes", "t", "y", "1"), ("false", "no", "f", "n", "0")
_NAMES = {
    "bigint": "long",
    "integer": "int",
    "tinyint": "byte",
    "smallint": "short",
    "number": "double",
    "datetime": "timestamp",
}


def cast(series: pd.Series, name: str) -> pd.Series:
    """Return a column in another type.

    Args:
        series: It.
        name: DataBrew's or the Data Catalog's name of the type.

    Raises:
        BrewError: There is no such type.
    """
    target = name.lower().partition("(")[0]
    if target.startswith(("varchar", "char")):
        target = "string"
    target = _NAMES.get(target, target)
    if target == kind(series) and target not in ("string", "decimal"):
        return series
    if target not in _CASTS:
        raise BrewError(f"columnDataType {name!r} is not a type of DataBrew.")
    return _CASTS[target](series)


def invalid(series: pd.Series, name: str) -> pd.Series:
    """Tell which values are there, and are not of a type."""
    return (~missing(series) & cast(series, name).isna()).astype(bool)


def numbers(series: pd.Series) -> pd.Series:
    """Return float64: times as seconds, booleans as 1 and 0."""
    found = kind(series)
    if found == "timestamp":
        seconds = series.astype("int64") / 1e6
        return seconds.where(series.notna())
    if found == "string":
        series = texts(series).map(lambda v: v.strip() if v is not None else v)
        return pd.to_numeric(series, errors="coerce").astype("float64")
    return pd.to_numeric(series, errors="coerce").astype("float64")


def _whole(size: str) -> Callable[[pd.Series], pd.Series]:
    bits = _BITS[size]

    def turn(series: pd.Series) -> pd.Series:
        if kind(series) in _BITS:
            exact = series.astype("Int64")
        else:
            cut = np.trunc(numbers(series))
            exact = cut.where(cut.abs() < 2.0**63).astype("Int64")
        fits = exact.between(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return exact.where(fits.fillna(False)).astype(f"Int{bits}")

    return turn


def _boolean(series: pd.Series) -> pd.Series:
    if kind(series) == "string":
        low = texts(series).map(lambda v: v.strip().lower() if v is not None else v)
        known = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
        return low.map(known).astype("boolean")
    found = numbers(series)
    return (found != 0).astype("boolean").where(found.notna())


def timestamps(series: pd.Series) -> pd.Series:
    """Return times without a zone; what is none becomes NaT."""
    if kind(series) in ("string", "date"):
        read = pd.to_datetime(
            texts(series), errors="coerce", utc=True, format="mixed"
        ).dt.tz_localize(None)
        return read.astype("datetime64[us]")
    if kind(series) == "timestamp":
        return series
    seconds = numbers(series)
    return pd.to_datetime(seconds, unit="s", errors="coerce").astype("datetime64[us]")


def _date(series: pd.Series) -> pd.Series:
    read = timestamps(series)
    return pd.Series(
        [None if pd.isna(one) else one.date() for one in read],
        index=series.index,
        dtype=object,
    )


def _decimal(series: pd.Series) -> pd.Series:
    def turn(value: Any) -> Decimal | None:
        try:
            made = Decimal(str(value).strip())
        except InvalidOperation:
            return None
        if not made.is_finite():
            return None
        return made

    shown = texts(series)
    found = [None if value is None else turn(value) for value in shown]
    return pd.Series(found, index=series.index, dtype=object)


_CASTS: dict[str, Callable[[pd.Series], pd.Series]] = {
    **{name: _whole(name) for name in _BITS},
    "float": lambda series: numbers(series).astype("float32"),
    "double": numbers,
    "decimal": _decimal,
    "string": texts,
    "boolean": _boolean,
    "timestamp": timestamps,
    "date": _date,
}


def narrowed(series: pd.Series) -> pd.Series:
    """Return whole numbers as int if they fit, no values as strings, as Spark does."""
    if series.isna().all():
        return texts(series)
    if kind(series) != "long":
        return series
    small = cast(series, "int")
    return small if small.isna().equals(series.isna()) else series


def moment(text: str) -> dt.datetime:
    """Return the time that a text says.

    Raises:
        BrewError: It says none.
    """
    found = pd.to_datetime(text, errors="coerce", utc=True)
    if pd.isna(found):
        raise BrewError(f"{text!r} is not a date or time.")
    read: dt.datetime = found.tz_localize(None).to_pydatetime()
    return read
