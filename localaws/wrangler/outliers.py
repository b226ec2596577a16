"""Handle outliers: find the bounds of a column, and mend what is beyond them."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from localaws.wrangler.choices import Members, Step, call, choose, columns, real, whole
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import number, quantile, text
from localaws.wrangler.trained import Trained

Bounds = tuple[float, float]
_METHODS = ("Clip", "Remove", "Invalidate")


def handle_outliers(step: Step) -> pd.DataFrame:
    """Do what the node chose."""
    function, given, member = choose(step.parameters, _TABLE)
    frame = step.frame
    trained = Trained(step.trained, member)
    for column, output, rest in columns(frame, given):
        if function is _rare:
            frame = call(_rare, rest, frame, column, output, trained)
        else:
            frame = _numeric(frame, (column, output), rest, function, trained)
    return frame


def _numeric(
    frame: pd.DataFrame,
    names: tuple[str, str],
    given: Members,
    bounds: Callable[..., Bounds],
    trained: Trained,
) -> pd.DataFrame:
    column, output = names
    method = given.get("fix_method") or "Clip"
    if method not in _METHODS:
        raise FlowError(f"fix_method must be one of {_METHODS}; found {method!r}")
    values = number(frame, column)
    learned = trained.recall(column, **_hashed(bounds, given))
    options = {name: value for name, value in given.items() if name != "fix_method"}
    if "lower_threshold" not in learned:
        lower, upper = call(bounds, options, values.dropna())
        learned |= {"lower_threshold": lower, "upper_threshold": upper}
    if bounds is not _given:
        trained.keep(column, learned)
    lower, upper = learned["lower_threshold"], learned["upper_threshold"]
    result = frame.copy()
    if method == "Clip":
        result[output] = values.clip(lower, upper)
        return result
    inside = values.between(lower, upper)
    result[output] = frame[column]
    if method == "Remove":
        return result[inside]
    result[output] = frame[column].where(inside)
    return result


def _hashed(bounds: Callable[..., Bounds], given: Members) -> Members:
    return {
        name: given.get(name) if default is None else float(given.get(name, default))
        for name, default in _HASHED.get(bounds, {}).items()
    }


def _deviations(values: pd.Series, *, standard_deviations: Any = 4) -> Bounds:
    width = real(standard_deviations, "standard_deviations")
    if width < 0:
        raise FlowError("standard_deviations must not be negative")
    if len(values) < 2:
        return 0.0, 0.0
    mean, deviation = float(values.mean()), float(values.std())
    return mean - width * deviation, mean + width * deviation


def _robust(
    values: pd.Series,
    *,
    lower_quantile: Any = 0.25,
    upper_quantile: Any = 0.75,
    standard_deviations: Any = 4,
) -> Bounds:
    lower, upper = _quantiles(
        values, lower_quantile=lower_quantile, upper_quantile=upper_quantile
    )
    inside = values[values.between(lower, upper)]
    return _deviations(inside, standard_deviations=standard_deviations)


def _quantiles(
    values: pd.Series, *, lower_quantile: Any = 0.01, upper_quantile: Any = 0.99
) -> Bounds:
    parts = (
        real(lower_quantile, "lower_quantile"),
        real(upper_quantile, "upper_quantile"),
    )
    if not all(0 <= part <= 1 for part in parts):
        raise FlowError("quantiles must be between 0 and 1")
    if values.empty:
        return 0.0, 0.0
    return quantile(values, parts[0]), quantile(values, parts[1])


def _given(values: pd.Series, *, lower_threshold: Any, upper_threshold: Any) -> Bounds:
    return real(lower_threshold, "lower_threshold"), real(
        upper_threshold, "upper_threshold"
    )


def _rare(
    frame: pd.DataFrame,
    column: str,
    output: str,
    trained: Trained,
    *,
    replacement_string: str,
    absolute_threshold: Any = 10,
    fraction_threshold: Any = 0.005,
    max_common_categories: Any = 0,
) -> pd.DataFrame:
    options = {
        "replacement_string": replacement_string,
        "absolute_threshold": whole(absolute_threshold, "absolute_threshold"),
        "fraction_threshold": real(fraction_threshold, "fraction_threshold"),
        "max_common_categories": whole(max_common_categories, "max_common_categories"),
    }
    values = text(frame[column])
    learned = trained.recall(column, **options)
    if "common_categories" not in learned:
        counts = values.value_counts()
        least = max(
            options["fraction_threshold"] * len(frame), options["absolute_threshold"]
        )
        common = sorted(counts[counts > least].items(), key=lambda c: (-c[1], c[0]))
        most = options["max_common_categories"] or len(common)
        learned["common_categories"] = [value for value, _ in common[:most]]
    trained.keep(column, learned)
    kept = values.where(values.isin(learned["common_categories"]), replacement_string)
    return frame.assign(**{output: kept})


_TABLE = {
    "Standard deviation numeric outliers": (
        _deviations,
        "standard_deviation_numeric_outliers_parameters",
    ),
    "Robust standard deviation numeric outliers": (
        _robust,
        "robust_standard_deviation_numeric_outliers_parameters",
    ),
    "Quantile numeric outliers": (_quantiles, "quantile_numeric_outliers_parameters"),
    "Min-max numeric outliers": (_given, "min_max_numeric_outliers_parameters"),
    "Replace rare values": (_rare, "replace_rare_values_parameters"),
}
_HASHED: dict[Callable[..., Any], Members] = {
    _deviations: {"standard_deviations": None, "fix_method": None},
    _robust: {
        "fix_method": None,
        "lower_quantile": 0.25,
        "upper_quantile": 0.75,
        "standard_deviations": None,
    },
    _quantiles: {"fix_method": None, "lower_quantile": 0.01, "upper_quantile": 0.99},
}
