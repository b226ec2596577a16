"""Automatic model tuning: CreateHyperParameterTuningJob and what follows it."""

from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.fidelity import check_members, check_values
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.images import image
from localaws.sagemaker.training import check_training_job
from localaws.sagemaker.tuning_run import Tuning
from localaws.sagemaker.tuning_space import parameters
from localaws.sagemaker.tuning_strategies import rule
from localaws.sagemaker.tuning_trials import (
    Definition,
    Trial,
    best,
    counters,
    definitions,
)
from localaws.sagemaker.tuning_warm import parents_of
from localaws.store import operation, page
from localaws.validate import validate

Members = dict[str, Any]
NOUN = "HyperParameterTuningJob"
ENDED = ("Completed", "Failed", "Stopped")
_describe = described(NOUN)
_list = listed(NOUN)


def create_tuning_job(engine: Engine, request: Members) -> Members:
    """Store the tuning job and start its first trials."""
    config = request["HyperParameterTuningJobConfig"]
    _check_shape(request, config)
    found = definitions(request)
    for one in found:
        _check(engine, config, one)
    parents = parents_of(engine, request, found[0])
    document = engine.store.create(
        NOUN,
        request,
        HyperParameterTuningJobStatus="InProgress",
        Strategy=config["Strategy"],
        ResourceLimits=config["ResourceLimits"],
        _launched=[],
        __trials=[],
        __parents=parents,
        **counters([]),
    )
    run = Tuning(engine, document, [trial for _, trial in parents])
    engine.register(document["HyperParameterTuningJobArn"], run)
    engine.submit(run)
    return {"HyperParameterTuningJobArn": document["HyperParameterTuningJobArn"]}


def _check_shape(request: Members, config: Members) -> None:
    """Check what belongs together in the input."""
    several = "TrainingJobDefinitions" in request
    if several == ("TrainingJobDefinition" in request):
        raise ValidationError(
            "Specify either TrainingJobDefinition or TrainingJobDefinitions."
        )
    if several:
        for member in ("HyperParameterTuningJobObjective", "ParameterRanges"):
            if member in config:
                raise ValidationError(
                    f"{member} belongs to each of the TrainingJobDefinitions."
                )
        names = [one.get("DefinitionName") for one in request["TrainingJobDefinitions"]]
        if None in names or len(set(names)) < len(names):
            raise ValidationError(
                "Each of the TrainingJobDefinitions needs a DefinitionName of its own."
            )
        kinds = {one.objective.get("Type") for one in definitions(request)}
        if len(kinds) > 1:
            raise ValidationError(
                "All TrainingJobDefinitions must have the same type of objective."
            )
    limits, criteria = (
        config["ResourceLimits"],
        config.get("TuningJobCompletionCriteria"),
    )
    open_ended = config["Strategy"] == "Grid" or criteria
    if not open_ended and not limits.keys() - {"MaxParallelTrainingJobs"}:
        raise ValidationError(
            "ResourceLimits needs MaxNumberOfTrainingJobs or MaxRuntimeInSeconds "
            f"for the strategy {config['Strategy']}."
        )
    hyperband = "HyperbandStrategyConfig" in config.get("StrategyConfig", {})
    if hyperband and config["Strategy"] != "Hyperband":
        raise ValidationError("HyperbandStrategyConfig needs the strategy Hyperband.")


def _check(engine: Engine, config: Members, one: Definition) -> None:
    """Check a definition as CreateTrainingJob would check its trials."""
    if not one.objective:
        raise ValidationError("You must specify an objective metric.")
    space = parameters(one.ranges, config["Strategy"])
    static = one.given.get("StaticHyperParameters", {})
    twice = static.keys() & {parameter.name for parameter in space}
    if twice:
        raise ValidationError(
            f"Hyperparameters are both static and tunable: {', '.join(sorted(twice))}."
        )
    rule(config, static, one.sign > 0)
    trial = one.request("trial", {parameter.name: "1" for parameter in space})
    shape = operation("CreateTrainingJob")
    if "ResourceConfig" not in trial:
        raise ValidationError("The training job definition needs a ResourceConfig.")
    check_members("sagemaker", shape, trial)
    validate(shape.input_shape, trial)
    check_values("sagemaker", shape, trial)
    _check_metric(one, static)
    check_training_job(engine, trial)


