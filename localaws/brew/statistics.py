"""Statistics of one column, as a profile has them and rules ask for them."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from localaws.brew.casting import numbers
from localaws.brew.frames import NUMBERS, WHOLE, kind, missing, texts

Members = dict[str, Any]
SUPPORTED = ("byte", "short", "int", "long", "float", "double", "string", "boolean")
_TYPES = {"byte": "tinyint", "short": "smallint", "long": "bigint"}


class Column:
    """The values of a column, without those that are missing.

    Strings are measured by their length.

    Args:
        series: The column.
    """

    def __init__(self, series: pd.Series) -> None:
        absent = missing(series)
        self.kind = kind(series)
        self.rows = len(series)
        self.missing = int(absent.sum())
        self.present = series[~absent]
        self.measured = self._measured()
        self.counts = self.present.value_counts(sort=False)
        self.whole = self.kind in WHOLE or self.kind == "string"

    def _measured(self) -> pd.Series:
        if self.kind in NUMBERS:
            return numbers(self.present)
        if self.kind == "string":
            lengths = texts(self.present).map(lambda v: len(v))
            return lengths.astype("float64")
        return pd.Series(dtype="float64")

    @property
    def type(self) -> str:
        """The type by Spark's short name."""
        return _TYPES.get(self.kind, self.kind)

    def plain(self, value: Any) -> Any:
        """Return a measured value as JSON has it."""
        if value is None or pd.isna(value):
            return None
        return int(value) if self.whole and value == int(value) else float(value)

    def shown(self, value: Any) -> Any:
        """Return a value of the column as JSON has it."""
        if self.kind == "string":
            return str(value)
        return bool(value) if self.kind == "boolean" else self.plain(value)

    def z_scores(self) -> pd.Series:
        """Return how many standard deviations each value is from the mean."""
        return (self.measured - self.measured.mean()) / (self.measured.std() or np.nan)

    def entropy(self) -> float:
        """Return the entropy, in nats."""
        shares = self.counts / (self.counts.sum() or 1)
        return float(-(shares * np.log(shares)).sum()) + 0.0

    def moment(self, power: int) -> float:
        """Return a standardised central moment of the population."""
        gaps = self.measured - self.measured.mean()
        spread = math.sqrt((gaps**2).mean()) if len(gaps) else math.nan
        return float((gaps**power).mean() / (spread**power or math.nan))

    def mode(self) -> Any:
        """Return the most frequent measured value: the least of several."""
        found = self.measured.mode()
        return found.min() if len(found) else None


NUMERIC: dict[str, tuple[str, Callable[[Column], Any]]] = {
    "MAX": ("max", lambda c: c.plain(c.measured.max())),
    "MEAN": ("mean", lambda c: _float(c.measured.mean())),
    "MEDIAN": ("median", lambda c: _float(c.measured.median())),
    "MIN": ("min", lambda c: c.plain(c.measured.min())),
    "MODE": ("mode", lambda c: c.plain(c.mode())),
    "STANDARD_DEVIATION": ("standardDeviation", lambda c: _float(c.measured.std())),
    "INTER_QUARTILE_RANGE": (
        "interquartileRange",
        lambda c: _float(c.measured.quantile(0.75) - c.measured.quantile(0.25)),
    ),
    "KURTOSIS": ("kurtosis", lambda c: _float(c.moment(4) - 3)),
    "MEDIAN_ABSOLUTE_DEVIATION": (
        "medianAbsoluteDeviation",
        lambda c: _float((c.measured - c.measured.median()).abs().median()),
    ),
    "RANGE": ("range", lambda c: c.plain(c.measured.max() - c.measured.min())),
    "SKEWNESS": ("skewness", lambda c: _float(c.moment(3))),
    "SUM": ("sum", lambda c: c.plain(c.measured.sum())),
    "VARIANCE": ("variance", lambda c: _float(c.measured.var())),
    "ZEROS_COUNT": ("zerosCount", lambda c: int((c.measured == 0).sum())),
}
OF_LENGTH = ("MAX", "MEAN", "MEDIAN", "MIN", "MODE", "STANDARD_DEVIATION")


def _float(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def counted(column: Column) -> dict[str, int]:
    """Return how many values are missing, valid, distinct, unique and duplicate."""
    distinct = len(column.counts)
    return {
        "MISSING_VALUES": column.missing,
        "VALID_VALUES": len(column.present),
        "DISTINCT_VALUES": distinct,
        "UNIQUE_VALUES": int((column.counts == 1).sum()),
        "DUPLICATE_VALUES": len(column.present) - distinct,
    }


def statistic(column: Column, name: str, argument: str | None) -> float | None:
    """Return a statistic by its name in a rule.

    Args:
        column: Of the data set.
        name: Such as MISSING_VALUES_PERCENTAGE.
        argument: A quantile, or a threshold of z-scores.
    """
    what, _, unit = name.rpartition("_")
    if unit in ("COUNT", "PERCENTAGE"):
        if what == "Z_SCORE_OUTLIERS":
            limit = float(argument or 3)
            count = int((column.z_scores().abs() > limit).sum())
        else:
            count = counted(column)[what]
        return 100 * count / (column.rows or 1) if unit == "PERCENTAGE" else count
    if name == "ENTROPY":
        return column.entropy()
    if name == "QUANTILE":
        return _float(column.measured.quantile(float(argument or 0.5)))
    return NUMERIC[name][1](column)
