"""Split data into two or three sets."""

import hashlib
import math
from typing import Any

import numpy as np
import pandas as pd

from localaws.wrangler.choices import Members, Step, call, choose, real, whole
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import need, number, text
from localaws.wrangler.rows import SEED

Splits = dict[str, pd.DataFrame]
_MOST_ERROR, _MOST_STRATA = 0.0007, 1000


def split(step: Step) -> Splits:
    """Do what the node chose; the first split is the default output too."""
    function, given, _ = choose(step.parameters, _TABLE)
    parts = call(function, given, step.frame)
    empty = [name for name, part in parts.items() if part.empty]
    if empty:
        raise FlowError(f"splits without a row: {', '.join(empty)}")
    return {"default": next(iter(parts.values())), **parts}


def _random(
    frame: pd.DataFrame, *, splits: Any, error: Any = 0, seed: Any = SEED
) -> Splits:
    return _divided(frame, pd.Series(_draws(frame, seed)), _shares(splits, error))


def _ordered(
    frame: pd.DataFrame,
    *,
    splits: Any,
    error: Any = 0,
    input_column: str = "",
    handle_duplicates: Any = False,
    seed: Any = SEED,
) -> Splits:
    order = pd.Series(np.arange(len(frame), dtype=float))
    if input_column:
        order = number(frame, input_column).reset_index(drop=True)
        if handle_duplicates:
            order = order * (1 + _draws(frame, seed) * 1e-13)
    return _divided(frame, order, _shares(splits, error))


def _stratified(
    frame: pd.DataFrame,
    *,
    splits: Any,
    input_column: str,
    error: Any = 0,
    seed: Any = SEED,
) -> Splits:
    need(frame, [input_column])
    shares = _shares(splits, error)
    draws = pd.Series(_draws(frame, seed), index=frame.index)
    strata = frame.groupby(input_column, sort=True)
    if strata.ngroups > _MOST_STRATA:
        raise FlowError(f"{input_column!r} has more than {_MOST_STRATA} values")
    found = [
        _divided(stratum, draws[stratum.index].reset_index(drop=True), shares)
        for _, stratum in strata
    ]
    return {
        name: pd.concat([parts[name] for parts in found]).sort_index()
        for name in shares
    }


def _by_key(
    frame: pd.DataFrame, *, splits: Any, key_columns: list[str], error: Any = 0
) -> Splits:
    keys = need(frame, key_columns)
    if not keys:
        raise FlowError("key_columns must name a column")
    values = pd.concat([text(frame[key]) for key in keys], axis=1)
    order = pd.Series([_hashed(row) for row in values.itertuples(index=False)])
    return _divided(frame, order, _shares(splits, error))


def _hashed(row: tuple[Any, ...]) -> float:
    return float(int.from_bytes(hashlib.sha256(repr(row).encode()).digest()[:6]))


def _draws(frame: pd.DataFrame, seed: Any) -> Any:
    return np.random.default_rng(whole(seed, "seed")).random(len(frame))


def _shares(splits: list[Members], error: Any) -> dict[str, float]:
    if real(error, "error") > _MOST_ERROR:
        raise FlowError(f"error must be at most {_MOST_ERROR}")
    shares = {one["name"]: real(one["percentage"], "percentage") for one in splits}
    if len(shares) != len(splits) or "default" in shares:
        raise FlowError("the names of splits must differ, and none be 'default'")
    if not 2 <= len(shares) <= 3:
        raise FlowError("data are split in two or three")
    total = sum(shares.values())
    if not math.isclose(total, 1, abs_tol=1e-3) or min(shares.values()) <= 0:
        raise FlowError(f"the percentages must be above 0 and add up to 1, not {total}")
    return shares


def _divided(frame: pd.DataFrame, order: pd.Series, shares: dict[str, float]) -> Splits:
    """Cut at the quantiles of an order; equal values stay together."""
    ranked = order.dropna().sort_values().to_numpy()
    names, bounds, total = list(shares), [-math.inf], 0.0
    for name in names[:-1]:
        total += shares[name]
        # the sum of 0.7 and 0.1 is a little above 0.8, and must not take one row more
        place = math.ceil(round(total * len(ranked), 9)) - 1
        bounds.append(ranked[min(max(place, 0), len(ranked) - 1)] if len(ranked) else 0)
    bounds.append(math.inf)
    values = order.to_numpy()
    return {
        name: frame[(values > bounds[i]) & (values <= bounds[i + 1])]
        for i, name in enumerate(names)
    }


_TABLE = {
    "Randomized split": (_random, "randomized_split_parameters"),
    "Ordered split": (_ordered, "ordered_split_parameters"),
    "Stratified split": (_stratified, "stratified_split_parameters"),
    "Split by key": (_by_key, "split_by_key_parameters"),
}
