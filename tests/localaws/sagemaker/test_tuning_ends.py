"""What ends tuning jobs and their trials: failures, limits, rules, stops."""

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.tuned import X, begin, describe, ended, trials, tune

pytestmark = pytest.mark.usefixtures("role", "bucket")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("fails", "No training job succeeded after 5 attempts."),
        ("silent", "No objective metrics found after running 5 training jobs."),
    ],
)
def test_nothing_but_failures_end_the_tuning_job(kind: str, reason: str) -> None:
    job = tune(jobs=20, parallel=1, static={"kind": kind})
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(reason)
    assert len(trials()) == 5
    assert "BestTrainingJob" not in job


def test_early_stopping_stops_what_is_worse_than_the_median() -> None:
    ranges = {
        "CategoricalParameterRanges": [
            {"Name": "x", "Values": ["3", "3.1", "2.9", "9", "3.05"]}
        ]
    }
    job = tune(
        jobs=None,
        parallel=1,
        Strategy="Grid",
        ranges=ranges,
        static={"epochs": "8"},
        TrainingJobEarlyStoppingType="Auto",
    )
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    status = {t["TunedHyperParameters"]["x"]: t["TrainingJobStatus"] for t in trials()}
    assert [status[x] for x in ("3", "3.1", "2.9")] == ["Completed"] * 3
    assert status["9"] == "Stopped"
    assert job["TrainingJobStatusCounters"]["Stopped"] >= 1
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 5


def test_hyperband_stops_most_trials_early() -> None:
    job = tune(
        jobs=8,
        parallel=2,
        Strategy="Hyperband",
        static={"epochs": "60"},
        StrategyConfig={
            "HyperbandStrategyConfig": {"MinResource": 2, "MaxResource": 9}
        },
    )
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Stopped"] == 8  # none runs to 60
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 8


def test_a_reached_target_completes_the_tuning_job() -> None:
    job = tune(
        jobs=50,
        parallel=2,
        TuningJobCompletionCriteria={"TargetObjectiveMetricValue": 5.0},
    )
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert len(trials()) < 15
    best = job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]
    assert best["Value"] >= 5


def test_what_no_longer_improves_completes_the_tuning_job() -> None:
    job = tune(
        jobs=50,
        parallel=1,
        static={"x": "3"},
        ranges={
            "IntegerParameterRanges": [
                {**X, "Name": "epochs", "MaxValue": "2", "MinValue": "1"}
            ]
        },
        TuningJobCompletionCriteria={
            "BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}
        },
    )
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert len(trials()) == 4
    details = job["TuningJobCompletionDetails"]
    assert details["NumberOfTrainingJobsObjectiveNotImproving"] == 3


def test_a_maximum_time_launches_no_more() -> None:
    job = tune(jobs=None, parallel=2, limits={"MaxRuntimeInSeconds": 300})
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert len(trials()) == 6  # 140 simulated seconds each, two side by side
    assert job["ConsumedResources"]["RuntimeInSeconds"] == 420


def test_stop_ends_the_trials_too() -> None:
    sagemaker = boto3.client("sagemaker")
    begin(jobs=10, parallel=2, static={"kind": "hangs"})
    wait(lambda: {"launched": len(trials())}, "launched", 0, 1)
    with pytest.raises(ClientError, match="ResourceInUse"):
        sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune")
    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune")
    job = ended()
    assert job["HyperParameterTuningJobStatus"] == "Stopped"
    assert job["TrainingJobStatusCounters"]["Stopped"] == 2
    assert [trial["TrainingJobStatus"] for trial in trials()] == ["Stopped"] * 2
    with pytest.raises(ClientError, match="in status Stopped"):
        sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune")
    sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune")
    with pytest.raises(ClientError, match="can't find a tuning job called tune"):
        describe()
    assert len(sagemaker.list_training_jobs()["TrainingJobSummaries"]) == 2


def test_a_reset_ends_a_tuning_job_with_its_trials(endpoint: Connection) -> None:
    begin(jobs=10, parallel=2, static={"kind": "hangs"})
    wait(lambda: {"launched": len(trials())}, "launched", 0, 1)
    endpoint.control("POST", "reset")
    sagemaker = boto3.client("sagemaker")
    assert not sagemaker.list_training_jobs()["TrainingJobSummaries"]
    with pytest.raises(ClientError, match="can't find"):
        describe()


def test_a_failed_trial_counts_and_the_others_go_on() -> None:
    ranges = {
        "CategoricalParameterRanges": [
            {"Name": "kind", "Values": ["plain", "fails", "silent"]}
        ]
    }
    job = tune(jobs=None, Strategy="Grid", ranges=ranges)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    counts = job["TrainingJobStatusCounters"]
    assert (counts["Completed"], counts["NonRetryableError"]) == (2, 1)
    assert job["ObjectiveStatusCounters"]["Failed"] == 2
    failed = trials(StatusEquals="Failed")[0]
    assert "cannot fit" in failed["FailureReason"]
    assert failed["ObjectiveStatus"] == "Failed"
