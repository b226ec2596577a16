"""Tuning jobs through boto3: trials are training jobs, and what stops them."""

import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import (
    SKLEARN,
    XGBOOST,
    archive,
    channel,
    wait,
)

# Best at x = 3; one that is told to, fails, hangs or says its epochs one by one.
SCRIPT = """
import argparse, time
parser = argparse.ArgumentParser()
parser.add_argument("-x", type=float, default=0)
parser.add_argument("--kind", default="plain")
parser.add_argument("--epochs", type=int, default=1)
given = parser.parse_args()
if given.kind == "fails":
    raise ValueError("cannot fit")
if given.kind == "hangs":
    time.sleep(60)
for epoch in range(given.epochs):
    if epoch:
        time.sleep(0.15)
    if given.kind != "silent":
        print(f"score={10 - (given.x - 3) ** 2:.4f}", flush=True)
"""
OBJECTIVE = {"Type": "Maximize", "MetricName": "score"}
X = {"Name": "x", "MinValue": "0", "MaxValue": "6"}
Tune = Callable[..., dict[str, Any]]


def describe(name: str = "tune") -> dict[str, Any]:
    return boto3.client("sagemaker").describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name
    )


def ended(name: str = "tune") -> dict[str, Any]:
    return wait(
        lambda: describe(name),
        "HyperParameterTuningJobStatus",
        "InProgress",
        "Stopping",
    )


def trials(name: str = "tune", **more: Any) -> list[dict[str, Any]]:
    """Return the trials of a tuning job in the order of their names."""
    found = boto3.client("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, MaxResults=100, **more
    )
    return found["TrainingJobSummaries"]


def tuned(name: str = "tune") -> list[dict[str, str]]:
    return [trial["TunedHyperParameters"] for trial in trials(name)]


@pytest.fixture
def begin(aws: Callable[[str], Any], role: str, bucket: str) -> Tune:
    """Start a tuning job: `begin(jobs=3, parallel=1, **config members)`."""
    code = archive(train_py=SCRIPT)
    aws("s3").put_object(Bucket=bucket, Key="code.tar.gz", Body=code)

    def start(
        name: str = "tune",
        jobs: int | None = 3,
        parallel: int = 2,
        static: dict[str, str] | None = None,
        ranges: dict[str, Any] | None = None,
        definition: dict[str, Any] | None = None,
        top: dict[str, Any] | None = None,
        **config: Any,
    ) -> dict[str, Any]:
        limits: dict[str, Any] = {"MaxParallelTrainingJobs": parallel}
        if jobs is not None:
            limits["MaxNumberOfTrainingJobs"] = jobs
        request = {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobConfig": {
                "Strategy": "Random",
                "HyperParameterTuningJobObjective": OBJECTIVE,
                "ResourceLimits": limits | config.pop("limits", {}),
                "ParameterRanges": ranges or {"ContinuousParameterRanges": [X]},
                "RandomSeed": 7,
                **config,
            },
            "TrainingJobDefinition": {
                "StaticHyperParameters": {
                    "sagemaker_program": "train.py",
                    "sagemaker_submit_directory": f"s3://{bucket}/code.tar.gz",
                    **(static or {}),
                },
                "AlgorithmSpecification": {
                    "TrainingImage": SKLEARN,
                    "TrainingInputMode": "File",
                    "MetricDefinitions": [
                        {"Name": "score", "Regex": "score=([-0-9.]+)"}
                    ],
                },
                "RoleArn": role,
                "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/models/"},
                "ResourceConfig": {
                    "InstanceType": "ml.m5.large",
                    "InstanceCount": 1,
                    "VolumeSizeInGB": 1,
                },
                "StoppingCondition": {"MaxRuntimeInSeconds": 60},
                **(definition or {}),
            },
            **(top or {}),
        }
        aws("sagemaker").create_hyper_parameter_tuning_job(**request)
        return request

    return start


@pytest.fixture
def tune(begin: Tune) -> Tune:
    """Run a tuning job to its end."""

    def run(name: str = "tune", *given: Any, **members: Any) -> dict[str, Any]:
        begin(name, *given, **members)
        return ended(name)

    return run


