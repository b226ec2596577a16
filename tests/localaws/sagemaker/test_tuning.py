"""Tuning jobs through boto3: trials are training jobs, drawn from ranges."""

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import XGBOOST, channel
from tests.localaws.sagemaker.desk import BUCKET
from tests.localaws.sagemaker.tuned import (
    OBJECTIVE,
    SCRIPT,
    X,
    begin,
    describe,
    ended,
    trials,
    tune,
    tuned,
)

pytestmark = pytest.mark.usefixtures("role", "bucket")


def test_every_trial_is_a_training_job() -> None:
    job = tune(jobs=4, top={"Tags": [{"Key": "lesson", "Value": "2.3"}]})
    assert job["HyperParameterTuningJobStatus"] == "Completed", trials()
    assert job["TrainingJobStatusCounters"]["Completed"] == 4
    assert job["ObjectiveStatusCounters"] == {
        "Succeeded": 4,
        "Pending": 0,
        "Failed": 0,
    }
    sagemaker = boto3.client("sagemaker")
    found = trials()
    for number, trial in enumerate(found, 1):
        name = trial["TrainingJobName"]
        assert name.startswith(f"tune-{number:03d}-")
        made = sagemaker.describe_training_job(TrainingJobName=name)
        assert made["TuningJobArn"] == job["HyperParameterTuningJobArn"]
        assert made["HyperParameters"]["x"] == trial["TunedHyperParameters"]["x"]
        assert made["HyperParameters"]["_tuning_objective_metric"] == "score"
        x = float(trial["TunedHyperParameters"]["x"])
        value = trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
        assert 0 <= x <= 6
        assert value == pytest.approx(10 - (x - 3) ** 2, abs=1e-3)
        assert sagemaker.list_tags(ResourceArn=made["TrainingJobArn"])["Tags"] == [
            {"Key": "lesson", "Value": "2.3"}
        ]
    (summary,) = sagemaker.list_hyper_parameter_tuning_jobs()[
        "HyperParameterTuningJobSummaries"
    ]
    assert summary["Strategy"] == "Random"
    assert summary["TrainingJobStatusCounters"]["Completed"] == 4
    assert summary["ResourceLimits"]["MaxParallelTrainingJobs"] == 2
    best = job["BestTrainingJob"]
    assert best["FinalHyperParameterTuningJobObjectiveMetric"] == OBJECTIVE | {
        "Value": max(
            t["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for t in found
        )
    }
    assert best["ObjectiveStatus"] == "Succeeded"
    ordered = trials(SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert ordered[0]["TrainingJobName"] == best["TrainingJobName"]


def test_a_seed_repeats_the_search_and_its_times() -> None:
    seen = []
    for name in ("one", "two"):
        job = tune(name, jobs=7, parallel=3, Strategy="Bayesian")
        since = job["CreationTime"]
        seen.append(
            [
                (
                    trial["TunedHyperParameters"],
                    trial["CreationTime"] - since,
                    trial["TrainingEndTime"] - since,
                )
                for trial in trials(name)
            ]
        )
    assert seen[0] == seen[1]
    assert len({str(values) for values, _, _ in seen[0]}) == 7
    tune("three", jobs=7, parallel=3, Strategy="Bayesian", RandomSeed=8)
    assert tuned("three") != [values for values, _, _ in seen[0]]


def test_bayesian_search_comes_closer_than_its_start() -> None:
    job = tune(jobs=14, parallel=2, Strategy="Bayesian")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    away = [abs(float(values["x"]) - 3) for values in tuned()]
    assert sum(away[-5:]) / 5 < sum(away[:4]) / 4


def test_no_more_trials_run_than_may() -> None:
    begin(jobs=6, parallel=2, static={"epochs": "4"})
    most = 0
    while (job := describe())["HyperParameterTuningJobStatus"] == "InProgress":
        most = max(most, job["TrainingJobStatusCounters"]["InProgress"])
    assert most == 2
    assert job["TrainingJobStatusCounters"]["Completed"] == 6


def test_ranges_and_scales_are_kept() -> None:
    ranges = {
        "IntegerParameterRanges": [
            {"Name": "n", "MinValue": "2", "MaxValue": "4", "ScalingType": "Linear"}
        ],
        "ContinuousParameterRanges": [
            {**X, "ScalingType": "Linear"},
            {
                "Name": "rate",
                "MinValue": "0.0001",
                "MaxValue": "1",
                "ScalingType": "Logarithmic",
            },
            {
                "Name": "momentum",
                "MinValue": "0.5",
                "MaxValue": "0.999",
                "ScalingType": "ReverseLogarithmic",
            },
        ],
        "CategoricalParameterRanges": [{"Name": "mode", "Values": ["a", "b"]}],
    }
    code = SCRIPT.replace("parse_args()", "parse_known_args()[0]")
    job = tune(jobs=8, parallel=4, ranges=ranges, script=code)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    found = tuned()
    assert {values["n"] for values in found} <= {"2", "3", "4"}
    assert {values["mode"] for values in found} == {"a", "b"}
    assert any(float(values["rate"]) < 0.01 for values in found)
    assert any(float(values["momentum"]) > 0.95 for values in found)
    for values in found:
        assert 0.0001 <= float(values["rate"]) <= 1
        assert 0.5 <= float(values["momentum"]) <= 0.999


def test_a_grid_tries_every_combination_once() -> None:
    ranges = {
        "CategoricalParameterRanges": [
            {"Name": "x", "Values": ["1", "3"]},
            {"Name": "kind", "Values": ["plain", "other"]},
        ]
    }
    job = tune(jobs=None, Strategy="Grid", ranges=ranges)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    pairs = [(values["x"], values["kind"]) for values in tuned()]
    assert pairs == [("1", "plain"), ("1", "other"), ("3", "plain"), ("3", "other")]
    assert job["BestTrainingJob"]["TunedHyperParameters"]["x"] == "3"


def test_definitions_take_turns() -> None:
    request = begin(jobs=1)
    ended()
    shared = request["TrainingJobDefinition"]
    config = request["HyperParameterTuningJobConfig"]
    ranges = config.pop("ParameterRanges")
    config.pop("HyperParameterTuningJobObjective")
    config["ResourceLimits"]["MaxNumberOfTrainingJobs"] = 4
    several = [
        {
            **shared,
            "DefinitionName": name,
            "TuningObjective": OBJECTIVE,
            "HyperParameterRanges": ranges,
        }
        for name in ("one", "two")
    ]
    boto3.client("sagemaker").create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="both",
        HyperParameterTuningJobConfig=config,
        TrainingJobDefinitions=several,
    )
    job = ended("both")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    names = [trial["TrainingJobDefinitionName"] for trial in trials("both")]
    assert names == ["one", "two"] * 2
    assert job["BestTrainingJob"]["TrainingJobDefinitionName"] in names


def test_a_built_in_is_tuned_by_its_own_metric() -> None:
    rows = "\n".join(f"{i % 2},{i},{(i * 7) % 5}" for i in range(200))
    boto3.client("s3").put_object(Bucket=BUCKET, Key="rows/a.csv", Body=rows.encode())
    uri = f"s3://{BUCKET}/rows/"
    definition = {
        "AlgorithmSpecification": {
            "TrainingImage": XGBOOST,
            "TrainingInputMode": "File",
        },
        "StaticHyperParameters": {"num_round": "3", "objective": "binary:logistic"},
        "InputDataConfig": [
            channel("train", uri, ContentType="text/csv"),
            channel("validation", uri, ContentType="text/csv"),
        ],
    }
    given = {
        "jobs": 2,
        "ranges": {
            "IntegerParameterRanges": [
                {"Name": "max_depth", "MinValue": "1", "MaxValue": "6"}
            ]
        },
        "definition": definition,
    }
    goal = {"Type": "Minimize", "MetricName": "validation:logloss"}
    job = tune(**given, HyperParameterTuningJobObjective=goal)
    assert job["HyperParameterTuningJobStatus"] == "Completed", job
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 2
    with pytest.raises(ClientError, match=r"\[score\], isn't valid for the"):
        tune("other", **given)
