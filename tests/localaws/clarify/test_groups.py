"""Which rows values and thresholds choose, and how analysis.json names them."""

from pathlib import Path

import pandas as pd
import pytest

from tests.localaws.clarify.audits import LOANS, asked, facet, found, values
from tests.localaws.clarify.oracle import metrics


def test_each_value_of_a_category_is_a_group(tmp_path: Path) -> None:
    section = found(tmp_path, asked("sex", facet("branch"), facet("grade", "a", "c")))
    named = {
        name: [group["value_or_threshold"] for group in groups]
        for name, groups in section["facets"].items()
    }
    assert named == {"sex": ["f", "m"], "branch": ["n", "s"], "grade": ["a,c"]}
    assert section["label"] == "paid"
    assert section["label_value_or_threshold"] == "1"
    assert values(section["facets"]["grade"][0])["CI"] == pytest.approx((3 - 7) / 10)


@pytest.mark.parametrize(
    ("column", "threshold", "named"),
    [("age", 47, "(47, 70]"), ("score", 0.5, "(0.5, 0.95]")],
)
def test_a_threshold_is_an_exclusive_lower_bound(
    tmp_path: Path, column: str, threshold: float, named: str
) -> None:
    config = asked(facet(column, threshold), metrics=["DPL", "CI"])
    (group,) = found(tmp_path, config)["facets"][column]
    assert group["value_or_threshold"] == named
    members = LOANS[column] > threshold
    expected = metrics(
        members.tolist(), LOANS.paid.tolist(), (LOANS.paid == 1).tolist()
    )
    assert [metric["name"] for metric in group["metrics"]] == ["DPL", "CI"]
    assert values(group) == pytest.approx(
        {name: expected[name] for name in ("DPL", "CI")}
    )


@pytest.mark.parametrize("given", [0.5, [0.5]])
def test_a_continuous_label_collapses_at_its_threshold(
    tmp_path: Path, given: object
) -> None:
    config = asked("sex", label="score", label_values_or_threshold=given)
    section = found(tmp_path, config)
    assert section["label_value_or_threshold"] == "(0.5, 0.95]"
    above = (LOANS.score > 0.5).tolist()
    expected = metrics((LOANS.sex == "f").tolist(), above, above)
    women = values(section["facets"]["sex"][0])
    assert women.pop("CDDL") is None
    assert women == pytest.approx(expected)


def test_a_label_of_many_values_is_compared_value_by_value(tmp_path: Path) -> None:
    config = asked(
        facet("sex", "f"), label="grade", label_values_or_threshold=["a", "b"]
    )
    section = found(tmp_path, config)
    assert section["label_value_or_threshold"] == "a,b"
    grades = LOANS.grade.tolist()
    positive = [grade in "ab" for grade in grades]
    expected = metrics((LOANS.sex == "f").tolist(), grades, positive)
    (women,) = map(values, section["facets"]["sex"])
    assert women.pop("CDDL") is None
    assert women == pytest.approx(expected)
    assert women["KS"] < women["TVD"] * 2


def test_numbers_of_several_values_may_be_categories(tmp_path: Path) -> None:
    rows = LOANS.assign(race=[1, 2, 3, 1, 2, 3, 1, 2, 3, 3])
    file = ("rows.csv", rows.to_csv(index=False))
    facets = (facet("race", 1, 3), "race")
    several, each = (
        [group["value_or_threshold"] for group in groups]
        for one in facets
        for groups in found(tmp_path, asked(one), file)["facets"].values()
    )
    assert several == ["1,3"]
    assert each == ["1", "2", "3"]
    (text,) = found(tmp_path, asked(facet("race", "3")), file)["facets"]["race"]
    assert text["value_or_threshold"] == "3"
    assert values(text)["CI"] == pytest.approx(0.2)


def test_truth_values_are_two_categories(tmp_path: Path) -> None:
    rows = LOANS.assign(abroad=LOANS.age > 40, paid=LOANS.paid == 1)
    file = ("rows.csv", rows.to_csv(index=False))
    (group,) = found(tmp_path, asked(facet("abroad", 1)), file)["facets"]["abroad"]
    assert group["value_or_threshold"] == "True"
    expected = metrics(
        (LOANS.age > 40).tolist(), LOANS.paid, (LOANS.paid == 1).tolist()
    )
    assert values(group)["DPL"] == pytest.approx(expected["DPL"])


def test_without_subgroups_cddl_has_no_value_and_says_why(tmp_path: Path) -> None:
    (group, _) = found(tmp_path, asked("sex", metrics=["CDDL"]))["facets"]["sex"]
    assert group["metrics"] == [
        {
            "name": "CDDL",
            "description": "Conditional Demographic Disparity in Labels (CDDL)",
            "value": None,
            "error": "Group variable is empty or not provided",
        }
    ]


def test_a_label_that_one_group_lacks_makes_kl_infinite(tmp_path: Path) -> None:
    rows = pd.DataFrame({"sex": list("ffmm"), "paid": [1, 1, 0, 1]})
    file = ("rows.csv", rows.to_csv(index=False))
    women, men = found(tmp_path, asked("sex"), file)["facets"]["sex"]
    kl = next(metric for metric in women["metrics"] if metric["name"] == "KL")
    assert kl["value"] is None
    assert "infinite" in kl["error"]
    assert values(men)["KL"] == pytest.approx(0.6931472)
