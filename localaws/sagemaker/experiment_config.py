"""`ExperimentConfig`: how a job becomes part of an experiment."""

from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.lineage_store import TRIALS, sourced
from localaws.store import Document

Members = dict[str, Any]


def check_experiment(engine: Engine, request: Members) -> None:
    """Check the `ExperimentConfig` of a job's input.

    Raises:
        AwsError: It names an experiment, trial or run that does not exist.
        ValidationError: Its trial is one of another experiment.
    """
    config = request.get("ExperimentConfig", {})
    experiment = config.get("ExperimentName")
    if experiment:
        engine.store.find("Experiment", experiment)
    if "TrialName" in config:
        trial = engine.store.find("Trial", config["TrialName"])
        if experiment and trial["ExperimentName"] != experiment:
            raise ValidationError(
                f"Trial '{config['TrialName']}' belongs to experiment "
                f"'{trial['ExperimentName']}', not to '{experiment}'."
            )
    if "RunName" in config:
        engine.store.find("TrialComponent", config["RunName"])


def joined(engine: Engine, noun: str, job: Document, component: str) -> Members:
    """Return what a job's new trial component has from its `ExperimentConfig`.

    A trial is made if only the experiment is named, and a run is told of the job.

    Args:
        engine: What it acts with.
        noun: Such as `TrainingJob`.
        job: The job.
        component: Name of its trial component.
    """
    config, arn = job.get("ExperimentConfig", {}), job[f"{noun}Arn"]
    found: Members = {"DisplayName": config.get("TrialComponentDisplayName", component)}
    trial = config.get("TrialName")
    experiment = config.get("ExperimentName")
    if trial is None and experiment and _exists(engine, "Experiment", experiment):
        trial = job[f"{noun}Name"]
        if not _exists(engine, "Trial", trial):
            given = {"TrialName": trial, "ExperimentName": experiment}
            sourced(engine, "Trial", given, arn)
    if trial is not None and _exists(engine, "Trial", trial):
        found[TRIALS] = [trial]
    if "RunName" in config and _exists(engine, "TrialComponent", config["RunName"]):
        run = engine.store.find("TrialComponent", config["RunName"])
        source = {"SourceArn": arn, "SourceType": f"SageMaker{noun}"}
        engine.store.change(run, Sources=[*run.get("Sources", ()), source])
    return found


def of_execution(engine: Engine, execution: Members, config: Members) -> Members:
    """Make the experiment and the trial of a pipeline's execution.

    Args:
        engine: What it acts with.
        execution: The execution's `PipelineArn`.
        config: `ExperimentName` and `TrialName`; either may be missing.

    Returns:
        What was given.
    """
    arn = execution["PipelineArn"]
    experiment, trial = config.get("ExperimentName"), config.get("TrialName")
    if not experiment or not trial:
        return {}
    if not _exists(engine, "Experiment", experiment):
        sourced(engine, "Experiment", {"ExperimentName": experiment}, arn)
    if not _exists(engine, "Trial", trial):
        given = {"TrialName": trial, "ExperimentName": experiment}
        sourced(engine, "Trial", given, arn)
    return {"ExperimentName": experiment, "TrialName": trial}


def _exists(engine: Engine, noun: str, name: str) -> bool:
    try:
        engine.store.find(noun, name)
    except AwsError:
        return False
    return True
