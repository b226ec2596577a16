"""Values of Hive's types from JSON. It imports pyarrow: not for the daemon itself."""

import datetime as dt
import decimal
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

_INTEGERS = {"tinyint": 8, "smallint": 16, "int": 32, "integer": 32, "bigint": 64}
_TEXT = re.compile(r"(string|varchar\(\d+\)|char\(\d+\))")
_DECIMAL = re.compile(r"decimal(?:\((\d+)(?:,(\d+))?\))?")
_EPOCH_MILLIS = 10**11
Convert = Callable[[Any], Any]


class Mismatch(ValueError):
    """A value does not fit the type of its column."""


def parse(kind: str) -> tuple[pa.DataType, Convert]:
    """Return Arrow's type of a Hive type, and what makes values of it.

    Args:
        kind: Such as `array<struct<a:int>>`.

    Raises:
        ValueError: The type is unknown.
    """
    kind = kind.strip().lower()
    if kind in _INTEGERS:
        bits = _INTEGERS[kind]
        return getattr(pa, f"int{bits}")(), lambda value: _integer(value, bits, kind)
    if kind in ("float", "double"):
        arrow = pa.float32() if kind == "float" else pa.float64()
        return arrow, lambda value: _number(value, kind)
    if _TEXT.fullmatch(kind):
        return pa.string(), _text
    if kind == "boolean":
        return pa.bool_(), _boolean
    if kind == "timestamp":
        return pa.timestamp("ms"), _timestamp
    if kind == "date":
        return pa.date32(), _date
    found = _DECIMAL.fullmatch(kind)
    if found:
        precision, scale = int(found[1] or 10), int(found[2] or 0)
        return pa.decimal128(precision, scale), lambda v: _decimal(v, scale, kind)
    return _nested(kind)


def _nested(kind: str) -> tuple[pa.DataType, Convert]:
    outer, _, rest = kind.partition("<")
    inside = rest.removesuffix(">")
    if outer == "array" and rest:
        arrow, convert = parse(inside)
        return pa.list_(arrow), lambda value: [
            _optional(convert, item) for item in _of(value, list, kind)
        ]
    if outer == "map" and rest:
        keys, values = (parse(part) for part in _parts(inside))
        return pa.map_(keys[0], values[0]), lambda value: [
            (keys[1](key), _optional(values[1], item))
            for key, item in _of(value, dict, kind).items()
        ]
    if outer == "struct" and rest:
        members = {
            name: parse(part)
            for name, _, part in (m.partition(":") for m in _parts(inside))
        }
        return pa.struct([(n, arrow) for n, (arrow, _) in members.items()]), (
            lambda value: row(
                {name: convert for name, (_, convert) in members.items()},
                {key.lower(): item for key, item in _of(value, dict, kind).items()},
            )
        )
    raise ValueError(f"type {kind!r}")


def row(columns: Mapping[str, Convert], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of columns; a missing one is null.

    Raises:
        Mismatch: A value does not fit, with the name of its column.
    """
    found = {}
    for name, convert in columns.items():
        try:
            found[name] = _optional(convert, values.get(name))
        except (Mismatch, ArithmeticError, OverflowError) as error:
            raise Mismatch(f"{error} (column {name})") from error
    return found


def _optional(convert: Convert, value: Any) -> Any:
    return None if value is None else convert(value)


def _parts(text: str) -> list[str]:
    """Split at the commas that are in no brackets."""
    parts, depth = [""], 0
    for mark in text:
        depth += (mark in "<(") - (mark in ">)")
        if mark == "," and not depth:
            parts.append("")
        else:
            parts[-1] += mark
    return [part.strip() for part in parts]


def _of(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind):
        raise Mismatch(f"{json.dumps(value)} is not of type {name}")
    return value


def _integer(value: Any, bits: int, kind: str) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise Mismatch(f"{json.dumps(value)} is not of type {kind}") from error
    whole = isinstance(value, str) or number == value
    if (
        isinstance(value, bool)
        or not whole
        or not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1)
    ):
        raise Mismatch(f"{json.dumps(value)} is not of type {kind}")
    return number


def _number(value: Any, kind: str) -> float:
    try:
        if not isinstance(value, bool):
            return float(value)
    except (TypeError, ValueError):
        pass
    raise Mismatch(f"{json.dumps(value)} is not of type {kind}")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise Mismatch(f"{json.dumps(value)} is not of type boolean")


def _decimal(value: Any, scale: int, kind: str) -> decimal.Decimal:
    try:
        number = decimal.Decimal(str(value))
    except decimal.InvalidOperation as error:
        raise Mismatch(f"{json.dumps(value)} is not of type {kind}") from error
    return number.quantize(decimal.Decimal(1).scaleb(-scale))


def _timestamp(value: Any) -> dt.datetime:
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) >= _EPOCH_MILLIS else value
        return dt.datetime.fromtimestamp(seconds, dt.UTC).replace(tzinfo=None)
    try:
        moment = dt.datetime.fromisoformat(_of(value, str, "timestamp"))
    except ValueError as error:
        raise Mismatch(f"{json.dumps(value)} is not of type timestamp") from error
    if moment.tzinfo:
        moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return moment


def _date(value: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(_of(value, str, "date"))
    except ValueError as error:
        raise Mismatch(f"{json.dumps(value)} is not of type date") from error
