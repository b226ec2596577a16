"""Process numeric: the scalers of Spark ML."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from localaws.wrangler.choices import Members, Step, call, choose, columns, real
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import number, quantile
from localaws.wrangler.trained import Trained, read_model, scalar, write_model


def process_numeric(step: Step) -> pd.DataFrame:
    """Scale each input column by what was learned, or is learned now."""
    _, given, outer = choose(step.parameters, _OPERATORS)
    fit, inner, member = choose(given, _TABLE, "scaler")
    model, hashed = _MODELS[fit]
    trained = Trained(step.trained, outer, member)
    result = step.frame.copy()
    for column, output, rest in columns(step.frame, inner):
        values = number(step.frame, column)
        options = {name: rest.get(name) for name in hashed}
        learned = trained.recall(column, input_column=column, **options)
        found = {
            name: scalar(value)
            for row in read_model(learned.get("scaler_model", ""))
            for name, value in row.items()
        }
        if not found and not values.notna().any():
            raise FlowError(f"the column {column!r} has no value to scale by")
        statistics, shift, factor = call(fit, rest, found, values.dropna())
        if not found:
            vectors = {name: [value] for name, value in statistics.items()}
            learned["scaler_model"] = write_model(model, vectors)
        result[output] = (values - shift) * factor
        if fit is _min_max:
            result[output] += _lowest(statistics, rest)
        trained.keep(column, learned)
    return result


def _lowest(statistics: Members, given: Members) -> float:
    """Return where the range of a min-max scaler begins; its middle if it is flat."""
    low, high = real(given.get("min", 0), "min"), real(given.get("max", 1), "max")
    flat = statistics["originalMax"] == statistics["originalMin"]
    return (low + high) / 2 if flat else low


def _standard(
    known: Members, values: pd.Series, *, center: Any = False, scale: Any = True
) -> tuple[Members, float, float]:
    found = known or {"std": float(values.std()), "mean": float(values.mean())}
    deviation = found["std"]
    # Spark maps a column without spread to zeros
    factor = (1 / deviation if deviation else 0.0) if scale else 1.0
    return found, found["mean"] if center else 0.0, factor


def _robust(
    known: Members,
    values: pd.Series,
    *,
    lower_quantile: Any = 0.25,
    upper_quantile: Any = 0.75,
    center: Any = False,
    scale: Any = True,
) -> tuple[Members, float, float]:
    found = known
    if not found:
        lower = quantile(values, real(lower_quantile, "lower_quantile"))
        upper = quantile(values, real(upper_quantile, "upper_quantile"))
        found = {"range": upper - lower, "median": quantile(values, 0.5)}
    width = found["range"]
    factor = (1 / width if width else 0.0) if scale else 1.0
    return found, found["median"] if center else 0.0, factor


def _min_max(
    known: Members, values: pd.Series, *, min: Any = 0, max: Any = 1
) -> tuple[Members, float, float]:
    low, high = real(min, "min"), real(max, "max")
    if low >= high:
        raise FlowError(f"min {low} must be below max {high}")
    found = known or {
        "originalMin": float(values.min()),
        "originalMax": float(values.max()),
    }
    width = found["originalMax"] - found["originalMin"]
    factor = (high - low) / width if width else 0.0
    return found, found["originalMin"], factor


def _max_absolute(known: Members, values: pd.Series) -> tuple[Members, float, float]:
    found = known or {"maxAbs": float(values.abs().max())}
    return found, 0.0, 1 / (found["maxAbs"] or 1.0)


_TABLE = {
    "Standard scaler": (_standard, "standard_scaler_parameters"),
    "Robust scaler": (_robust, "robust_scaler_parameters"),
    "Min-max scaler": (_min_max, "min_max_scaler_parameters"),
    "Max absolute scaler": (_max_absolute, "max_absolute_scaler_parameters"),
}
_OPERATORS = {"Scale values": (choose, "scale_values_parameters")}
# The model of each in Spark ML, and what the hash of its training covers.
_MODELS: dict[Callable[..., Any], tuple[str, tuple[str, ...]]] = {
    _standard: ("StandardScalerModel", ("center", "scale")),
    _robust: (
        "RobustScalerModel",
        ("center", "scale", "lower_quantile", "upper_quantile"),
    ),
    _min_max: ("MinMaxScalerModel", ("min", "max")),
    _max_absolute: ("MaxAbsScalerModel", ()),
}
