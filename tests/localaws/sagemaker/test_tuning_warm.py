"""Tuning jobs that learn from their parents."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import channel
from tests.localaws.sagemaker.tuned import trials, tune, tuned

pytestmark = pytest.mark.usefixtures("role", "bucket")


def test_a_warm_start_learns_from_its_parents() -> None:
    tune("parent", jobs=10, parallel=2, Strategy="Bayesian")
    warm = {
        "WarmStartConfig": {
            "ParentHyperParameterTuningJobs": [
                {"HyperParameterTuningJobName": "parent"}
            ],
            "WarmStartType": "IdenticalDataAndAlgorithm",
        }
    }
    given = {"jobs": 2, "parallel": 1, "Strategy": "Bayesian", "RandomSeed": 3}
    tune("cold", **given)
    job = tune("warm", **given, top=warm)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert tuned("warm") != tuned("cold")
    overall = job["OverallBestTrainingJob"]
    assert overall["TuningJobName"] in ("parent", "warm")
    values = [
        t["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
        for t in trials("parent") + trials("warm")
    ]
    found = overall["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
    assert found == max(values)
    warm["WarmStartConfig"]["WarmStartType"] = "TransferLearning"
    job = tune("other", **given, top=warm, limits={"MaxParallelTrainingJobs": 2})
    assert "OverallBestTrainingJob" not in job


@pytest.mark.parametrize(
    ("parent", "members", "message"),
    [
        ("none", {}, "Parent tuning job none does not exist"),
        (
            "parent",
            {
                "HyperParameterTuningJobObjective": {
                    "Type": "Minimize",
                    "MetricName": "score",
                }
            },
            "must be the same as that of parent",
        ),
        ("parent", {"static": {"kind": "other"}}, "static plus tunable"),
        (
            "parent",
            {"definition": {"InputDataConfig": [channel("a", "s3://on-time-desk/a")]}},
            "needs the input data of parent",
        ),
    ],
)
def test_a_warm_start_needs_a_parent_that_fits(
    parent: str, members: Any, message: str
) -> None:
    tune("parent", jobs=1)
    warm = {
        "WarmStartConfig": {
            "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": parent}],
            "WarmStartType": "IdenticalDataAndAlgorithm",
        }
    }
    with pytest.raises(ClientError, match=message):
        tune("warm", top=warm, **members)
