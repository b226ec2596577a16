"""Values as Athena prints them."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from localaws.lake.hive import athena_type

_PRECISION = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "float": 17,
    "double": 17,
    "varchar": 2147483647,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "varbinary": 1073741824,
}


def column(name: str, duckdb: str) -> dict[str, Any]:
    """Return what GetQueryResults tells of a column.

    Args:
        name: Its name.
        duckdb: Its type in DuckDB.
    """
    kind = athena_type(duckdb)
    precision, scale = _PRECISION.get(kind, 0), 0
    if kind == "decimal":
        precision, scale = map(int, duckdb[8:-1].split(","))
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": kind,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": kind == "varchar",
    }


def text(value: Any, kind: str = "") -> str | None:
    """Return a value's text, None for NULL.

    Args:
        value: As DuckDB hands it to Python.
        kind: Athena's type, where it matters (float).
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number(value, single=kind == "float")
    if isinstance(value, dt.datetime):
        shown = f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03d}"
        return f"{shown} UTC" if value.tzinfo else shown
    if isinstance(value, dt.time):
        return f"{value:%H:%M:%S}.{value.microsecond // 1000:03d}"
    if isinstance(value, dt.timedelta):
        hours, rest = divmod(value.seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        millis = value.microseconds // 1000
        return f"{value.days} {hours:02d}:{minutes:02d}:{seconds:02d}.{millis:03d}"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | bytearray):
        return value.hex(" ")
    if isinstance(value, list | tuple):
        return f"[{', '.join(_inner(item) for item in value)}]"
    if isinstance(value, dict):
        if kind == "json":
            return json.dumps(value)
        pairs = (f"{_inner(k)}={_inner(v)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    return str(value)


def _inner(value: Any) -> str:
    shown = text(value)
    return "null" if shown is None else shown


def number(value: float, *, single: bool = False) -> str:
    """Return a number as Java's Double.toString does, or Float.toString."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0" if str(value).startswith("-") else "0.0"
    digits = f"{value:.9g}" if single else repr(value)
    exact = Decimal(digits)
    sign, figures, power = exact.normalize().as_tuple()
    assert isinstance(power, int)
    exponent = len(figures) + power - 1
    if 1e-3 <= abs(value) < 1e7:
        shown = format(exact.normalize(), "f")
        return shown if "." in shown else f"{shown}.0"
    rest = "".join(map(str, figures[1:])) or "0"
    return f"{'-' if sign else ''}{figures[0]}.{rest}E{exponent}"


def quoted(values: list[str | None]) -> str:
    """Return a line of the result's CSV: each value in quotes, NULL as nothing."""
    return ",".join(
        "" if value is None else '"' + value.replace('"', '""') + '"'
        for value in values
    )
