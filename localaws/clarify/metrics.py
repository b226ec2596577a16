"""The metrics of bias before training, as the developer guide defines them.

The formulas are those of "Measure Pre-training Bias" and of its page for each metric:
https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-data-bias.html
There *d* is the sensitive facet, *a* everybody else, P(y) the share of a label value
among them, and logarithms are natural.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from localaws.clarify.errors import Undefined


@dataclass(frozen=True)
class Split:
    """The rows of a data set, split by one facet.

    Attributes:
        members: Whether a row belongs to facet *d*.
        positive: Whether its outcome is positive.
        labels: Its label; that of a regression is whether it is above the threshold.
        strata: Its subgroup, if the analysis has subgroups.
    """

    members: pd.Series
    positive: pd.Series
    labels: pd.Series
    strata: pd.Series | None = None

    @cached_property
    def shares(self) -> tuple[np.ndarray, np.ndarray]:
        """Pa(y) and Pd(y), over the same label values."""
        table = pd.crosstab(self.labels, self.members, normalize="columns")
        return table[False].to_numpy(), table[True].to_numpy()


def ci(split: Split) -> float:
    """Rows of a less those of d, over all rows."""
    d = int(split.members.sum())
    n = len(split.members)
    return (n - 2 * d) / n


def dpl(split: Split) -> float:
    """The share of positive outcomes in a, less that in d."""
    a, d = split.positive[~split.members], split.positive[split.members]
    return float(a.mean() - d.mean())


def kl(split: Split) -> float:
    """The sum of Pa(y) log(Pa(y) / Pd(y))."""
    a, d = split.shares
    if ((a > 0) & (d == 0)).any():
        raise Undefined("KL is infinite: facet d has no row of a label that a has")
    return _divergence(a, d)


def js(split: Split) -> float:
    """(KL(Pa || P) + KL(Pd || P)) / 2, with P = (Pa + Pd) / 2."""
    a, d = split.shares
    middle = (a + d) / 2
    return (_divergence(a, middle) + _divergence(d, middle)) / 2


def _divergence(p: np.ndarray, q: np.ndarray) -> float:
    some = p > 0
    return float((p[some] * np.log(p[some] / q[some])).sum())


def lp(split: Split) -> float:
    """The Euclidean norm of Pa - Pd."""
    a, d = split.shares
    return float(np.linalg.norm(a - d))


def tvd(split: Split) -> float:
    """Half of the sum of |Pa(y) - Pd(y)|."""
    a, d = split.shares
    return float(np.abs(a - d).sum()) / 2


def ks(split: Split) -> float:
    """The largest |Pa(y) - Pd(y)|."""
    a, d = split.shares
    return float(np.abs(a - d).max())


def cddl(split: Split) -> float:
    """The mean of each subgroup's nd(0) / n(0) - nd(1) / n(1), weighted by its rows.

    A subgroup without rejected (or accepted) rows has no share of them, and counts 0.
    """
    if split.strata is None:
        raise Undefined("Group variable is empty or not provided")
    rows = pd.DataFrame({"d": split.members, "positive": split.positive})
    total = 0.0
    for _, group in rows.groupby(split.strata, sort=True):
        rejected, accepted = group.d[~group.positive], group.d[group.positive]
        disparity = _mean(rejected) - _mean(accepted)
        total += len(group) * disparity
    return total / len(rows)


def _mean(members: pd.Series) -> float:
    return float(members.mean()) if len(members) else 0.0


METRICS: dict[str, tuple[str, Callable[[Split], float]]] = {
    "CDDL": ("Conditional Demographic Disparity in Labels (CDDL)", cddl),
    "CI": ("Class Imbalance (CI)", ci),
    "DPL": ("Difference in Positive Proportions in Labels (DPL)", dpl),
    "JS": ("Jensen-Shannon Divergence (JS)", js),
    "KL": ("Kullback-Leibler Divergence (KL)", kl),
    "KS": ("Kolmogorov-Smirnov Distance (KS)", ks),
    "LP": ("L-p Norm (LP)", lp),
    "TVD": ("Total Variation Distance (TVD)", tvd),
}


def measured(name: str, split: Split) -> dict[str, Any]:
    """Return one metric as analysis.json holds it."""
    description, function = METRICS[name]
    found: dict[str, Any] = {"name": name, "description": description}
    try:
        return {**found, "value": function(split)}
    except Undefined as error:
        return {**found, "value": None, "error": str(error)}
