"""What a record of a feature group may hold."""

import datetime as dt
import re
from typing import Any

from localaws.errors import AwsError

Members = dict[str, Any]
_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)", re.ASCII
)
_NUMBER = {
    "Integral": re.compile(r"[+-]?\d+", re.ASCII),
    "Fractional": re.compile(
        r"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|nan|inf|infinity)",
        re.ASCII | re.IGNORECASE,
    ),
}


def checked(group: Members, record: list[Members]) -> dict[str, str]:
    """Return a record's values, if the feature group can hold them."""
    known = {f["FeatureName"] for f in group["FeatureDefinitions"]}
    names = [value["FeatureName"] for value in record]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise invalid(f"FeatureNames that do not exist: {unknown}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise invalid(f"FeatureNames given more than once: {twice}")
    values = {
        value["FeatureName"]: value["ValueAsString"]
        for value in record
        if value.get("ValueAsString") is not None
    }
    for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if not values.get(group[member]):
            raise invalid(f"The record needs a value for {group[member]!r} ({member})")
    for name, value in values.items():
        check_value(group, name, value)
    return values


def check_value(group: Members, name: str, value: str) -> None:
    """Raise unless a feature can have a value."""
    kind = _kind(group, name)
    number = _NUMBER.get(kind)
    fits = number is None or number.fullmatch(value)
    if kind == "Integral" and fits:
        fits = -(2**63) <= int(value) < 2**63
    if not fits:
        raise invalid(
            f"Feature {name!r} is of type {kind}; {value!r} is not a valid value."
        )


def _kind(group: Members, name: str) -> str:
    features = group["FeatureDefinitions"]
    return next(f["FeatureType"] for f in features if f["FeatureName"] == name)


def event_time(group: Members, text: str) -> dt.datetime:
    """Return the time that a record's event time names."""
    numeric = _kind(group, group["EventTimeFeatureName"]) == "Fractional"
    try:
        if numeric:
            return dt.datetime.fromtimestamp(float(text), dt.UTC)
        if _TIME.fullmatch(text):
            return dt.datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        pass
    form = (
        "in seconds since 1970"
        if numeric
        else ("of the form yyyy-MM-dd'T'HH:mm:ssZ or yyyy-MM-dd'T'HH:mm:ss.SSSZ")
    )
    raise invalid(f"Event time {text!r} is not {form}.")


def invalid(message: str) -> AwsError:
    """Return the error of a record that is refused."""
    return AwsError("ValidationError", f"Validation Error: {message}")
