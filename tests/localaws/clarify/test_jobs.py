"""Clarify's image in a processing job: files in S3, log, reason, facets beside."""

import json
from collections.abc import Callable
from typing import Any

import nbformat
import pandas as pd
import pytest

from localaws.daemon import Connection
from tests.localaws.clarify.audits import (
    IMAGE,
    LOANS,
    asked,
    audit,
    facet,
    store,
    values,
)
from tests.localaws.sagemaker.processed import instances, keys, messages

REPORT = {"report": {"name": "audit", "title": "Loans $5 | $9"}}


@pytest.fixture(autouse=True)
def desk(endpoint: Connection, role: str, bucket: str) -> None:
    """An endpoint with the role and the bucket."""


def section() -> dict[str, Any]:
    """Return what the last job stored."""
    document = json.loads(keys("result/")["result/analysis.json"])
    return document["pre_training_bias_metrics"]


def test_a_job_stores_the_analysis_and_three_copies_of_its_report() -> None:
    config = asked("sex", facet("age", 40), group_variable="branch")
    config["methods"] |= REPORT
    done = audit(config)
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    stored = keys("result/")
    names = {key.removeprefix("result/") for key in stored}
    assert names == {"analysis.json", "audit.ipynb", "audit.html", "audit.pdf"}
    women = values(section()["facets"]["sex"][0])
    shown = f"{women['CDDL']:.6f}"
    notebook = nbformat.reads(stored["result/audit.ipynb"].decode(), 4)
    nbformat.validate(notebook)
    assert any(shown in cell.source for cell in notebook.cells)
    page = stored["result/audit.html"].decode()
    assert "Loans $5 | $9" in page
    assert shown in page
    assert stored["result/audit.pdf"].startswith(b"%PDF-1.4")
    assert "Computing bias metrics of 'sex': 2 groups" in messages("audit")
    audit(config, "again")
    assert keys("result/") == stored


def test_a_job_without_a_report_stores_the_analysis_alone() -> None:
    audit(asked("sex"))
    assert set(keys("result/")) == {"result/analysis.json"}


def test_a_wrong_configuration_fails_the_job_with_its_reason() -> None:
    done = audit(asked("gender", label=5))
    assert done["ProcessingJobStatus"] == "Failed"
    reason = done["FailureReason"]
    assert reason.startswith("ClientError: facet: there is no column 'gender'")
    assert reason in messages("audit")
    assert keys("result/") == {}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"ProcessingResources": instances(2)}, "InstanceCount above 1 does not act"),
        ({"ProcessingInputs": []}, "no processing input named analysis_config"),
        ({"ProcessingOutputConfig": {"Outputs": []}}, "output named analysis_result"),
    ],
)
def test_a_job_of_another_form_fails(more: dict[str, Any], told: str) -> None:
    done = audit(asked("sex"), **more)
    assert done["ProcessingJobStatus"] == "Failed"
    assert done["FailureReason"].startswith("ClientError: ")
    assert told in done["FailureReason"]


def test_arguments_are_not_supported() -> None:
    application = {"ImageUri": IMAGE, "ContainerArguments": ["--fast"]}
    done = audit(asked("sex"), AppSpecification=application)
    assert "supports no ContainerArguments" in done["FailureReason"]


def beside(**more: Any) -> dict[str, Any]:
    """Return a configuration whose rows and facets stand apart."""
    facets = LOANS[["sex", "age"]].assign(id=range(10))
    store("facets/a.csv", facets)
    uri = store("rows/rows.csv", LOANS.drop(columns=["sex", "age"]))
    places = {
        "dataset_uri": uri,
        "facet_dataset_uri": "s3://on-time-desk/facets/a.csv",
    }
    return asked("sex", facet("age", 40), group_variable="branch", **places | more)


@pytest.fixture
def together() -> Callable[[], dict[str, Any]]:
    """Measure the rows with their facets in them."""

    def measure() -> dict[str, Any]:
        audit(asked("sex", facet("age", 40), group_variable="branch"), "together")
        return section()

    return measure


def test_facets_may_stand_in_a_file_of_their_own(together: Callable) -> None:
    expected = together()
    done = audit(beside())
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    assert section() == expected
    audit(beside(facet_headers=["sex", "age", "id"]), "named")
    assert section() == expected


def test_files_in_parts_are_joined_by_an_identifier(together: Callable) -> None:
    expected = together()
    rows = LOANS.drop(columns=["sex", "age"]).assign(id=range(10))
    facets = LOANS[["sex", "age"]].assign(id=range(10)).sample(frac=1, random_state=1)
    config = beside(
        dataset_uri=store("parts/", rows)[: -len("parts/")] + "many/",
        facet_dataset_uri="s3://on-time-desk/mixed/",
    )
    store("many/1.csv", rows[:6])
    store("many/2.csv", rows[6:])
    store("mixed/1.csv", pd.concat([facets, facets[:1].assign(id=99)]))
    reason = audit(config)["FailureReason"]
    assert "joinsource_name_or_index is required" in reason
    done = audit(config | {"joinsource_name_or_index": "id"}, "joined")
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    assert section() == expected


@pytest.mark.parametrize(
    ("facets", "more", "told"),
    [
        (LOANS[:4], {}, "the data set has 10 rows, the facet data set 4"),
        (
            LOANS.assign(branch="n"),
            {"joinsource_name_or_index": "branch"},
            "the column 'branch' has a value twice",
        ),
        (LOANS[["age"]], {}, "there is no column 'sex'"),
    ],
    ids=["other length", "repeated identifier", "no such facet"],
)
def test_facets_that_do_not_fit_fail(
    facets: pd.DataFrame, more: dict[str, Any], told: str
) -> None:
    config = beside(**more)
    store("facets/a.csv", facets)
    assert told in audit(config)["FailureReason"]


def test_a_data_set_that_is_not_there_fails() -> None:
    reason = audit(asked("sex", dataset_uri="s3://on-time-desk/none/"))["FailureReason"]
    assert reason == "ClientError: dataset_uri has no file"
    reason = audit(asked("sex", dataset_uri="s3://no-such-bucket/x"), "other")
    assert "NoSuchBucket" in reason["FailureReason"]
