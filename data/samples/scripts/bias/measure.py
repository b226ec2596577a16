"""Measure bias before training by the published formulas, without SageMaker Clarify.

Reads the analysis configuration that Clarify reads, for CSV files with a header line
and facets whose values are given, and writes the same numbers to analysis.json.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path("/opt/ml/processing")


def metrics(
    labels: pd.Series,
    positive: pd.Series,
    members: pd.Series,
    strata: pd.Series | None = None,
) -> dict[str, float]:
    """Compare the members of a group, d, with everybody else, a."""
    shares = pd.crosstab(labels, members, normalize="columns")
    a, d = shares[False], shares[True]
    middle, gaps = (a + d) / 2, (a - d).abs()
    found = {
        "CI": ((~members).sum() - members.sum()) / len(members),
        "DPL": positive[~members].mean() - positive[members].mean(),
        "KL": divergence(a, d),
        "JS": (divergence(a, middle) + divergence(d, middle)) / 2,
        "LP": (gaps**2).sum() ** 0.5,
        "TVD": gaps.sum() / 2,
        "KS": gaps.max(),
    }
    if strata is not None:
        found["CDDL"] = disparity(positive, members, strata)
    return {name: float(value) for name, value in sorted(found.items())}


def divergence(p: pd.Series, q: pd.Series) -> float:
    """Give the Kullback-Leibler divergence of p from q, in nats."""
    some = p > 0
    with np.errstate(divide="ignore"):
        return (p[some] * np.log(p[some] / q[some])).sum()


def disparity(positive: pd.Series, members: pd.Series, strata: pd.Series) -> float:
    """Give d's share of the rejected less that of the accepted, within subgroups."""
    shares = members.groupby([strata, positive]).mean().unstack(fill_value=0)
    return ((shares[False] - shares[True]) * strata.value_counts(normalize=True)).sum()


def main(root: Path = ROOT) -> None:
    """Read the configuration and the rows, write analysis.json."""
    config = json.loads((root / "input/config/analysis_config.json").read_text())
    files = sorted((root / "input/data").glob("*.csv"))
    rows = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
    labels, chosen = rows[config["label"]], config["label_values_or_threshold"]
    strata = rows[config["group_variable"]] if "group_variable" in config else None
    facets = {}
    for facet in config["facet"]:
        name, values = facet["name_or_index"], facet["value_or_threshold"]
        found = metrics(labels, labels.isin(chosen), rows[name].isin(values), strata)
        told = [{"name": metric, "value": value} for metric, value in found.items()]
        group = {"value_or_threshold": ",".join(map(str, values)), "metrics": told}
        facets[name] = [group]
    section = {
        "label": config["label"],
        "facets": facets,
        "label_value_or_threshold": ",".join(map(str, chosen)),
    }
    told = {"version": "1.0", "pre_training_bias_metrics": section}
    (root / "output").mkdir(exist_ok=True)
    (root / "output/analysis.json").write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
