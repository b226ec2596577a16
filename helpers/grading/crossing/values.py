"""The values that cross as they are, from a box that is not trusted.

`encoded` is called beside the student's code, `decoded` in the prober. What is not
among the types below becomes a handle: a number under which the object is kept.
"""

import datetime as dt
import math
from base64 import b64decode, b64encode
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

from helpers.grading.crossing import tables

MARK = "~"
DEEPEST = 60
DIGITS = 4_000
Keep = Callable[[Any], dict[str, Any]]
Find = Callable[[dict[str, Any]], Any]


def encoded(value: Any, keep: Keep, depth: int = 0) -> Any:
    """Give JSON for a value.

    Args:
        value: what a student's function has returned.
        keep: keeps an object, and gives what is to be sent in its place.
        depth: how deep in other values it lies.

    Raises:
        ValueError: if it is nested too deeply, as one that holds itself is.
    """
    if depth > DEEPEST:
        raise ValueError(f"a value nested more than {DEEPEST} deep")

    def inner(each: Any) -> Any:
        return encoded(each, keep, depth + 1)

    plain = _plain(value)
    if plain is not None or value is None:
        return plain
    if isinstance(value, dict):
        pairs = [[inner(key), inner(each)] for key, each in dict.items(value)]
        return _marked("dict", pairs)
    if isinstance(value, list):
        return [inner(each) for each in list.__iter__(value)]
    for name, kind in (("tuple", tuple), ("set", set), ("frozenset", frozenset)):
        if isinstance(value, kind):
            return _marked(name, [inner(each) for each in kind.__iter__(value)])
    if isinstance(value, bytes | bytearray | memoryview):
        return _marked("bytes", b64encode(bytes(value)).decode())
    for name, (kind, text, _) in TEXTS.items():
        if isinstance(value, kind):
            return _marked(name, text(value))
    table = tables.encoded(value, inner)
    return keep(value) if table is None else _marked(*table)


def _plain(value: Any) -> Any:
    """Give what JSON has a type for, of that very type, or None."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        whole = int.__int__(value)
        return whole if abs(whole) < 1 << 63 else _marked("int", hex(whole))
    if isinstance(value, float) and not tables.numpy_scalar(value):
        real = float.__float__(value)
        return real if math.isfinite(real) else _marked("float", repr(real))
    return None


def _marked(name: str, value: Any) -> dict[str, Any]:
    return {MARK: name, "v": value}


def decoded(sent: Any, find: Find) -> Any:
    """Give the value of which this JSON was sent.

    Args:
        sent: comes from a box that is not trusted.
        find: gives an object that acts for one that was kept.

    Raises:
        ValueError: if it is nothing that `encoded` gives.
    """
    try:
        return _decoded(sent, find, 0)
    except ValueError:
        raise
    except (TypeError, KeyError, AttributeError, ArithmeticError, LookupError) as error:
        raise ValueError(f"no value: {type(error).__name__}: {error}") from None


def _decoded(sent: Any, find: Find, depth: int) -> Any:
    if depth > 2 * DEEPEST:
        raise ValueError("a value that is nested too deeply")

    def inner(each: Any) -> Any:
        return _decoded(each, find, depth + 1)

    if isinstance(sent, list):
        return [inner(each) for each in sent]
    if not isinstance(sent, dict):
        return sent
    name, value = sent[MARK], sent["v"]
    if name == "dict":
        return {inner(key): inner(each) for key, each in value}
    for known, kind in (("tuple", tuple), ("set", set), ("frozenset", frozenset)):
        if name == known:
            return kind(inner(each) for each in value)
    if name == "bytes":
        return b64decode(value, validate=True)
    if name in READ:
        if not isinstance(value, str) or len(value) > DIGITS:
            raise ValueError(f"{name} of no text")
        return READ[name](value)
    if name == "handle":
        return find(value)
    return tables.decoded(name, value, inner)


def _seconds(text: str) -> dt.timedelta:
    days, seconds, micros = map(int, text.split())
    return dt.timedelta(days, seconds, micros)


# The type, how it is written, how it is read. A moment is a datetime, and a datetime is
# a date: they come in this order.
TEXTS: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    **tables.MOMENTS,
    "complex": (complex, str, complex),
    "datetime": (dt.datetime, dt.datetime.isoformat, dt.datetime.fromisoformat),
    "date": (dt.date, dt.date.isoformat, dt.date.fromisoformat),
    "time": (dt.time, dt.time.isoformat, dt.time.fromisoformat),
    "span": (
        dt.timedelta,
        lambda span: f"{span.days} {span.seconds} {span.microseconds}",
        _seconds,
    ),
    "decimal": (Decimal, str, Decimal),
    "fraction": (Fraction, str, Fraction),
    "uuid": (UUID, str, UUID),
    "path": (PurePath, str, Path),
}
READ: dict[str, Callable[[str], Any]] = {
    "int": lambda text: int(text, 16),
    "float": float,
    **{name: read for name, (_, _, read) in TEXTS.items()},
}
