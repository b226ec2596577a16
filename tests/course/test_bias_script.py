"""The script of lesson 1.3a: the formulas of bias, without Clarify's image."""

import json
import math
from runpy import run_path

import pandas as pd
import pytest

from helpers.samples import sample, table
from tests.localaws.clarify.audits import LOANS, asked, facet, found, values
from tests.localaws.clarify.oracle import metrics

SCRIPT = run_path(str(sample("scripts/bias/measure.py")))


def test_its_metrics_are_those_of_the_formulas():
    rows = table("churn")
    columns = [
        rows.churn,
        rows.churn == "Yes",
        rows.senior_citizen == 1,
        rows.contract,
    ]
    measured = SCRIPT["metrics"](*columns)
    labels, positive, members, strata = (column.tolist() for column in columns)
    assert measured == pytest.approx(metrics(members, labels, positive, strata))
    assert "CDDL" not in SCRIPT["metrics"](*columns[:3])


def test_a_label_that_one_group_lacks_makes_kl_infinite():
    labels = pd.Series([1, 1, 0, 1])
    women = pd.Series([True, True, False, False])
    assert math.isinf(SCRIPT["metrics"](labels, labels == 1, women)["KL"])
    assert SCRIPT["metrics"](labels, labels == 1, ~women)["KL"] == pytest.approx(
        math.log(2)
    )


def test_it_writes_the_numbers_that_clarify_writes(tmp_path):
    config = asked(facet("sex", "f"), facet("grade", "a", "c"), group_variable="branch")
    expected = found(tmp_path / "clarify", config)
    root = tmp_path / "script"
    for folder in ("config", "data"):
        (root / "input" / folder).mkdir(parents=True)
    (root / "input/config/analysis_config.json").write_text(json.dumps(config))
    for number, part in enumerate((LOANS[:4], LOANS[4:])):
        part.to_csv(root / f"input/data/{number}.csv", index=False)
    SCRIPT["main"](root)
    document = json.loads((root / "output/analysis.json").read_text())
    measured = document["pre_training_bias_metrics"]
    assert measured | {"facets": None} == expected | {"facets": None}
    for name, (group,) in measured["facets"].items():
        (other,) = expected["facets"][name]
        assert group["value_or_threshold"] == other["value_or_threshold"]
        assert values(group) == pytest.approx(values(other))
