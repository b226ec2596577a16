"""Manage rows, and samples of them."""

import json
from typing import Any

import pandas as pd

from localaws.wrangler.choices import Absent, Members, Step, call, choose, whole
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import need

SEED = 838_257_247
_ORDERS = ("Ascending", "Descending")


def manage_rows(step: Step) -> pd.DataFrame:
    """Do what the node chose."""
    function, given, _ = choose(step.parameters, _TABLE)
    return call(function, given, step.frame)


def _shuffle(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=SEED % 2**32)


def _sort(
    frame: pd.DataFrame,
    *,
    sort_by: str | None = None,
    order: str | None = None,
    conditions: list[Members] | None = None,
) -> pd.DataFrame:
    wanted = conditions or [{"sort_by": sort_by, "order": order}]
    names = need(frame, [condition.get("sort_by") for condition in wanted])
    if len(set(names)) < len(names):
        raise FlowError(f"a column is sorted by twice: {', '.join(names)}")
    # from the last column to the first: each sort keeps the order of the one before
    for condition in reversed(wanted):
        if condition.get("order") not in _ORDERS:
            raise FlowError(f"order must be one of {_ORDERS}")
        rising = condition["order"] == "Ascending"
        frame = frame.sort_values(
            condition["sort_by"],
            ascending=rising,
            na_position="first" if rising else "last",
            kind="stable",
        )
    return frame


def _drop_duplicates(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[~frame.map(_hashable).duplicated()]


def _hashable(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True, default=str)
    return tuple(value) if isinstance(value, list) else value


def _drop_empty(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.dropna(how="all")


_TABLE = {
    "Shuffle": (_shuffle, "shuffle_parameters"),
    "Sort": (_sort, "sort_parameters"),
    "Drop duplicates": (_drop_duplicates, "drop_duplicates_parameters"),
    "Drop empty": (_drop_empty, "drop_empty_parameters"),
    "Filter": (
        Absent(
            "keeps the rows whose values meet conditions; WHERE in an SQL transform "
            "and filter in a PySpark transform do too"
        ),
        "filter_parameters",
    ),
}


def sampling(step: Step) -> pd.DataFrame:
    """Take a sample of the rows."""
    function, given, _ = choose(step.parameters, _SAMPLES, "sampling_method")
    return call(function, given, step.frame)


def _random(frame: pd.DataFrame, *, sample_size: Any, seed: Any = None) -> pd.DataFrame:
    size = min(whole(sample_size, "sample_size"), len(frame))
    state = SEED if seed is None else whole(seed, "seed")
    return frame.sample(n=size, random_state=state % 2**32).sort_index()


_SAMPLES = {
    "Random": (_random, "random_parameters"),
    "Limit": (Absent("takes the first rows"), "limit_parameters"),
    "Stratified": (
        Absent("samples each value of a column in its proportion"),
        "stratified_parameters",
    ),
}
