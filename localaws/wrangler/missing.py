"""Handle missing: impute, fill, add an indicator, drop."""

import datetime as dt
import math
from typing import Any

import pandas as pd

from localaws.wrangler.casting import cast
from localaws.wrangler.choices import Members, Step, choose, columns, whole
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import kind, missing, need, number, quantile
from localaws.wrangler.trained import Trained, read_model, scalar

_STRATEGIES = ("Mean", "Approximate Median")


def handle_missing(step: Step) -> pd.DataFrame:
    """Do what the node chose."""
    function, given, _ = choose(step.parameters, _TABLE)
    return function(step, given)


def _impute(step: Step, given: Members) -> pd.DataFrame:
    function, inner, member = choose(given, _IMPUTES, "column_type")
    trained = Trained(step.trained, "impute_parameters", member)
    return function(step.frame, inner, trained)


def _numeric(frame: pd.DataFrame, given: Members, trained: Trained) -> pd.DataFrame:
    result = frame.copy()
    for column, output, rest in columns(frame, given):
        strategy = rest.get("strategy")
        if strategy not in _STRATEGIES:
            raise FlowError(f"strategy must be one of {_STRATEGIES}")
        values = number(frame, column)
        learned = trained.recall(column, strategy=strategy)
        for row in read_model(learned.pop("imputer_model", "")):
            if column in row:
                learned["impute_value"] = scalar(row[column])
        if "impute_value" not in learned:
            if not values.notna().any():
                raise FlowError(f"the column {column!r} has no value to impute from")
            mean = strategy == "Mean"
            value = values.mean() if mean else quantile(values, 0.5)
            learned["impute_value"] = float(value)
        value = learned["impute_value"]
        if kind(frame[column]) == "long":
            value = math.trunc(value)
        result[output] = frame[column].fillna(value)
        trained.keep(column, learned)
    return result


def _categorical(frame: pd.DataFrame, given: Members, trained: Trained) -> pd.DataFrame:
    result = frame.copy()
    for column, output, _ in columns(frame, given):
        series, absent = frame[column], missing(frame[column])
        learned = trained.recall(column)
        if "impute_value" not in learned:
            counts = series[~absent].value_counts()
            if counts.empty:
                raise FlowError(f"the column {column!r} has no value to impute from")
            # of equal counts the smallest value, so that a second run says the same
            most = min(counts[counts == counts.iloc[0]].index)
            dated = isinstance(most, dt.date)
            learned["impute_value"] = most.isoformat() if dated else _plain(most)
        result[output] = _filled(series, absent, learned["impute_value"])
        trained.keep(column, learned)
    return result


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _fill(step: Step, given: Members) -> pd.DataFrame:
    result = step.frame.copy()
    for column, output, rest in columns(step.frame, given):
        if rest.get("fill_value") is None:
            raise FlowError("missing parameters: fill_value")
        series = step.frame[column]
        result[output] = _filled(series, missing(series), rest["fill_value"])
    return result


def _filled(series: pd.Series, absent: pd.Series, value: Any) -> pd.Series:
    target = kind(series)
    if target == "long":
        value = whole(value, "the value")
    (fitting,) = cast(pd.Series([str(value)], dtype=object), target)
    if target != "string" and pd.isna(fitting):
        raise FlowError(f"the value {value!r} is not of the column's type {target}")
    return series.where(~absent, fitting)


def _indicator(step: Step, given: Members) -> pd.DataFrame:
    result = step.frame.copy()
    for column, output, _ in columns(step.frame, given):
        name = f"{column}_indicator" if output == column else output
        result[name] = missing(step.frame[column]).astype("boolean")
    return result


def _drop(step: Step, given: Members) -> pd.DataFrame:
    if given.get("dimension") == "Drop Rows":
        given = given.get("drop_rows_parameters") or {}
    wanted = given.get("input_column") or list(step.frame.columns)
    names = need(step.frame, wanted if isinstance(wanted, list) else [wanted])
    absent = pd.concat([missing(step.frame[name]) for name in names], axis=1)
    return step.frame[~absent.any(axis=1)]


_IMPUTES = {
    "Numeric": (_numeric, "numeric_parameters"),
    "Categorical": (_categorical, "categorical_parameters"),
}
_TABLE = {
    "Impute": (_impute, "impute_parameters"),
    "Fill missing": (_fill, "fill_missing_parameters"),
    "Add indicator for missing": (_indicator, "add_indicator_for_missing_parameters"),
    "Drop missing": (_drop, "drop_missing_parameters"),
}
