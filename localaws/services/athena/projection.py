"""Partition projection: partitions that properties of the table describe."""

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from typing import Any

from localaws.lake.errors import QueryError
from localaws.lake.plan import Table

_MOST = 100_000
_UNITS = {"DAYS": "days", "HOURS": "hours", "MINUTES": "minutes", "WEEKS": "weeks"}
_JAVA = [
    ("yyyy", "%Y"),
    ("MM", "%m"),
    ("dd", "%d"),
    ("HH", "%H"),
    ("mm", "%M"),
    ("ss", "%S"),
]


def partitions(
    table: Table, given: dict[str, Any], location: str
) -> list[tuple[list[str], str]] | None:
    """Return values and location of each projected partition.

    Args:
        table: Its keys are projected.
        given: The table as Glue returns it.
        location: Where the table is.

    Returns:
        None if projection is off.

    Raises:
        QueryError: A property is missing or has no effect here.
    """
    properties = given.get("Parameters", {})
    if properties.get("projection.enabled", "").lower() != "true":
        return None
    every = [list(_values(name, properties)) for name, _ in table.keys]
    default = "/".join(f"{name}=${{{name}}}" for name, _ in table.keys)
    template = properties.get("storage.location.template")
    template = template or f"{location.rstrip('/')}/{default}"
    found = []
    for values in itertools.product(*every):
        place = template
        for (name, _), value in zip(table.keys, values, strict=True):
            place = place.replace(f"${{{name}}}", value)
        found.append((list(values), place))
        if len(found) > _MOST:
            raise QueryError("more than 100,000 projected partitions", 1103)
    return found


def _values(name: str, properties: dict[str, str]) -> Iterator[str]:
    def of(member: str, default: str | None = None) -> str:
        value = properties.get(f"projection.{name}.{member}", default)
        if value is None:
            raise QueryError(
                f"INVALID_TABLE_PROPERTY: projection.{name}.{member} is required", 1103
            )
        return value

    kind = of("type").lower()
    if kind == "enum":
        yield from (value.strip() for value in of("values").split(","))
    elif kind == "integer":
        first, last = map(int, of("range").split(","))
        digits = int(of("digits", "0"))
        for number in range(first, last + 1, int(of("interval", "1"))):
            yield f"{number:0{digits}d}"
    elif kind == "date":
        yield from _dates(of("format"), of("range"), of)
    else:
        raise QueryError(
            f"NOT_SUPPORTED: projection of type {kind} does not act in the local "
            "endpoint",
            1200,
        )


def _dates(shape: str, span: str, of: Any) -> Iterator[str]:
    python = shape.replace("'", "")
    for java, ours in _JAVA:
        python = python.replace(java, ours)
    first, last = (_moment(part.strip(), python) for part in span.split(","))
    unit = of("interval.unit", "HOURS" if "%H" in python else "DAYS").upper()
    if unit not in _UNITS:
        raise QueryError(
            f"NOT_SUPPORTED: interval.unit {unit} does not act in the local endpoint",
            1200,
        )
    step = dt.timedelta(**{_UNITS[unit]: int(of("interval", "1"))})
    while first <= last:
        yield first.strftime(python)
        first += step


def _moment(text: str, python: str) -> dt.datetime:
    found = re.fullmatch(r"NOW(?:([+-]\d+)(\w+))?", text.upper())
    if not found:
        return dt.datetime.strptime(text, python)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    if found[1]:
        now += dt.timedelta(**{_UNITS.get(found[2], "days"): int(found[1])})
    return now
