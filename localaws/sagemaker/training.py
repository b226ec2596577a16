"""Training jobs: CreateTrainingJob and what follows it."""

import re
from typing import Any

from localaws.algorithms import HyperparameterError
from localaws.errors import NotImplementedHere, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.experiment_config import check_experiment
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.images import Image, image
from localaws.sagemaker.job_end import delete_job, stop_job
from localaws.sagemaker.job_run import check_network
from localaws.sagemaker.mounts import check_file_systems
from localaws.sagemaker.output_keys import check_output_key
from localaws.sagemaker.roles import check_role
from localaws.sagemaker.script_mode import check_launchers
from localaws.sagemaker.spot import check_checkpoints, check_spot
from localaws.sagemaker.training_run import TrainingRun
from localaws.sagemaker.transfer import split

Members = dict[str, Any]
_SWITCHES = (
    "EnableManagedSpotTraining",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
)


def check_training_job(engine: Engine, request: Members) -> Image:
    """Check all but the hyperparameters and the experiment; what the image is."""
    algorithm = request["AlgorithmSpecification"]
    uri = algorithm.get("TrainingImage")
    if uri is None:
        raise ValidationError("You must specify an algorithm source: a TrainingImage.")
    entrypoint = algorithm.get("ContainerEntrypoint")
    form = image(uri, "CreateTrainingJob", command=bool(entrypoint))
    if form.algorithm and algorithm.get("MetricDefinitions"):
        raise ValidationError(
            "You can't override the metric definitions for Amazon SageMaker "
            "algorithms. Please retry the request without specifying metric "
            "definitions."
        )
    channels = [
        channel["ChannelName"] for channel in request.get("InputDataConfig", ())
    ]
    if len(set(channels)) < len(channels):
        raise ValidationError("Channel names must be unique within InputDataConfig.")
    for channel in request.get("InputDataConfig", ()):
        source = channel["DataSource"].get("S3DataSource")
        if source is None and "FileSystemDataSource" in channel["DataSource"]:
            continue
        if source is None:
            raise ValidationError(
                f"Channel {channel['ChannelName']!r} needs a DataSource."
            )
        split(source["S3Uri"])
    split(request["OutputDataConfig"]["S3OutputPath"])
    check_output_key(engine.aws, request["OutputDataConfig"])
    check_file_systems(engine, request)
    check_spot(request)
    check_checkpoints(request)
    check_network(
        "CreateTrainingJob",
        _instances(request),
        "",
        isolated=request.get("EnableNetworkIsolation", False),
        encrypted=request.get("EnableInterContainerTrafficEncryption", False),
    )
    for metric in algorithm.get("MetricDefinitions", ()):
        try:
            re.compile(metric["Regex"])
        except re.error as error:
            raise ValidationError(
                f"Regex of metric {metric['Name']!r} is not one: {error}"
            ) from error
    check_role(engine.aws, request["RoleArn"])
    hyperparameters = request.get("HyperParameters", {})
    check_launchers(uri, hyperparameters)
    scripted = "sagemaker_program" in hyperparameters or entrypoint
    if form.algorithm and not scripted and _instances(request) > 1:
        raise NotImplementedHere(
            "sagemaker:CreateTrainingJob of a built-in algorithm on several instances",
            "trains one model on the data of all of them",
        )
    return form


def create_training_job(engine: Engine, request: Members) -> Members:
    """Store the job and start it."""
    form = check_training_job(engine, request)
    hyperparameters = request.get("HyperParameters", {})
    entrypoint = request["AlgorithmSpecification"].get("ContainerEntrypoint")
    scripted = "sagemaker_program" in hyperparameters or entrypoint
    if form.algorithm and not scripted:
        try:
            form.algorithm.check(hyperparameters)
        except HyperparameterError as error:
            raise ValidationError(str(error)) from error
    check_experiment(engine, request)
    document = engine.store.create(
        "TrainingJob",
        request,
        TrainingJobStatus="InProgress",
        SecondaryStatus="Starting",
        SecondaryStatusTransitions=[],
        **{switch: request.get(switch, False) for switch in _SWITCHES},
    )
    run = TrainingRun(engine, document, None if scripted else form.algorithm)
    engine.register(document["TrainingJobArn"], run)
    engine.submit(run)
    return {"TrainingJobArn": document["TrainingJobArn"]}


def _instances(request: Members) -> int:
    """Return how many instances a job has."""
    resources = request["ResourceConfig"]
    for member in ("InstanceType", "InstanceCount"):
        if not resources.get(member):
            raise ValidationError(f"You must specify {member} in ResourceConfig.")
    return int(resources["InstanceCount"])


HANDLERS = {
    "CreateTrainingJob": create_training_job,
    "DescribeTrainingJob": described("TrainingJob"),
    "ListTrainingJobs": listed("TrainingJob"),
    "StopTrainingJob": stop_job("TrainingJob"),
    "DeleteTrainingJob": delete_job("TrainingJob"),
}
