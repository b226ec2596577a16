"""Steps on outliers: how they are told, flagged, removed, replaced, rescaled."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from localaws.brew.errors import BrewError
from localaws.brew.frames import tight
from localaws.brew.quality import flagged, mode
from localaws.brew.scaling import skewed, z_scores
from localaws.brew.step import Step

# Makes the median absolute deviation comparable with a standard deviation.
_NORMAL = 0.6745
_STRATEGIES = ("Z_SCORE", "MODIFIED_Z_SCORE", "IQR")
_REPLACE = (
    "WINSORIZE_VALUES",
    "REPLACE_WITH_CUSTOM",
    "REPLACE_WITH_EMPTY",
    "REPLACE_WITH_NULL",
    "REPLACE_WITH_MODE",
    "REPLACE_WITH_AVERAGE",
    "REPLACE_WITH_MEDIAN",
    "REPLACE_WITH_SUM",
    "REPLACE_WITH_MAX",
)


def outlying(values: pd.Series, strategy: str, threshold: float) -> pd.Series:
    """Tell which numbers are outliers.

    Args:
        values: Numbers.
        strategy: Z_SCORE, MODIFIED_Z_SCORE or IQR.
        threshold: Standard deviations, absolute deviations or interquartile ranges.
    """
    if strategy == "IQR":
        low, high = values.quantile(0.25), values.quantile(0.75)
        reach = threshold * (high - low)
        return (values < low - reach) | (values > high + reach)
    if strategy == "Z_SCORE":
        scores = z_scores(values)
    else:
        middle = values.median()
        deviation = (values - middle).abs().median()
        scores = _NORMAL * (values - middle) / (deviation or np.nan)
    return (scores.abs() > threshold).astype(bool)


def _found(step: Step) -> pd.Series:
    strategy = step.choice("outlierStrategy", *_STRATEGIES)
    return outlying(step.floats, strategy, step.number("threshold", 3))


def _bounds(step: Step) -> tuple[float, float]:
    low, high = step.number("minValue", 0), step.number("maxValue", 100)
    if not 0 <= low < high <= 100:
        raise BrewError(f"minValue {low} and maxValue {high} are not percentiles.")
    values = step.floats
    return values.quantile(low / 100), values.quantile(high / 100)


def _trimmed(step: Step, default: bool = False) -> pd.Series:
    """Tell which outliers are meant: all, or those beyond the percentiles."""
    found = _found(step)
    if not step.flag("trimValue", default):
        return found
    low, high = _bounds(step)
    return found & ((step.floats < low) | (step.floats > high))


def flag_outliers(step: Step) -> pd.DataFrame:
    """FLAG_OUTLIERS."""
    return flagged(step, _found(step))


def remove_outliers(step: Step) -> pd.DataFrame:
    """REMOVE_OUTLIERS: delete their rows, or clear the values."""
    how = step.choice("removeType", "DELETE_ROWS", "CLEAR")
    found = _trimmed(step)
    if how == "DELETE_ROWS":
        return step.keep(~found)
    return step.put(step.source.where(~found))


def replace_outliers(step: Step) -> pd.DataFrame:
    """REPLACE_OUTLIERS by a value that the others have in common, or by a cap."""
    how = step.choice("replaceType", *_REPLACE)
    values = step.floats
    found = _trimmed(step, how == "WINSORIZE_VALUES")
    if how == "WINSORIZE_VALUES":
        low, high = _bounds(step)
        return step.put(
            tight(values.where(~found, values.clip(low, high)), step.source)
        )
    others = values[~found]
    chosen: dict[str, Callable[[], Any]] = {
        "REPLACE_WITH_CUSTOM": lambda: step.number("value"),
        "REPLACE_WITH_EMPTY": lambda: np.nan,
        "REPLACE_WITH_NULL": lambda: np.nan,
        "REPLACE_WITH_MODE": lambda: mode(
            others,
            step.choice("modeType", "NONE", "AVERAGE", "MAXIMUM", "MINIMUM"),
        ),
        "REPLACE_WITH_AVERAGE": others.mean,
        "REPLACE_WITH_MEDIAN": others.median,
        "REPLACE_WITH_SUM": others.sum,
        "REPLACE_WITH_MAX": others.max,
    }
    return step.put(tight(values.where(~found, chosen[how]()), step.source))


def rescale_with_z_score(step: Step) -> pd.DataFrame:
    """RESCALE_OUTLIERS_WITH_Z_SCORE: outliers get their z-score."""
    values = step.floats
    return step.new(values.where(~_found(step), z_scores(values)))


def rescale_with_skew(step: Step) -> pd.DataFrame:
    """RESCALE_OUTLIERS_WITH_SKEW: outliers are drawn in by a function."""
    values = step.floats
    return step.new(values.where(~_found(step), skewed(step, values)))
