"""Experiments, trials, and the trial components that jobs become."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.pipelining import create, definition, finished, training
from tests.localaws.sagemaker.pipelining import start as start_pipeline

Aws = Callable[[str], Any]
Train = Callable[..., dict[str, Any]]


@pytest.fixture
def sagemaker(aws: Aws) -> Any:
    """A client of an account with the experiment `late` and its trial `first`."""
    client = aws("sagemaker")
    client.create_experiment(
        ExperimentName="late", Description="Which flights are late?"
    )
    client.create_trial(TrialName="first", ExperimentName="late")
    return client


def refused(call: Callable[..., Any], **members: Any) -> tuple[str, str]:
    """Return code and message of the error that a call raises."""
    with pytest.raises(ClientError) as caught:
        call(**members)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def names(client: Any, **filters: str) -> list[str]:
    """Return the names of the trial components that pass a filter."""
    found = client.list_trial_components(SortOrder="Ascending", **filters)
    return [one["TrialComponentName"] for one in found["TrialComponentSummaries"]]


def test_what_is_created_is_described_listed_and_changed(sagemaker: Any) -> None:
    found = sagemaker.describe_experiment(ExperimentName="late")
    assert found["ExperimentArn"].endswith(":experiment/late")
    assert (found["DisplayName"], found["Description"]) == (
        "late",
        "Which flights are late?",
    )
    sagemaker.update_experiment(ExperimentName="late", DisplayName="Late-flights")
    found = sagemaker.describe_experiment(ExperimentName="late")
    assert found["DisplayName"] == "Late-flights"
    assert found["Description"] == "Which flights are late?"
    sagemaker.create_experiment(ExperimentName="other")
    listed = sagemaker.list_experiments(SortBy="Name", SortOrder="Ascending")
    assert [e["ExperimentName"] for e in listed["ExperimentSummaries"]] == [
        "late",
        "other",
    ]
    sagemaker.update_trial(TrialName="first", DisplayName="One")
    found = sagemaker.describe_trial(TrialName="first")
    assert (found["DisplayName"], found["ExperimentName"]) == ("One", "late")
    assert found["TrialArn"].endswith(":experiment-trial/first")


def test_components_belong_to_trials(sagemaker: Any) -> None:
    sagemaker.create_trial(TrialName="second", ExperimentName="late")
    for name in ("a", "b", "c"):
        sagemaker.create_trial_component(TrialComponentName=name)
    pairs = [("a", "first"), ("a", "second"), ("b", "second"), ("a", "first")]
    for component, trial in pairs:
        sagemaker.associate_trial_component(
            TrialComponentName=component, TrialName=trial
        )
    assert names(sagemaker, TrialName="first") == ["a"]
    assert names(sagemaker, ExperimentName="late") == ["a", "b"]
    assert names(sagemaker) == ["a", "b", "c"]
    page = sagemaker.list_trial_components(ExperimentName="late", MaxResults=1)
    more = sagemaker.list_trial_components(
        ExperimentName="late", MaxResults=1, NextToken=page["NextToken"]
    )
    assert "NextToken" not in more
    shown = [
        p["TrialComponentSummaries"][0]["TrialComponentName"] for p in (page, more)
    ]
    assert shown == ["b", "a"]
    listed = sagemaker.list_trials(TrialComponentName="a", SortOrder="Ascending")
    assert [t["TrialName"] for t in listed["TrialSummaries"]] == ["first", "second"]
    listed = sagemaker.list_trials(ExperimentName="late", TrialComponentName="b")
    assert [t["TrialName"] for t in listed["TrialSummaries"]] == ["second"]
    sagemaker.disassociate_trial_component(TrialComponentName="a", TrialName="first")
    assert names(sagemaker, TrialName="first") == []
    code, _ = refused(
        sagemaker.disassociate_trial_component,
        TrialComponentName="a",
        TrialName="first",
    )
    assert code == "ResourceNotFound"


def test_what_is_in_use_is_not_deleted(sagemaker: Any) -> None:
    sagemaker.create_trial_component(TrialComponentName="a")
    both = {"TrialComponentName": "a", "TrialName": "first"}
    sagemaker.associate_trial_component(**both)
    for call, members in (
        (sagemaker.delete_experiment, {"ExperimentName": "late"}),
        (sagemaker.delete_trial, {"TrialName": "first"}),
        (sagemaker.delete_trial_component, {"TrialComponentName": "a"}),
    ):
        assert refused(call, **members)[0] == "ValidationException"
    sagemaker.disassociate_trial_component(**both)
    sagemaker.delete_trial_component(TrialComponentName="a")
    sagemaker.delete_trial(TrialName="first")
    sagemaker.delete_experiment(ExperimentName="late")
    assert sagemaker.list_experiments()["ExperimentSummaries"] == []
    code, _ = refused(sagemaker.describe_trial, TrialName="first")
    assert code == "ResourceNotFound"


def test_names_are_taken_once_and_must_be_known(sagemaker: Any) -> None:
    code, message = refused(sagemaker.create_experiment, ExperimentName="late")
    assert (code, "already exists" in message) == ("ValidationException", True)
    trial = {"TrialName": "first", "ExperimentName": "late"}
    code, message = refused(sagemaker.create_trial, **trial)
    assert (code, "already exists" in message) == ("ValidationException", True)
    for call, members in (
        (sagemaker.create_trial, {"TrialName": "t", "ExperimentName": "no"}),
        (sagemaker.describe_experiment, {"ExperimentName": "no"}),
        (sagemaker.list_trials, {"ExperimentName": "no"}),
        (sagemaker.list_trial_components, {"TrialName": "no"}),
        (
            sagemaker.associate_trial_component,
            {"TrialComponentName": "no", "TrialName": "first"},
        ),
    ):
        assert refused(call, **members)[0] == "ResourceNotFound"


def test_a_job_becomes_a_component_of_its_trial(sagemaker: Any, train: Train) -> None:
    config = {
        "ExperimentName": "late",
        "TrialName": "first",
        "TrialComponentDisplayName": "deep",
    }
    job = train("print('auc=0.7')", ExperimentConfig=config)
    assert job["ExperimentConfig"] == config
    assert names(sagemaker, TrialName="first") == ["job-aws-training-job"]
    found = sagemaker.describe_trial_component(
        TrialComponentName="job-aws-training-job"
    )
    assert found["DisplayName"] == "deep"
    assert found["Status"]["PrimaryStatus"] == "Completed"
    (metric,) = found["Metrics"]
    assert (metric["MetricName"], metric["Last"]) == ("validation:auc", 0.7)
    both = {"TrialComponentName": "job-aws-training-job", "TrialName": "first"}
    sagemaker.disassociate_trial_component(**both)
    assert names(sagemaker, TrialName="first") == []


def test_a_job_without_a_trial_makes_one(sagemaker: Any, train: Train) -> None:
    train("print(1)", ExperimentConfig={"ExperimentName": "late"})
    listed = sagemaker.list_trials(ExperimentName="late")["TrialSummaries"]
    (made,) = [one for one in listed if one["TrialName"] != "first"]
    assert made["TrialSource"]["SourceType"] == "SageMakerTrainingJob"
    assert names(sagemaker, TrialName=made["TrialName"]) == ["job-aws-training-job"]


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"ExperimentName": "no"}, "ResourceNotFound"),
        ({"ExperimentName": "late", "TrialName": "no"}, "ResourceNotFound"),
        ({"ExperimentName": "other", "TrialName": "first"}, "ValidationException"),
        ({"ExperimentName": "late", "RunName": "no"}, "ResourceNotFound"),
    ],
)
def test_a_job_of_an_unknown_experiment_does_not_begin(
    sagemaker: Any, start: Train, config: dict[str, str], code: str
) -> None:
    sagemaker.create_experiment(ExperimentName="other")
    assert refused(start, script="print(1)", ExperimentConfig=config)[0] == code
    assert sagemaker.list_training_jobs()["TrainingJobSummaries"] == []


@pytest.mark.usefixtures("bucket")
def test_a_pipeline_makes_its_experiment(aws: Aws, role: str) -> None:
    config = {
        "ExperimentName": {"Get": "Execution.PipelineName"},
        "TrialName": {"Get": "Execution.PipelineExecutionId"},
    }
    plain = json.loads(definition(training("fit", "print(1)", role)))
    create(json.dumps({**plain, "PipelineExperimentConfig": config}), role)
    sagemaker = aws("sagemaker")
    for _ in range(2):
        found = finished(start_pipeline())
        assert found["PipelineExecutionStatus"] == "Succeeded"
        trial = found["PipelineExecutionArn"].rpartition("/")[2]
        assert found["PipelineExperimentConfig"] == {
            "ExperimentName": "desk",
            "TrialName": trial,
        }
        (component,) = names(sagemaker, TrialName=trial)
        assert component.endswith("-aws-training-job")
    assert len(names(sagemaker, ExperimentName="desk")) == 2
    made = sagemaker.describe_experiment(ExperimentName="desk")
    assert made["Source"]["SourceArn"] == found["PipelineArn"]


def test_through_the_resource_classes(sagemaker: Any) -> None:
    from sagemaker.core.resources import Experiment, Trial, TrialComponent

    experiment = Experiment.create(experiment_name="sdk")
    trial = Trial.create(trial_name="one", experiment_name="sdk")
    component = TrialComponent.create(trial_component_name="step")
    component.associate_trail(trial_name="one")
    assert [t.trial_name for t in Trial.get_all(experiment_name="sdk")] == ["one"]
    found = TrialComponent.get_all(trial_name="one")
    assert [c.trial_component_name for c in found] == ["step"]
    component.disassociate_trail(trial_name="one")
    component.delete()
    trial.delete()
    experiment.delete()
    assert [e.experiment_name for e in Experiment.get_all()] == ["late"]


def test_the_state_of_a_run_is_seen_while_it_goes_on(
    sagemaker: Any, start: Train
) -> None:
    config = {"ExperimentName": "late", "TrialName": "first"}
    start("import time; time.sleep(60)", ExperimentConfig=config)

    def status() -> dict[str, Any]:
        found = sagemaker.describe_trial_component(
            TrialComponentName="job-aws-training-job"
        )
        return found["Status"]

    assert status()["PrimaryStatus"] == "InProgress"
    boto3.client("sagemaker").stop_training_job(TrainingJobName="job")
    wait(status, "PrimaryStatus", "InProgress", "Stopping")
    assert status()["PrimaryStatus"] == "Stopped"
    assert names(sagemaker, TrialName="first") == ["job-aws-training-job"]