def test_every_trial_is_a_training_job(tune: Tune) -> None:
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
    best = job["BestTrainingJob"]
    assert best["FinalHyperParameterTuningJobObjectiveMetric"] == OBJECTIVE | {
        "Value": max(
            t["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for t in found
        )
    }
    assert best["ObjectiveStatus"] == "Succeeded"
    ordered = trials(SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert ordered[0]["TrainingJobName"] == best["TrainingJobName"]


def test_a_seed_repeats_the_search_and_its_times(tune: Tune) -> None:
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


def test_bayesian_search_comes_closer_than_its_start(tune: Tune) -> None:
    job = tune(jobs=14, parallel=2, Strategy="Bayesian")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    away = [abs(float(values["x"]) - 3) for values in tuned()]
    assert sum(away[-5:]) / 5 < sum(away[:4]) / 4


def test_no_more_trials_run_than_may(begin: Tune) -> None:
    begin(jobs=6, parallel=2, static={"epochs": "4"})
    most = 0
    while (job := describe())["HyperParameterTuningJobStatus"] == "InProgress":
        most = max(most, job["TrainingJobStatusCounters"]["InProgress"])
    assert most == 2
    assert job["TrainingJobStatusCounters"]["Completed"] == 6


def test_ranges_and_scales_are_kept(tune: Tune) -> None:
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
    boto3.client("s3").put_object(
        Bucket="on-time-desk", Key="code.tar.gz", Body=archive(train_py=code)
    )
    job = tune(jobs=8, parallel=4, ranges=ranges)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    found = tuned()
    assert {values["n"] for values in found} <= {"2", "3", "4"}
    assert {values["mode"] for values in found} == {"a", "b"}
    assert any(float(values["rate"]) < 0.01 for values in found)
    assert any(float(values["momentum"]) > 0.95 for values in found)
    for values in found:
        assert 0.0001 <= float(values["rate"]) <= 1
        assert 0.5 <= float(values["momentum"]) <= 0.999


def test_a_grid_tries_every_combination_once(tune: Tune) -> None:
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


def test_a_failed_trial_counts_and_the_others_go_on(tune: Tune) -> None:
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


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("fails", "No training job succeeded after 5 attempts."),
        ("silent", "No objective metrics found after running 5 training jobs."),
    ],
)
def test_nothing_but_failures_end_the_tuning_job(
    tune: Tune, kind: str, reason: str
) -> None:
    job = tune(jobs=20, parallel=1, static={"kind": kind})
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(reason)
    assert len(trials()) == 5
    assert "BestTrainingJob" not in job


def test_early_stopping_stops_what_is_worse_than_the_median(tune: Tune) -> None:
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


def test_hyperband_stops_most_trials_early(tune: Tune) -> None:
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


def test_a_reached_target_completes_the_tuning_job(tune: Tune) -> None:
    job = tune(
        jobs=50,
        parallel=2,
        TuningJobCompletionCriteria={"TargetObjectiveMetricValue": 5.0},
    )
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert len(trials()) < 15
    best = job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]
    assert best["Value"] >= 5


def test_what_no_longer_improves_completes_the_tuning_job(tune: Tune) -> None:
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


def test_a_maximum_time_launches_no_more(tune: Tune) -> None:
    job = tune(jobs=None, parallel=2, limits={"MaxRuntimeInSeconds": 300})
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert len(trials()) == 6  # 140 simulated seconds each, two side by side
    assert job["ConsumedResources"]["RuntimeInSeconds"] == 420


def test_definitions_take_turns(begin: Tune, bucket: str) -> None:
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


def test_a_warm_start_learns_from_its_parents(tune: Tune) -> None:
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
    tune: Tune, parent: str, members: Any, message: str
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


def test_a_built_in_is_tuned_by_its_own_metric(
    aws: Callable[[str], Any], tune: Tune, bucket: str
) -> None:
    rows = "\n".join(f"{i % 2},{i},{(i * 7) % 5}" for i in range(200))
    aws("s3").put_object(Bucket=bucket, Key="rows/a.csv", Body=rows.encode())
    uri = f"s3://{bucket}/rows/"
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


def test_stop_ends_the_trials_too(begin: Tune) -> None:
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


def test_stop_at_once_ends_the_tuning_job(begin: Tune) -> None:
    begin(jobs=10, static={"kind": "hangs"})
    boto3.client("sagemaker").stop_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tune"
    )
    assert ended()["HyperParameterTuningJobStatus"] == "Stopped"


