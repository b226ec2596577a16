"""Every metric equals an oracle that counts, on drawn data and on published tables."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from helpers.samples import table
from tests.localaws.clarify.audits import asked, facet, found, values
from tests.localaws.clarify.oracle import metrics

REGIONAL = ["9E", "EV", "MQ", "OO", "YV"]
ROWS = st.lists(
    st.tuples(st.booleans(), st.sampled_from("xyz"), st.sampled_from("pqr")),
    min_size=4,
    max_size=40,
)


def near(expected: dict[str, float]) -> dict[str, Any]:
    """Expect values to 1e-6; an infinite one is null in analysis.json."""
    return {
        name: None if math.isinf(value) else pytest.approx(value, abs=1e-6)
        for name, value in expected.items()
    }


@given(rows=ROWS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_drawn_rows_have_the_metrics_that_the_formulas_give(
    tmp_path: Path, rows: list[tuple[bool, str, str]]
) -> None:
    frame = pd.DataFrame(rows, columns=["d", "y", "stratum"])
    positive = frame.y == "x"
    assume(frame.d.nunique() == 2 and positive.nunique() == 2)
    config = asked(
        facet("d", 1),
        label="y",
        label_values_or_threshold=["x"],
        group_variable="stratum",
    )
    text = frame.assign(d=frame.d.astype(int)).to_csv(index=False)
    (group,) = found(tmp_path, config, ("rows.csv", text))["facets"]["d"]
    expected = metrics(
        frame.d.tolist(), frame.y.tolist(), positive.tolist(), frame.stratum.tolist()
    )
    assert values(group) == near(expected)


def test_the_other_group_has_opposite_signs_and_the_same_distances(
    tmp_path: Path,
) -> None:
    women, men = map(values, found(tmp_path, asked("sex"))["facets"]["sex"])
    for name in ("CI", "DPL"):
        assert women[name] == pytest.approx(-men[name])
        assert women[name] != 0
    for name in ("JS", "LP", "TVD", "KS"):
        assert women[name] == pytest.approx(men[name])
    assert women["DPL"] == pytest.approx(4 / 6 + 1 / 6 - 1 / 4)


CHURN = {
    "CI": 0.676,
    "DPL": -0.181,
    "KL": 0.072,
    "JS": 0.019,
    "LP": 0.256,
    "TVD": 0.181,
    "KS": 0.181,
    "CDDL": -0.076,
}


@pytest.mark.parametrize(
    ("name", "label", "d", "strata", "expected"),
    [
        ("churn", ("churn", "Yes"), ("senior_citizen", 1), "contract", CHURN),
        (
            "mortgages",
            ("deny", "yes"),
            ("afam", "yes"),
            "single",
            {"CI": 0.715, "DPL": -0.191},
        ),
    ],
)
def test_published_tables_have_the_published_values(
    tmp_path: Path,
    name: str,
    label: tuple[str, str],
    d: tuple[str, Any],
    strata: str,
    expected: dict[str, float],
) -> None:
    frame = table(name)
    config = asked(
        facet(*d),
        label=label[0],
        label_values_or_threshold=[label[1]],
        group_variable=strata,
    )
    text = frame.to_csv(index=False)
    (group,) = found(tmp_path, config, ("table.csv", text))["facets"][d[0]]
    rounded = {one: round(number, 3) for one, number in values(group).items()}
    assert expected.items() <= rounded.items()
    positive = frame[label[0]] == label[1]
    columns = [frame[d[0]] == d[1], frame[label[0]], positive, frame[strata]]
    assert values(group) == near(metrics(*(one.tolist() for one in columns)))


def test_regional_flights_are_fewer_and_later(tmp_path: Path) -> None:
    flights = table("flights")[["carrier", "arr_delay", "origin"]].dropna()
    flights["late"] = (flights.arr_delay > 15).astype(int)
    config = asked(facet("carrier", *REGIONAL), label="late", group_variable="origin")
    del flights["arr_delay"]
    section = found(tmp_path, config, ("flights.csv", flights.to_csv(index=False)))
    (group,) = section["facets"]["carrier"]
    assert group["value_or_threshold"] == "9E,EV,MQ,OO,YV"
    columns = [
        flights.carrier.isin(REGIONAL),
        flights.late,
        flights.late == 1,
        flights.origin,
    ]
    assert values(group) == near(metrics(*(one.tolist() for one in columns)))
    assert round(values(group)["CI"], 3) == 0.426
    assert round(values(group)["DPL"], 3) == -0.075
