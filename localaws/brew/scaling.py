"""Data science steps on numbers: scales, skew, bins."""

import numpy as np
import pandas as pd

from localaws.brew.errors import BrewError
from localaws.brew.frames import strings
from localaws.brew.step import Step

_STRATEGIES = ("MIN_MAX", "SCALE_BETWEEN", "MEAN_NORMALIZATION", "Z_SCORE")


def z_scores(values: pd.Series) -> pd.Series:
    """Return how many standard deviations each number is from the mean."""
    return (values - values.mean()) / (values.std() or np.nan)


def scale(step: Step) -> pd.DataFrame:
    """NORMALIZATION, which the guide describes as SCALE."""
    strategy = step.choice("strategy", *_STRATEGIES)
    values = step.floats
    least, most = values.min(), values.max()
    width = (most - least) or np.nan
    if strategy == "Z_SCORE":
        return step.new(z_scores(values))
    if strategy == "MEAN_NORMALIZATION":
        return step.new((values - values.mean()) / width)
    if strategy == "MIN_MAX":
        return step.new((values - least) / width)
    low, high = step.number("lowerBound"), step.number("upperBound")
    return step.new(low + (values - least) / width * (high - low))


def skewed(step: Step, values: pd.Series) -> pd.Series:
    """Return numbers under the step's skewFunction."""
    function = step.choice("skewFunction", "ROOT", "LOG", "SQUARE")
    if function == "SQUARE":
        return values**2
    argument = step.number("value", 2.0 if function == "ROOT" else 10.0)
    if argument <= 0 or (function == "LOG" and argument == 1):
        raise BrewError(f"value {argument} is not an argument of {function}.")
    if function == "ROOT":
        return values.where(values >= 0) ** (1 / argument)
    return np.log(values.where(values > 0)) / np.log(argument)


def skewness(step: Step) -> pd.DataFrame:
    """SKEWNESS: root, logarithm or square."""
    return step.new(skewed(step, step.floats))


def binarization(step: Step) -> pd.DataFrame:
    """BINARIZATION: 1 above the threshold, or with flip at most at it."""
    values = step.floats
    above = values > step.number("threshold")
    ones = ~above if step.flag("flip") else above
    return step.new(ones.astype("Int32").where(values.notna()))


def bucketization(step: Step) -> pd.DataFrame:
    """BUCKETIZATION by splits, or in equal shares by percentage."""
    names = [str(one) for one in step.listed("bucketNames")]
    values = step.floats
    if "splits" in step.given:
        edges = _edges(step)
        if len(edges) != len(names) + 1:
            raise BrewError(f"{len(names)} buckets need {len(names) + 1} splits.")
        place = np.searchsorted(edges, values, side="right") - 1
        place = np.where(values == edges[-1], len(names) - 1, place)
    else:
        share = step.number("percentage")
        if not 0 < share <= 100 or share * len(names) < 100:
            raise BrewError(f"{len(names)} buckets of {share} % do not hold all rows.")
        rank = values.rank(method="first") - 1
        place = np.floor(rank / len(values.dropna()) * 100 / share)
    found = [
        names[int(one)] if pd.notna(value) and 0 <= one < len(names) else None
        for one, value in zip(place, values, strict=True)
    ]
    return step.new(strings(found, values.index))


def _edges(step: Step) -> list[float]:
    try:
        edges = [float(one) for one in step.listed("splits")]
    except ValueError as error:
        raise BrewError(f"splits are not numbers: {step.text('splits')}") from error
    if edges != sorted(set(edges)):
        raise BrewError(f"splits must increase: {step.text('splits')}")
    return edges
