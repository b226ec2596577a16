"""Processing jobs: CreateProcessingJob and what follows it."""

from collections.abc import Iterator
from typing import Any

from localaws.errors import NotImplementedHere, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.experiment_config import check_experiment
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.images import image, processor
from localaws.sagemaker.job_end import delete_job, stop_job
from localaws.sagemaker.job_run import check_network
from localaws.sagemaker.output_keys import check_output_key
from localaws.sagemaker.processing_run import ProcessingRun
from localaws.sagemaker.roles import check_role
from localaws.sagemaker.transfer import split

Members = dict[str, Any]
ROOT = "/opt/ml/processing/"


def create_processing_job(engine: Engine, request: Members) -> Members:
    """Store the job and start it."""
    specification = request["AppSpecification"]
    named = specification["ImageUri"]
    image(named, "CreateProcessingJob", command=True)
    if not (specification.get("ContainerEntrypoint") or processor(named)):
        raise NotImplementedHere(
            f"sagemaker:CreateProcessingJob with the image {named!r} and no "
            "AppSpecification.ContainerEntrypoint",
            "runs the entrypoint that the image holds",
        )
    for name, path, uri in _places(request):
        if not path.startswith(ROOT):
            raise ValidationError(
                f"LocalPath of {name!r} must begin with {ROOT}; found {path!r}."
            )
        split(uri)
    inputs = request.get("ProcessingInputs", ())
    _check_unique("InputName", [given["InputName"] for given in inputs])
    paths = [given["S3Input"]["LocalPath"].rstrip("/") for given in inputs]
    _check_unique("LocalPath", paths)
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", ())
    _check_unique("OutputName", [given["OutputName"] for given in outputs])
    network = request.get("NetworkConfig", {})
    check_network(
        "CreateProcessingJob",
        request["ProcessingResources"]["ClusterConfig"].get("InstanceCount", 0),
        "NetworkConfig.",
        isolated=network.get("EnableNetworkIsolation", False),
        encrypted=network.get("EnableInterContainerTrafficEncryption", False),
    )
    check_output_key(engine.aws, request.get("ProcessingOutputConfig", {}))
    check_role(engine.aws, request["RoleArn"])
    cluster = request["ProcessingResources"]["ClusterConfig"]
    for member in ("InstanceType", "InstanceCount"):
        if not cluster.get(member):
            raise ValidationError(f"You must specify {member} in ClusterConfig.")
    check_experiment(engine, request)
    document = engine.store.create(
        "ProcessingJob", request, ProcessingJobStatus="InProgress"
    )
    document.setdefault("StoppingCondition", {"MaxRuntimeInSeconds": 86_400})
    run = ProcessingRun(engine, document)
    engine.register(document["ProcessingJobArn"], run)
    engine.submit(run)
    return {"ProcessingJobArn": document["ProcessingJobArn"]}


def _places(request: Members) -> Iterator[tuple[str, str, str]]:
    """Yield name, path in the container and S3 URI of each input and output."""
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", ())
    for given in (*request.get("ProcessingInputs", ()), *outputs):
        name = given.get("InputName") or given.get("OutputName")
        place = given.get("S3Input") or given.get("S3Output")
        if "FeatureStoreOutput" in given:
            _check_features(name, given)
            continue
        if place is None:
            raise ValidationError(f"{name!r} needs an S3Input or S3Output.")
        yield name, place.get("LocalPath", ""), place["S3Uri"]


def _check_features(name: str, output: Members) -> None:
    if "S3Output" in output:
        raise ValidationError(
            f"{name!r} must specify exactly one of S3Output and FeatureStoreOutput."
        )
    if not output.get("AppManaged"):
        raise ValidationError(
            f"FeatureStoreOutput of {name!r} is only supported when AppManaged is true."
        )


def _check_unique(member: str, values: list[str]) -> None:
    twice = {value for value in values if values.count(value) > 1}
    if twice:
        shown = ", ".join(sorted(twice))
        raise ValidationError(f"{member} must be unique; found twice: {shown}.")


HANDLERS = {
    "CreateProcessingJob": create_processing_job,
    "DescribeProcessingJob": described("ProcessingJob"),
    "ListProcessingJobs": listed("ProcessingJob"),
    "StopProcessingJob": stop_job("ProcessingJob"),
    "DeleteProcessingJob": delete_job("ProcessingJob"),
}