def test_a_reset_ends_a_tuning_job_with_its_trials(
    endpoint: Connection, begin: Tune
) -> None:
    begin(jobs=10, parallel=2, static={"kind": "hangs"})
    wait(lambda: {"launched": len(trials())}, "launched", 0, 1)
    endpoint.control("POST", "reset")
    sagemaker = boto3.client("sagemaker")
    assert not sagemaker.list_training_jobs()["TrainingJobSummaries"]
    with pytest.raises(ClientError, match="can't find"):
        describe()


def test_one_name_is_given_once(begin: Tune) -> None:
    request = begin(jobs=1)
    outcomes: list[str] = []

    def create() -> None:
        try:
            boto3.session.Session().client(
                "sagemaker"
            ).create_hyper_parameter_tuning_job(
                **{**request, "HyperParameterTuningJobName": "race"}
            )
            outcomes.append("won")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ResourceInUse"] * 5 + ["won"]
    ended("race")


def test_tuning_jobs_are_listed(tune: Tune) -> None:
    tune("b-two", jobs=1)
    tune("a-one", jobs=1)
    sagemaker = boto3.client("sagemaker")
    found = sagemaker.list_hyper_parameter_tuning_jobs()
    by_name = found["HyperParameterTuningJobSummaries"]
    assert [one["HyperParameterTuningJobName"] for one in by_name] == ["a-one", "b-two"]
    found = sagemaker.list_hyper_parameter_tuning_jobs(
        SortBy="Name", SortOrder="Descending", StatusEquals="Completed"
    )["HyperParameterTuningJobSummaries"]
    assert [one["HyperParameterTuningJobName"] for one in found] == ["b-two", "a-one"]
    assert found[0]["Strategy"] == "Random"
    assert found[0]["TrainingJobStatusCounters"]["Completed"] == 1
    assert found[0]["ResourceLimits"]["MaxParallelTrainingJobs"] == 2


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"definition": {"RoleArn": "arn:aws:iam::123456789012:role/none"}}, "assume"),
        ({"static": {"x": "1"}}, "both static and tunable: x"),
        ({"Strategy": "Grid"}, "only categorical"),
        ({"Strategy": "Hyperband"}, "needs a MaxResource"),
        (
            {
                "Strategy": "Hyperband",
                "static": {"epochs": "9"},
                "TrainingJobEarlyStoppingType": "Auto",
            },
            "must be Off to use Hyperband",
        ),
        ({"jobs": None}, "needs MaxNumberOfTrainingJobs"),
        (
            {"ranges": {"ContinuousParameterRanges": [{**X, "MaxValue": "-1"}]}},
            "must not exceed",
        ),
        (
            {
                "ranges": {
                    "ContinuousParameterRanges": [{**X, "ScalingType": "Logarithmic"}]
                }
            },
            "above 0",
        ),
        (
            {
                "ranges": {
                    "ContinuousParameterRanges": [
                        {**X, "ScalingType": "ReverseLogarithmic"}
                    ]
                }
            },
            "within 0 <= x < 1.0",
        ),
        (
            {
                "HyperParameterTuningJobObjective": {
                    "Type": "Maximize",
                    "MetricName": "other",
                }
            },
            "A metric is required for this hyperparameter tuning job objective",
        ),
    ],
)
def test_wrong_input_is_refused(begin: Tune, members: Any, message: str) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        begin(**members)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    sagemaker = boto3.client("sagemaker")
    listed = sagemaker.list_hyper_parameter_tuning_jobs()
    assert not listed["HyperParameterTuningJobSummaries"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"top": {"Autotune": {"Mode": "Enabled"}}}, "Autotune"),
        (
            {"ranges": {"AutoParameters": [{"Name": "x", "ValueHint": "1"}]}},
            "AutoParameters",
        ),
        (
            {
                "definition": {
                    "VpcConfig": {"Subnets": ["s"], "SecurityGroupIds": ["g"]}
                }
            },
            "CreateTrainingJob VpcConfig",
        ),
    ],
)
def test_what_does_not_act_is_refused_by_name(
    begin: Tune, members: Any, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        begin(**members)
    assert caught.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"
