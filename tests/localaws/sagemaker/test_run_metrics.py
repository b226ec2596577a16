"""What runs log: sagemaker-metrics, and the SDK's `Run`."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
START = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)


@pytest.fixture
def component(aws: Aws) -> str:
    """ARN of the trial component `run`."""
    made = aws("sagemaker").create_trial_component(TrialComponentName="run")
    return made["TrialComponentArn"]


def log(name: str, *values: float, first: int = 0) -> list[dict[str, Any]]:
    """Log values, one a step and every 40 seconds; return what was refused."""
    data = [
        {
            "MetricName": name,
            "Timestamp": START + dt.timedelta(seconds=40 * step),
            "Step": step,
            "Value": value,
        }
        for step, value in enumerate(values, first)
    ]
    answer = boto3.client("sagemaker-metrics").batch_put_metrics(
        TrialComponentName="run", MetricData=data
    )
    return answer["Errors"]


def got(arn: str, **members: Any) -> dict[str, Any]:
    """Ask for one metric."""
    query = {
        "MetricName": "loss",
        "ResourceArn": arn,
        "MetricStat": "Last",
        "Period": "IterationNumber",
        "XAxisType": "IterationNumber",
        **members,
    }
    answer = boto3.client("sagemaker-metrics").batch_get_metrics(MetricQueries=[query])
    (result,) = answer["MetricQueryResults"]
    return result


def test_a_component_shows_the_statistics(aws: Aws, component: str) -> None:
    assert log("loss", 0.9, 0.5) == []
    assert log("loss", 0.7, first=2) == []
    assert log("auc", 0.6) == []
    found = aws("sagemaker").describe_trial_component(TrialComponentName="run")
    auc, loss = found["Metrics"]
    assert (auc["MetricName"], auc["Count"], auc["StdDev"]) == ("auc", 1, 0)
    assert loss.pop("TimeStamp") == START + dt.timedelta(seconds=80)
    assert loss.pop("Avg") == pytest.approx(0.7)
    assert loss.pop("StdDev") == pytest.approx(0.163299, abs=1e-6)
    assert loss == {
        "MetricName": "loss",
        "SourceArn": component,
        "Max": 0.9,
        "Min": 0.5,
        "Last": 0.7,
        "Count": 3,
    }


def test_the_values_come_back_by_step_and_by_time(component: str) -> None:
    log("loss", 0.9, 0.5, 0.7)
    assert got(component) == {
        "Status": "Complete",
        "XAxisValues": [0, 1, 2],
        "MetricValues": [0.9, 0.5, 0.7],
    }
    assert got(component, Start=1, End=1)["MetricValues"] == [0.5]
    by_time = {"Period": "OneMinute", "XAxisType": "Timestamp", "MetricStat": "Max"}
    first = int(START.timestamp())
    assert got(component, **by_time) == {
        "Status": "Complete",
        "XAxisValues": [first, first + 60],
        "MetricValues": [0.9, 0.7],
    }


def test_wrong_queries_and_values(component: str) -> None:
    log("loss", 0.9)
    for members in (
        {"MetricName": "no"},
        {"ResourceArn": f"{component}-no"},
        {"XAxisType": "Timestamp"},
    ):
        result = got(component, **members)
        assert (result["Status"], result["MetricValues"]) == ("ValidationError", [])
    with pytest.raises(ClientError):
        boto3.client("sagemaker-metrics").batch_put_metrics(
            TrialComponentName="no",
            MetricData=[{"MetricName": "a", "Timestamp": START, "Value": 1.0}],
        )


def test_a_run_of_the_sdk(aws: Aws, bucket: str) -> None:
    from sagemaker.core.experiments.run import Run, list_runs, load_run

    for number in range(2):
        with Run(
            experiment_name="late",
            run_name=f"run-{number}",
            artifact_bucket=bucket,
        ) as run:
            run.log_parameters({"depth": 3 + number, "kind": "tree"})
            for step in range(12):
                run.log_metric("auc", 0.6 + step / 100 + number / 10, step=step)
            run.log_artifact("data", f"s3://{bucket}/train/", is_output=False)
    runs = list_runs(experiment_name="late")
    assert sorted(one.run_name for one in runs) == ["run-0", "run-1"]
    found = aws("sagemaker").describe_trial_component(TrialComponentName="late-run-1")
    assert found["Parameters"]["depth"] == {"NumberValue": 4.0}
    assert found["Status"]["PrimaryStatus"] == "Completed"
    (metric,) = found["Metrics"]
    assert (metric["Count"], metric["Max"]) == (12, pytest.approx(0.81))
    with load_run(experiment_name="late", run_name="run-1") as run:
        run.log_parameter("depth", 5)
    found = aws("sagemaker").describe_trial_component(TrialComponentName="late-run-1")
    assert found["Parameters"]["depth"] == {"NumberValue": 5.0}
    best = aws("sagemaker").search(
        Resource="ExperimentTrialComponent",
        SearchExpression={
            "Filters": [
                {"Name": "Parents.ExperimentName", "Value": "late"},
                {"Name": "Parameters.kind", "Value": "tree"},
            ]
        },
        SortBy="metrics.auc.max",
    )["Results"]
    names = [one["TrialComponent"]["TrialComponentName"] for one in best]
    assert names == ["late-run-1", "late-run-0"]


def test_a_job_in_a_run(
    aws: Aws, train: Callable[..., dict[str, Any]], bucket: str
) -> None:
    from sagemaker.core.experiments.run import Run

    with Run(experiment_name="late", run_name="one", artifact_bucket=bucket) as run:
        job = train("print(1)", ExperimentConfig=run.experiment_config)
    sagemaker = aws("sagemaker")
    listed = sagemaker.list_trial_components(ExperimentName="late")
    names = {one["TrialComponentName"] for one in listed["TrialComponentSummaries"]}
    assert names == {"late-one", "job-aws-training-job"}
    found = sagemaker.describe_trial_component(TrialComponentName="late-one")
    assert found["Sources"] == [
        {"SourceArn": job["TrainingJobArn"], "SourceType": "SageMakerTrainingJob"}
    ]
