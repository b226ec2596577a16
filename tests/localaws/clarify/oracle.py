"""The metrics once more, from counts and SciPy: an oracle that shares no code."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from fractions import Fraction

from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

Labels = Sequence[Hashable]


def metrics(
    members: Sequence[bool],
    labels: Labels,
    positive: Sequence[bool],
    strata: Labels | None = None,
) -> dict[str, float]:
    """Return each metric, as the guide's formulas give it from counts."""
    rows = list(zip(members, labels, positive, strata or labels, strict=True))
    n_d = sum(members)
    n_a = len(rows) - n_d
    by_label = {
        side: Counter(label for d, label, _, _ in rows if d is side)
        for side in (True, False)
    }
    names = sorted(set(labels), key=str)
    p_a = [Fraction(by_label[False][name], n_a) for name in names]
    p_d = [Fraction(by_label[True][name], n_d) for name in names]
    gaps = [abs(a - d) for a, d in zip(p_a, p_d, strict=True)]
    q_a = Fraction(sum(y for d, _, y, _ in rows if not d), n_a)
    q_d = Fraction(sum(y for d, _, y, _ in rows if d), n_d)
    found = {
        "CI": float(Fraction(n_a - n_d, n_a + n_d)),
        "DPL": float(q_a - q_d),
        "KL": float(entropy([float(p) for p in p_a], [float(p) for p in p_d])),
        "JS": float(jensenshannon([float(p) for p in p_a], [float(p) for p in p_d]))
        ** 2,
        "LP": math.sqrt(sum(float(gap) ** 2 for gap in gaps)),
        "TVD": float(sum(gaps) / 2),
        "KS": float(max(gaps)),
    }
    return found | ({"CDDL": _cddl(rows)} if strata else {})


def _cddl(rows: list[tuple[bool, Hashable, bool, Hashable]]) -> float:
    total = Fraction(0)
    for stratum in {row[3] for row in rows}:
        inside = [row for row in rows if row[3] == stratum]
        shares = {}
        for outcome in (False, True):
            members = [d for d, _, y, _ in inside if y == outcome]
            shares[outcome] = Fraction(sum(members), len(members) or 1)
        total += len(inside) * (shares[False] - shares[True])
    return float(total / len(rows))