def _check_metric(one: Definition, static: Members) -> None:
    """Check that the image's jobs tell the objective."""
    specification = one.given["AlgorithmSpecification"]
    if "TrainingImage" not in specification:
        raise ValidationError("You must specify an algorithm source: a TrainingImage.")
    uri, name = specification["TrainingImage"], one.objective["MetricName"]
    form = image(uri, "CreateHyperParameterTuningJob")
    if form.algorithm and "sagemaker_program" not in static:
        if name not in [metric for metric, _ in form.algorithm.metrics]:
            raise ValidationError(
                "The objective metric for the hyperparameter tuning job, "
                f"[{name}], isn't valid for the [{uri}] algorithm. Choose a valid "
                "objective metric."
            )
    elif name not in [m["Name"] for m in specification.get("MetricDefinitions", ())]:
        raise ValidationError(
            "A metric is required for this hyperparameter tuning job objective. "
            "Provide a metric in the metric definitions."
        )


def describe_tuning_job(engine: Engine, request: Members) -> Members:
    """Answer with the job, and with what its trials are at now."""
    name = request["HyperParameterTuningJobName"]
    document = engine.store.find(NOUN, name)
    trials: list[Trial] = list(document["__trials"])
    found = best(trials)
    answer = _describe(engine, request) | counters(trials)
    if found:
        answer["BestTrainingJob"] = found.summary()
    warm = document.get("WarmStartConfig", {}).get("WarmStartType")
    if warm == "IdenticalDataAndAlgorithm":
        owners = [*document["__parents"], *((name, trial) for trial in trials)]
        overall = best([trial for _, trial in owners])
        if overall:
            owner = next(job for job, trial in owners if trial is overall)
            answer["OverallBestTrainingJob"] = overall.summary(owner)
    return answer


def list_tuning_jobs(engine: Engine, request: Members) -> Members:
    """Answer with the summaries that pass the filters."""
    for document in engine.store.documents(NOUN):
        with engine.store.lock:
            document |= counters(document["__trials"])
    return _list(engine, request)


def list_trials(engine: Engine, request: Members) -> Members:
    """Answer with the training jobs of a tuning job."""
    document = engine.store.find(NOUN, request["HyperParameterTuningJobName"])
    found: list[Trial] = list(document["__trials"])
    if "StatusEquals" in request:
        found = [one for one in found if one.status == request["StatusEquals"]]
    by = request.get("SortBy", "Name")
    if by == "FinalObjectiveMetricValue":
        found = [one for one in found if one.objective is not None]
        found.sort(key=lambda one: one.objective or 0)
    else:
        member = {"Name": "TrainingJobName", "Status": "TrainingJobStatus"}.get(by, by)
        found.sort(key=lambda one: one.document[member])
    if request.get("SortOrder") == "Descending":
        found.reverse()
    return page("TrainingJobSummaries", [one.summary() for one in found], request)


def stop_tuning_job(engine: Engine, request: Members) -> Members:
    """Stop the tuning job and the training jobs that run."""
    document = engine.store.find(NOUN, request["HyperParameterTuningJobName"])
    with engine.store.lock:
        status = document["HyperParameterTuningJobStatus"]
        if status != "InProgress":
            raise ValidationError(
                "The request was rejected because the hyperparameter tuning job is in "
                f"status {status}."
            )
        engine.store.change(document, HyperParameterTuningJobStatus="Stopping")
    run = engine.process(document["HyperParameterTuningJobArn"])
    if run:
        run.stop()
    return {}


def delete_tuning_job(engine: Engine, request: Members) -> Members:
    """Remove a tuning job that has ended; its training jobs stay."""
    name = request["HyperParameterTuningJobName"]
    status = engine.store.find(NOUN, name)["HyperParameterTuningJobStatus"]
    if status not in ENDED:
        raise AwsError(
            "ResourceInUse",
            f"Hyperparameter tuning job {name} is {status}; stop it before you delete "
            "it.",
        )
    engine.store.delete(NOUN, name)
    return {}


HANDLERS = {
    "CreateHyperParameterTuningJob": create_tuning_job,
    "DescribeHyperParameterTuningJob": describe_tuning_job,
    "ListHyperParameterTuningJobs": list_tuning_jobs,
    "ListTrainingJobsForHyperParameterTuningJob": list_trials,
    "StopHyperParameterTuningJob": stop_tuning_job,
    "DeleteHyperParameterTuningJob": delete_tuning_job,
}
