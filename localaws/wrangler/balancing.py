"""Balance data: rows of two labels, until the rarer one is as frequent as asked."""

from typing import Any

import pandas as pd

from localaws.wrangler.choices import Absent, Step, call, choose, real
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import need
from localaws.wrangler.rows import SEED


def balance_data(step: Step) -> pd.DataFrame:
    """Do what the node chose."""
    function, _, _ = choose(step.parameters, _TABLE)
    beside = ("operator", "smote_params")
    given = {n: v for n, v in step.parameters.items() if n not in beside}
    return call(function, given, step.frame)


def _undersample(
    frame: pd.DataFrame, *, target_column: str, ratio: Any
) -> pd.DataFrame:
    rare, frequent, share = _sides(frame, target_column, ratio)
    kept = frequent.sample(n=round(len(rare) / share), random_state=SEED)
    return pd.concat([rare, kept]).sort_index()


def _oversample(frame: pd.DataFrame, *, target_column: str, ratio: Any) -> pd.DataFrame:
    rare, frequent, share = _sides(frame, target_column, ratio)
    count = round(share * len(frequent)) - len(rare)
    turns = [rare.sample(frac=1, random_state=SEED)] * -(-count // len(rare))
    return pd.concat([frame, pd.concat(turns)[:count]], ignore_index=True)


def _sides(
    frame: pd.DataFrame, target: str, ratio: Any
) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Return the rows of the rarer label, those of the other, and the ratio."""
    need(frame, [target])
    share = real(ratio, "ratio")
    if not 0 < share <= 1:
        raise FlowError(f"ratio must be above 0 and at most 1; found {share}")
    counts = frame[target].value_counts()
    if len(counts) != 2:
        raise FlowError(f"{target!r} must have 2 labels, and has {len(counts)}")
    now = counts.iloc[1] / counts.iloc[0]
    if share <= now:
        raise FlowError(f"the ratio {share} is not above that of the data, {now:.4f}")
    rare = frame[target] == counts.index[1]
    return frame[rare.fillna(False)], frame[~rare.fillna(True)], share


_TABLE = {
    "Random undersample": (_undersample, "operator"),
    "Random oversample": (_oversample, "operator"),
    "SMOTE": (
        Absent("makes rows between those of the rarer label and their neighbours"),
        "smote_params",
    ),
}
