"""Arrays and tables as JSON: raw buffers of known types, lists of everything else."""

import math
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

Inner = Callable[[Any], Any]
Table = tuple[str, Any]

RAW = re.compile(
    r"[<|](?:b1|[iu][1248]|f[248]|c(?:8|16)|[Mm]8\[\d*(?:[YMWDhms]|[munpfa]s)\])"
)
MASKED = re.compile(r"U?Int(?:8|16|32|64)|Float(?:32|64)|boolean|string|str")
SIMPLE = {str, int, bool, type(None)}
UNITS = ("s", "ms", "us", "ns")


def numpy_scalar(value: Any) -> bool:
    """Tell whether a float is one of numpy's, which has methods of its own."""
    return isinstance(value, np.generic)


def encoded(value: Any, inner: Inner) -> Table | None:
    """Give name and JSON of an array or table, or None if it is neither."""
    if isinstance(value, np.ndarray | np.generic):
        return _array(value, inner)
    if isinstance(value, pd.DataFrame):
        columns = [inner(_column(value.iloc[:, n])) for n in range(value.shape[1])]
        return "frame", [inner(value.columns), columns, inner(value.index)]
    if isinstance(value, pd.Series):
        names, index = inner(value.name), inner(value.index)
        return "series", [inner(_column(value)), index, names]
    if isinstance(value, pd.RangeIndex):
        return "range", [value.start, value.stop, value.step, inner(value.name)]
    if isinstance(value, pd.MultiIndex):
        return "indexes", [[*map(inner, value)], [*map(inner, value.names)]]
    if isinstance(value, pd.Index):
        return "index", [inner(_column(value)), inner(value.name)]
    if isinstance(value, Column):
        return _of(value.values, inner)
    return None


class Column:
    """The values of a column or an index, whatever they are kept in."""

    def __init__(self, values: Any) -> None:
        self.values = values


def _column(of: Any) -> Column:
    return Column(of.array)


def _array(value: Any, inner: Inner) -> Table | None:
    whole = np.asarray(value)
    kind = whole.dtype.newbyteorder("<").str
    if RAW.fullmatch(kind):
        raw = b64encode(np.ascontiguousarray(whole, kind).tobytes()).decode()
        scalar = isinstance(value, np.generic)
        return "array", [kind, None if scalar else [*whole.shape], raw]
    if whole.dtype.kind in "OUS":
        cells = _cells(whole.ravel().tolist(), inner)
        return "objects", [whole.dtype.kind, [*whole.shape], cells]
    return None


def _of(values: Any, inner: Inner) -> Table:
    """Give the JSON of a column."""
    if isinstance(values, pd.arrays.NumpyExtensionArray):
        values = np.asarray(values)
    kind = values.dtype
    if isinstance(kind, np.dtype) and RAW.fullmatch(kind.newbyteorder("<").str):
        return "plain", inner(np.asarray(values))
    if isinstance(kind, pd.DatetimeTZDtype):
        moments = np.asarray(values.tz_convert("UTC").tz_localize(None))
        return "zoned", [str(kind.tz), inner(moments)]
    if isinstance(kind, pd.CategoricalDtype):
        groups = inner(Column(pd.Index(values.categories).array))
        return "groups", [inner(np.asarray(values.codes)), groups, bool(values.ordered)]
    if MASKED.fullmatch(str(kind)):
        there = [
            None if gone else one
            for one, gone in zip(values, values.isna(), strict=True)
        ]
        return "masked", [str(kind), _cells(there, inner)]
    return "cells", _cells(list(values), inner)


def _cells(values: list[Any], inner: Inner) -> list[Any]:
    """Give the JSON of many values, at once where JSON has their types."""
    kinds = {*map(type, values)}
    if kinds <= SIMPLE and all(abs(v) < 1 << 63 for v in values if type(v) is int):
        return values
    if kinds <= SIMPLE | {float}:
        return [
            inner(v)
            if type(v) is int or (type(v) is float and not math.isfinite(v))
            else v
            for v in values
        ]
    return [inner(value) for value in values]


def decoded(name: str, value: Any, inner: Inner) -> Any:
    """Give the array or table of which this JSON was sent.

    Raises:
        ValueError: if it is none.
    """
    if name not in READ:
        raise ValueError(f"no such type: {str(name)[:40]}")
    return READ[name](value, inner)


