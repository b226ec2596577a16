"""Lab 1.3, task 1: metrics that are nearly right, jobs that are none, lazy weights."""

import copy
import math
import os
from typing import Any

import pandas as pd
import pytest

from helpers import mortgages
from helpers.check import CheckFailed
from helpers.checks import mortgage_bias
from helpers.samples import table

CHECK = mortgage_bias.measure_bias
SEEDS = range(24) if os.environ.get("MLA_NIGHTLY") == "1" else (13, 3, 1)
SEED = 13


def worst_of(seed: int) -> str:
    rows = mortgages.drawn(seed)
    size = {f: abs(mortgages.metrics(rows, f)["DPL"]) for f in mortgages.FACETS}
    return max(size, key=size.__getitem__)


def reweighed(rows: pd.DataFrame, facet: str) -> list[float]:
    group, denied = rows[facet], rows["deny"]
    expected = group.map(group.value_counts()) * denied.map(denied.value_counts())
    cell = rows.groupby([facet, "deny"])["deny"].transform("size")
    return (expected / len(rows) / cell).tolist()


def evidence(seed: int = SEED) -> dict[str, Any]:
    """Give what the probe would of a job and of an answer that are right."""
    rows = mortgages.drawn(seed)
    metrics = {facet: mortgages.metrics(rows, facet) for facet in mortgages.FACETS}
    return copy.deepcopy(
        {
            "metrics": metrics,
            "worst": worst_of(seed),
            "weights": reweighed(rows, worst_of(seed)),
            "status": "Completed",
            "image": "registry/sagemaker-clarify-processing:1.0",
            "report": {facet: [["yes", {**metrics[facet]}]] for facet in metrics},
        }
    )


def fails(found: dict[str, Any], message: str) -> None:
    with pytest.raises(CheckFailed, match=message):
        CHECK.verdict(CHECK.inputs(SEED), found)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_right_passes(seed: int) -> None:
    said = CHECK.verdict(CHECK.inputs(seed), evidence(seed))
    assert said.startswith(f"{worst_of(seed)} is the worst facet of ")


def test_the_metrics_are_those_that_were_measured_on_the_whole_table() -> None:
    whole = mortgages.metrics(table("mortgages"), "afam")
    assert whole["CI"] == pytest.approx(0.715, abs=0.001)
    assert whole["DPL"] == pytest.approx(-0.190, abs=0.001)


def test_each_seed_has_its_facet_and_all_facets_have_a_seed() -> None:
    assert {worst_of(seed) for seed in range(8)} == {*mortgages.FACETS}


def test_a_job_that_is_none_or_measures_something_else() -> None:
    right = evidence()
    fails({"returned": "None"}, "a dict with the keys")
    fails(right | {"status": "no job bias-1 (ValidationException)"}, "Completed")
    fails(right | {"status": "Failed", "reason": "ClientError: header"}, "Completed")
    fails(right | {"image": "registry/sagemaker-scikit-learn:1.9"}, "Clarify")
    fails(right | {"report": {}}, "None, with the groups none")
    lost = {"report": {}, "missing": "NoSuchKey"}
    fails(right | lost, r"no analysis\.json \(NoSuchKey\)")
    other = {facet: [["no", right["metrics"][facet]]] for facet in mortgages.FACETS}
    fails(right | {"report": other}, "None, with the groups no\n")


@pytest.mark.parametrize("name", mortgage_bias.NAMES)
def test_a_number_that_is_nearly_right(name: str) -> None:
    right, wrong = evidence(), evidence()
    wrong["metrics"]["single"][name] += 2e-6
    fails(wrong, rf"{name} of single(.|\n)+look:  {name}: ")
    if name in ("KL", "JS"):
        in_nats = right["metrics"]["single"][name]
        wrong["metrics"]["single"][name] = in_nats / math.log(2)
        fails(wrong, r"the logarithm, np\.log")
    turned = evidence()
    turned["report"]["single"] = [["yes", dict.fromkeys(mortgage_bias.NAMES, None)]]
    fails(turned, "of single = yes in analysis.json")


def test_the_facet_is_named_by_the_size_of_its_difference() -> None:
    other = next(facet for facet in mortgages.FACETS if facet != worst_of(SEED))
    fails(evidence() | {"worst": other}, "denied most unlike the others")


def test_weights_that_do_not_weigh_it_away() -> None:
    rows, right = mortgages.drawn(SEED), evidence()
    count, denied = len(rows), rows["deny"] == "yes"
    fails(right | {"weights": [1.0] * count}, "a DPL of 0 by")
    fails(right | {"weights": right["weights"][1:]}, "a weight above 0 for each")
    group = rows[worst_of(SEED)] == "yes"
    dropped = [0.0 if each else 1.0 for each in group & denied]
    fails(right | {"weights": dropped}, "a weight above 0 for each")
    # Denials as rare as can be in both groups: no difference, and another table.
    share = denied.groupby(group).transform("mean")
    tiny = (0.01 / share).where(denied, 0.99 / (1 - share)).tolist()
    fails(right | {"weights": tiny}, "the share of denials as it was")
    flat = reweighed(rows, worst_of(SEED))
    more = [2 * each if one else each for each, one in zip(flat, group, strict=True)]
    fails(right | {"weights": more}, f"the share of {worst_of(SEED)} as it was")
