"""Training jobs: CreateTrainingJob and what follows it."""

import re
from typing import Any

from localaws.algorithms import HyperparameterError
from localaws.errors import AwsError, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.images import image
from localaws.sagemaker.roles import check_role
from localaws.sagemaker.training_run import TrainingRun
from localaws.sagemaker.transfer import split

Members = dict[str, Any]
ENDED = ("Completed", "Failed", "Stopped")


def create_training_job(engine: Engine, request: Members) -> Members:
    """Store the job and start it."""
    algorithm = request["AlgorithmSpecification"]
    uri = algorithm.get("TrainingImage")
    if uri is None:
        raise ValidationError("You must specify an algorithm source: a TrainingImage.")
    form = image(uri, "CreateTrainingJob")
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
        if source is None:
            raise ValidationError(
                f"Channel {channel['ChannelName']!r} needs a DataSource."
            )
        split(source["S3Uri"])
    split(request["OutputDataConfig"]["S3OutputPath"])
    for metric in algorithm.get("MetricDefinitions", ()):
        try:
            re.compile(metric["Regex"])
        except re.error as error:
            raise ValidationError(
                f"Regex of metric {metric['Name']!r} is not one: {error}"
            ) from error
    check_role(engine.aws, request["RoleArn"])
    hyperparameters = request.get("HyperParameters", {})
    scripted = "sagemaker_program" in hyperparameters or algorithm.get(
        "ContainerEntrypoint"
    )
    if form.algorithm and not scripted:
        try:
            form.algorithm.check(hyperparameters)
        except HyperparameterError as error:
            raise ValidationError(str(error)) from error
    document = engine.store.create(
        "TrainingJob",
        request,
        TrainingJobStatus="InProgress",
        SecondaryStatus="Starting",
        SecondaryStatusTransitions=[],
        EnableManagedSpotTraining=False,
        EnableNetworkIsolation=False,
        EnableInterContainerTrafficEncryption=False,
    )
    run = TrainingRun(engine, document, None if scripted else form.algorithm)
    engine.register(document["TrainingJobArn"], run)
    engine.submit(run)
    return {"TrainingJobArn": document["TrainingJobArn"]}


def stop_training_job(engine: Engine, request: Members) -> Members:
    """Ask a running job to stop; it gets SIGTERM, then SIGKILL."""
    document = engine.store.find("TrainingJob", request["TrainingJobName"])
    with engine.store.lock:
        status = document["TrainingJobStatus"]
        if status != "InProgress":
            raise ValidationError(
                f"The request was rejected because the training job is in status "
                f"{status}."
            )
        engine.store.change(
            document, TrainingJobStatus="Stopping", SecondaryStatus="Stopping"
        )
    run = engine.process(document["TrainingJobArn"])
    if run:
        run.stop()
    return {}


def delete_training_job(engine: Engine, request: Members) -> Members:
    """Remove a job that has ended."""
    document = engine.store.find("TrainingJob", request["TrainingJobName"])
    if document["TrainingJobStatus"] not in ENDED:
        raise AwsError(
            "ResourceInUse",
            f"Training job {request['TrainingJobName']} is "
            f"{document['TrainingJobStatus']}; stop it before you delete it.",
        )
    engine.store.delete("TrainingJob", request["TrainingJobName"])
    return {}


HANDLERS = {
    "CreateTrainingJob": create_training_job,
    "DescribeTrainingJob": described("TrainingJob"),
    "ListTrainingJobs": listed("TrainingJob"),
    "StopTrainingJob": stop_training_job,
    "DeleteTrainingJob": delete_training_job,
}