def _read_array(value: Any, _: Inner) -> Any:
    kind, shape, raw = value
    if not RAW.fullmatch(kind):
        raise ValueError(f"no such type of numbers: {kind[:40]}")
    numbers = np.frombuffer(b64decode(raw, validate=True), kind).copy()
    return numbers[0] if shape is None else numbers.reshape(_shape(shape))


def _shape(shape: Any) -> tuple[int, ...]:
    if not all(type(each) is int and each >= 0 for each in shape):
        raise ValueError("no shape of an array")
    return tuple(shape)


def _read_objects(value: Any, inner: Inner) -> Any:
    kind, shape, cells = value
    if kind not in ("O", "U", "S"):
        raise ValueError(f"no such type of objects: {kind[:40]}")
    read = [inner(cell) for cell in cells]
    if kind in ("U", "S"):
        return np.array(read, kind).reshape(_shape(shape))
    held = np.empty(len(read), object)
    held[:] = read
    return held.reshape(_shape(shape))


def _read_zoned(value: Any, inner: Inner) -> Any:
    zone, moments = value
    return (
        pd.DatetimeIndex(inner(moments)).tz_localize("UTC").tz_convert(zone[:60]).array
    )


def _read_groups(value: Any, inner: Inner) -> Any:
    codes, groups, ordered = value
    return pd.Categorical.from_codes(
        inner(codes), pd.Index(inner(groups)), bool(ordered)
    )


def _read_masked(value: Any, inner: Inner) -> Any:
    kind, cells = value
    if not MASKED.fullmatch(kind):
        raise ValueError(f"no such type of a column: {kind[:40]}")
    return pd.array([inner(cell) for cell in cells], dtype=kind)


def _read_cells(value: Any, inner: Inner) -> Any:
    return _read_objects(["O", [len(value)], value], inner)


def _read_frame(value: Any, inner: Inner) -> Any:
    names, columns, index = value
    heads, rows = inner(names), inner(index)
    if not isinstance(heads, pd.Index) or len(heads) != len(columns):
        raise ValueError("no table")
    held = {n: pd.Series(inner(each), index=rows) for n, each in enumerate(columns)}
    frame = pd.DataFrame(held, index=rows)
    frame.columns = heads
    return frame


def _read_series(value: Any, inner: Inner) -> Any:
    values, index, name = map(inner, value)
    return pd.Series(values, index=index, name=name)


def _read_range(value: Any, inner: Inner) -> Any:
    return pd.RangeIndex(*value[:3], name=inner(value[3]))


def _read_indexes(value: Any, inner: Inner) -> Any:
    rows, names = ([inner(each) for each in part] for part in value)
    return pd.MultiIndex.from_tuples(rows, names=names)


def _read_index(value: Any, inner: Inner) -> Any:
    return pd.Index(inner(value[0]), name=inner(value[1]))


READ: dict[str, Callable[[Any, Inner], Any]] = {
    "array": _read_array,
    "objects": _read_objects,
    "plain": lambda value, inner: inner(value),
    "zoned": _read_zoned,
    "groups": _read_groups,
    "masked": _read_masked,
    "cells": _read_cells,
    "frame": _read_frame,
    "series": _read_series,
    "range": _read_range,
    "indexes": _read_indexes,
    "index": _read_index,
}

# The type, how it is written, how it is read: as in `values`.
MOMENTS: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "nat": (type(pd.NaT), str, lambda _: pd.NaT),
    "na": (type(pd.NA), str, lambda _: pd.NA),
    "moment": (
        pd.Timestamp,
        lambda at: f"{at.isoformat()} {at.unit}",
        lambda text: _at(text),
    ),
    "lapse": (
        pd.Timedelta,
        lambda of: f"{of.as_unit('ns').value} {of.unit}",
        lambda text: _lapse(text),
    ),
}


def _at(text: str) -> Any:
    moment, unit = text.split(" ")
    if not moment[:4].isdecimal():
        raise ValueError("no moment")
    return pd.Timestamp(moment).as_unit(_unit(unit))


def _lapse(text: str) -> Any:
    number, unit = text.split(" ")
    return pd.Timedelta(int(number), "ns").as_unit(_unit(unit))


def _unit(name: str) -> Any:
    if name not in UNITS:
        raise ValueError(f"no unit of time: {name[:10]}")
    return name
