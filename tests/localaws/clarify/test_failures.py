"""Configurations and data that are wrong, or ask for what does not act."""

from pathlib import Path
from typing import Any

import pytest

from tests.localaws.clarify.audits import LOANS, asked, facet, refusal

BIAS = {"pre_training_bias": {"methods": "all"}}
CSV = LOANS.to_csv(index=False)


def without(name: str) -> dict[str, Any]:
    config = asked("sex")
    del config[name]
    return config


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("{", "the analysis configuration is not JSON"),
        ("[]", "the analysis configuration must be a JSON object"),
        (without("label"), "label must be a name or an index; found None"),
        (without("label_values_or_threshold"), "label_values_or_threshold is required"),
        (without("facet"), "facet must be an array of at least one facet object"),
        (without("methods"), "methods is required, and must be an object"),
        (without("dataset_type"), "dataset_type must be one of text/csv"),
        (asked("sex", version="2.0"), "the only supported version is '1.0'"),
        (asked("sex", lable="paid"), "has unknown members: ['lable']"),
        (asked("sex", methods={}), "pre_training_bias is required"),
        (asked("sex", methods={**BIAS, "lime": {}}), "unknown members: ['lime']"),
        (asked("sex", metrics=[]), "must be 'all' or an array of metrics"),
        (
            asked("sex", metrics=["CI", "XX"]),
            "unknown pre-training bias metrics ['XX']; there are ['CDDL', 'CI'",
        ),
        (
            asked("sex", label="payed"),
            "label: there is no column 'payed'; there are sex, age",
        ),
        (asked("sex", label=9), "label: there is no column of index 9; there are 6"),
        (asked(-1), "facet: there is no column of index -1"),
        (asked("gender", label=5), "facet: there is no column 'gender'"),
        (asked("sex", 0), "the facet 'sex' is given twice"),
        (asked("sex", group_variable=7), "group_variable: there is no column of index"),
        (asked("sex", headers=["a"]), "headers has 1 names; loans.csv has 6 columns"),
        (asked("sex", headers=["a"] * 6), "headers names a column twice: ['a']"),
        (
            asked(facet("sex", "x")),
            "the facet 'sex' never has the value x; it has f, m",
        ),
        (
            asked(facet("sex", "f", "m")),
            "f,m chooses all 10 rows, so that there is nothing to compare them with",
        ),
        (asked(facet("age", 70)), "has no value above 70: the group is empty"),
        (asked(facet("age", 1)), "(1, 70] chooses all 10 rows"),
        (asked("score"), "'score' is continuous: value_or_threshold must hold one"),
        (
            asked("sex", label_values_or_threshold=[2]),
            "the label 'paid' never has the value 2; it has 0, 1",
        ),
        (asked("sex", label_values_or_threshold=[0, 1]), "0,1 chooses all 10 rows"),
        (
            asked("sex", dataset_type="application/jsonlines"),
            "features, a JMESPath expression, is required for application/jsonlines",
        ),
        (
            asked("sex", dataset_type="application/x-parquet"),
            "the data set cannot be read",
        ),
        (
            asked("sex", dataset_type="application/x-parquet", facet_dataset_uri="s3:"),
            "facet_dataset_uri is only applicable when dataset_type is text/csv",
        ),
        (asked("sex", dataset_uri="/tmp/x"), "dataset_uri must be an S3 URI"),
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else "",
)
def test_a_wrong_configuration_fails_with_its_reason(
    tmp_path: Path, config: Any, told: str
) -> None:
    reason = refusal(tmp_path, config)
    assert reason.startswith("ClientError: ")
    assert told in reason


@pytest.mark.parametrize(
    ("more", "named", "does"),
    [
        ({"methods": {**BIAS, "shap": {}}}, "methods.shap", "explains a model's"),
        ({"methods": {**BIAS, "pdp": {}}}, "methods.pdp", "draws how"),
        (
            {"methods": {**BIAS, "post_training_bias": {"methods": "all"}}},
            "methods.post_training_bias",
            "compares a model's predictions",
        ),
        ({"segment_config": []}, "segment_config", "repeats the analyses"),
        ({"time_series_data_config": {}}, "time_series_data_config", "forecasts"),
        ({"dataset_type": "application/x-image"}, "application/x-image", "table"),
    ],
)
def test_what_does_not_act_is_refused_by_name(
    tmp_path: Path, more: dict[str, Any], named: str, does: str
) -> None:
    reason = refusal(tmp_path, asked("sex", **more))
    assert reason.startswith("ClientError: NotImplementedHere: ")
    head, _, tail = reason.partition("on AWS it")
    assert named in head
    assert does in tail


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CSV.replace("m,47,0.8", "m,,0.8"), "'age' is missing in 1 of 10 rows"),
        (CSV.replace(",a,0\n", ",a,\n", 1), "'paid' is missing in 1 of 10 rows"),
        (CSV.replace(",n,", ",,", 2), "variable 'branch' is missing in 2 of 10 rows"),
        (CSV.replace("\nf,", "\nm,"), "has only the value m: one group"),
        ("", "begins with an empty line"),
        (b"sex,paid\n\xff\xfe,1\n", "the data set cannot be read"),
    ],
    ids=["facet", "label", "group variable", "one group", "nothing", "no UTF-8"],
)
def test_wrong_rows_fail_with_their_reason(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    config = asked("sex", facet("age", 40), group_variable="branch")
    assert told in refusal(tmp_path, config, ("loans.csv", text))


def test_files_of_other_columns_are_no_data_set(tmp_path: Path) -> None:
    reason = refusal(tmp_path, asked("sex"), ("a.csv", CSV), ("b.csv", "sex,paid\n"))
    assert "b.csv has 2 columns; a.csv has 6" in reason


@pytest.mark.parametrize(
    ("line", "more", "told"),
    [
        ('{"x": [1], "y": 1}', {"features": "x["}, "features: "),
        ('{"x": [1], "y": 1}', {"features": "z"}, "'z' finds nothing in a record"),
        ('{"x": [1], "y": 1}', {"label": 0}, "must be a JMESPath expression"),
        ('{"x": 1, "y": 1}', {}, "features must give a list of the same length"),
        ('{"x": [1], "y": [1]}', {}, "label must give one value a record"),
        ('{"x": [1, 2], "y": 1}', {"headers": ["a"]}, "headers must name the 2"),
        ('{"x": [1]', {}, "the data set cannot be read"),
    ],
)
def test_records_that_do_not_fit_fail(
    tmp_path: Path, line: str, more: dict[str, Any], told: str
) -> None:
    form = {"dataset_type": "application/jsonlines", "features": "x", "label": "y"}
    config = asked("column_0", **form | more)
    assert told in refusal(tmp_path, config, ("rows.jsonl", line))
