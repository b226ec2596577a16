"""The settings of a job, checked, with the values that DataBrew fills in."""

import re
from collections.abc import Iterable
from typing import Any

from localaws.brew import profiling
from localaws.errors import NotImplementedHere, ValidationError
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.databrew.operations import Members
from localaws.services.databrew.projects import check_role

_KEPT = (
    "RoleArn",
    "EncryptionMode",
    "LogSubscription",
    "MaxCapacity",
    "MaxRetries",
    "Timeout",
)
# How the formats may be packed here; None is as the format is by itself.
_PACKING: dict[str, tuple[str | None, ...]] = {
    "CSV": (None, "GZIP", "BZIP2"),
    "JSON": (None, "GZIP", "BZIP2"),
    "PARQUET": (None, "SNAPPY", "GZIP", "ZSTD", "BROTLI"),
    "GLUEPARQUET": (None, "SNAPPY"),
    "AVRO": (None,),
    "ORC": (None,),
}


def defaults() -> Members:
    """Return what a job has if nothing else is said."""
    return {
        "LogSubscription": "ENABLE",
        "MaxCapacity": int(limit("databrew", "nodes")),
        "MaxRetries": 0,
        "Timeout": int(limit("databrew", "timeout_minutes")),
    }


def common(context: Context, given: Members) -> Members:
    """Return the settings that jobs of both types have."""
    check_role(context, given["RoleArn"])
    found = {name: given[name] for name in _KEPT if name in given}
    if found.get("MaxCapacity", 2) < 2:
        raise ValidationError("MaxCapacity must be at least 2 nodes.")
    if found.get("Timeout", 1) < 1:
        raise ValidationError("Timeout must be at least 1 minute.")
    return found


def check_outputs(operation: str, outputs: Iterable[Members] | None) -> None:
    """Refuse outputs that cannot be written."""
    if not outputs:
        raise ValidationError("At least one of Outputs must be given.")
    for one in outputs:
        form = one.get("Format", "CSV")
        packing = one.get("CompressionFormat")
        if packing not in _PACKING[form]:
            raise NotImplementedHere(
                f"databrew:{operation} CompressionFormat={packing!r} of {form}",
                "compresses the files, where the format allows it",
            )
        if "Csv" in one.get("FormatOptions", {}) and form != "CSV":
            raise ValidationError(f"FormatOptions.Csv is not for {form}.")


def check_profile(given: Members) -> None:
    """Refuse a profile configuration that asks for what there is not."""
    for one in given.get("ProfileColumns", ()):
        _selector(one)
    _statistics(given.get("DatasetStatisticsConfiguration", {}), profiling.OF_DATASET)
    for one in given.get("ColumnStatisticsConfigurations", ()):
        for selector in one.get("Selectors", ()):
            _selector(selector)
        _statistics(one["Statistics"], profiling.NUMBER)


def _selector(given: Members) -> None:
    if len(given) != 1:
        raise ValidationError("A column selector has either a Name or a Regex.")
    try:
        re.compile(given.get("Regex", ""))
    except re.error as error:
        raise ValidationError(f"Regex {given['Regex']!r}: {error}") from error


def _statistics(given: Members, known: tuple[str, ...]) -> None:
    for name in given.get("IncludedStatistics", ()):
        if name not in (*known, profiling.NONE):
            raise ValidationError(f"{name} is not a statistic that can be included.")
    for one in given.get("Overrides", ()):
        name = one["Statistic"]
        if name not in known or name not in profiling.SETTINGS:
            raise ValidationError(f"{name} has no parameters to override.")
        for parameter, value in one["Parameters"].items():
            _parameter(name, parameter, value)


def _parameter(statistic: str, name: str, value: Any) -> None:
    if name not in profiling.SETTINGS[statistic]:
        raise ValidationError(f"{name} is not a parameter of {statistic}.")
    if name == "columnSelectors":
        return
    everything = value == "ALL" and name in ("sampleSize", "columnNumber")
    number = re.fullmatch(r"\d+(\.\d+)?", value)
    whole = number and (name in ("threshold", "mildThreshold") or value.isdigit())
    if not everything and not (whole and float(value) >= 0):
        raise ValidationError(f"{name} of {statistic} cannot be {value!r}.")
