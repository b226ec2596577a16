"""Names of the objects that Amazon Data Firehose writes: prefixes with expressions."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Mapping

from localaws.errors import AwsError

_EXPRESSION = re.compile(r"!\{(\w+):([^}]*)\}")
_NAMESPACES = (
    "firehose",
    "timestamp",
    "partitionKeyFromQuery",
    "partitionKeyFromLambda",
)
_PARTITION = "partitionKeyFrom"
_HOURS = "!{timestamp:yyyy/MM/dd/HH}/"
_FAILURE = "!{firehose:error-output-type}"
# Java's DateTimeFormatter, as far as numbers go.
_JAVA = re.compile(r"'([^']*)'|(y+|u+|M+|d+|H+|m+|s+|S+|D+)|([A-Za-z])|(.)", re.DOTALL)
_FIELDS = {
    "y": lambda t, n: f"{t.year % 100:02d}" if n == 2 else f"{t.year:0{n}d}",
    "u": lambda t, n: f"{t.year % 100:02d}" if n == 2 else f"{t.year:0{n}d}",
    "M": lambda t, n: _month(t, n),
    "d": lambda t, n: f"{t.day:0{n}d}",
    "D": lambda t, n: f"{t.timetuple().tm_yday:0{n}d}",
    "H": lambda t, n: f"{t.hour:0{n}d}",
    "m": lambda t, n: f"{t.minute:0{n}d}",
    "s": lambda t, n: f"{t.second:0{n}d}",
    "S": lambda t, n: f"{t.microsecond:06d}"[:n].ljust(n, "0"),
}


def invalid(message: str) -> AwsError:
    """Return the error of a configuration that Firehose does not take."""
    return AwsError("InvalidArgumentException", message)


def check(prefix: str | None, failures: str | None, *, partitioned: bool) -> None:
    """Refuse prefixes that break the rules of expressions.

    Args:
        prefix: Of the objects; None if it is not given.
        failures: Of the objects with failed records.
        partitioned: Whether the stream has dynamic partitioning.
    """
    for text in (prefix or "", failures or ""):
        found = [*_EXPRESSION.finditer(text)]
        if len(found) != text.count("!{"):
            raise invalid(f"Invalid expression in the prefix {text!r}.")
        for match in found:
            namespace, value = match.groups()
            if namespace not in _NAMESPACES:
                raise invalid(
                    f"Unknown namespace {namespace!r} in the prefix {text!r}."
                )
            if namespace == "timestamp":
                _form(value, dt.datetime(2026, 1, 1))
            elif namespace == "firehose" and value not in (
                "error-output-type",
                "random-string",
            ):
                raise invalid(f"Unknown value {value!r} in the prefix {text!r}.")
    if "!{" in (prefix or "") and not failures:
        raise invalid(
            "ErrorOutputPrefix cannot be null or empty when Prefix contains "
            "expressions."
        )
    if _FAILURE in (prefix or ""):
        raise invalid(f"Prefix cannot contain {_FAILURE}.")
    if "!{" in (failures or "") and _FAILURE not in (failures or ""):
        raise invalid(f"ErrorOutputPrefix must contain {_FAILURE}.")
    if (_PARTITION in (prefix or "")) != partitioned:
        raise invalid(
            "S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic "
            "Partitioning is enabled, and only then."
        )


def delivered(
    prefix: str | None,
    when: dt.datetime,
    zone: str,
    random: str,
    keys: Mapping[str, str],
) -> str:
    """Return the evaluated prefix of an object.

    Args:
        prefix: As it was configured.
        when: Arrival of the oldest record in the object.
        zone: Such as `UTC`.
        random: A random string.
        keys: Values of partition keys, by namespace and name.
    """
    text = prefix or ""
    if "!{timestamp:" not in text and _PARTITION not in text:
        text += _HOURS
    return _evaluate(text, when, zone, random, "", keys)


def failed(
    prefix: str | None,
    failures: str | None,
    kind: str,
    when: dt.datetime,
    zone: str,
    random: str,
) -> str:
    """Return the evaluated prefix of an object with failed records.

    Args:
        prefix: As it was configured.
        failures: ErrorOutputPrefix.
        kind: Such as `format-conversion-failed`.
        when: Arrival of the oldest record in the object.
        zone: Such as `UTC`.
        random: A random string.
    """
    text = failures or prefix or ""
    if "!{" not in text:
        text += f"{_FAILURE}/{_HOURS}"
    return _evaluate(text, when, zone, random, kind, {})


def stamp(when: dt.datetime, zone: str) -> str:
    """Return a time as it stands in the name of an object."""
    return f"{when.astimezone(zoneinfo.ZoneInfo(zone)):%Y-%m-%d-%H-%M-%S}"


def _evaluate(
    text: str,
    when: dt.datetime,
    zone: str,
    random: str,
    kind: str,
    keys: Mapping[str, str],
) -> str:
    local = when.astimezone(zoneinfo.ZoneInfo(zone))

    def value(match: re.Match[str]) -> str:
        namespace, name = match.groups()
        if namespace == "timestamp":
            return _form(name, local)
        if namespace == "firehose":
            return kind if name == "error-output-type" else random
        return keys[f"{namespace}:{name}"]

    return _EXPRESSION.sub(value, text)


def _form(pattern: str, when: dt.datetime) -> str:
    """Format a time as Java would."""
    parts = []
    for quoted, field, other, mark in _JAVA.findall(pattern):
        if other:
            raise invalid(f"Invalid timestamp expression {pattern!r}.")
        parts.append(_FIELDS[field[0]](when, len(field)) if field else quoted or mark)
    return "".join(parts)


def _month(when: dt.datetime, count: int) -> str:
    if count < 3:
        return f"{when.month:0{count}d}"
    return when.strftime("%b" if count == 3 else "%B")
