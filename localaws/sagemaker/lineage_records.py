"""The lineage that SageMaker keeps by itself, of jobs, packages and endpoints.

Entities are made from the resources when lineage is next asked for, and before
anything is deleted, with the resources' own times.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from localaws.errors import AwsError, NoSpace
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.experiment_config import joined
from localaws.sagemaker.lineage_containers import containers, parts
from localaws.sagemaker.lineage_graph import Graph
from localaws.sagemaker.lineage_store import Seen, arn_of, artifact_name, create
from localaws.store import Document, resource_type

Members = dict[str, Any]
_JOBS = {
    "TrainingJob": "training",
    "ProcessingJob": "processing",
    "TransformJob": "transform",
}


def catch_up(engine: Engine) -> None:
    """Record every resource that is new or has changed."""
    seen = engine.part(Seen)
    # on a full disk what is new cannot be recorded, and what is there can be read
    with contextlib.suppress(NoSpace), engine.store.lock:
        for noun in _RECORDERS:
            kind = resource_type(noun)
            for document in engine.store.documents(noun):
                arn = document[kind.arn]
                state = (
                    kind.status and document.get(kind.status),
                    document.get("ModelApprovalStatus"),
                    document.get("EndpointConfigName"),
                    document["LastModifiedTime"],
                )
                if seen.states.get(arn) != state:
                    record(engine, noun, document)
                    seen.keep(arn, state)


def record(engine: Engine, noun: str, document: Document) -> None:
    """Make or change the lineage entities of one resource.

    Args:
        engine: What it acts with.
        noun: Such as `TrainingJob`; one that has no lineage is passed over.
        document: The resource as it stands.
    """
    if noun in _RECORDERS:
        with engine.store.lock:
            _RECORDERS[noun](engine, noun, document)


def _entity(
    engine: Engine,
    noun: str,
    name: str,
    source: Document,
    request: Members,
    first: Callable[[], Members] = dict,
) -> str:
    """Return the ARN of an entity, made or brought up to date.

    What `first` returns is set only when it is made.
    """
    times = {
        "CreationTime": source["CreationTime"],
        "LastModifiedTime": source["LastModifiedTime"],
    }
    try:
        found = engine.store.find(noun, name)
    except AwsError:
        found = create(engine, noun, request, **times, **first())
    else:
        engine.store.change(found, **{k: v for k, v in request.items() if k != "Tags"})
    return arn_of(noun, found)


def _artifact(engine: Engine, kind: str, uri: str, source: Document) -> str:
    place = {"SourceUri": uri}
    try:
        return arn_of("Artifact", engine.store.find("Artifact", artifact_name(place)))
    except AwsError:
        request = {"Source": place, "ArtifactType": kind}
        return _entity(engine, "Artifact", artifact_name(place), source, request)


def _join(engine: Engine, source: str, destination: str, kind: str) -> None:
    graph = engine.part(Graph)
    if not graph.has(source, destination):
        graph.add(source, destination, kind)


def _job(engine: Engine, noun: str, job: Document) -> None:
    arn, status = job[f"{noun}Arn"], job[f"{noun}Status"]
    name = f"{job[f'{noun}Name']}-aws-{_JOBS[noun]}-job"
    inputs, outputs = dict(_inputs(engine, noun, job)), dict(_outputs(noun, job))
    kind = noun.removesuffix("Job")
    component = _entity(
        engine,
        "TrialComponent",
        name,
        job,
        {
            "TrialComponentName": name,
            "Source": {"SourceArn": arn, "SourceType": f"SageMaker{noun}"},
            "Status": {"PrimaryStatus": status, "Message": f"Status: {status}"},
            "Parameters": _parameters(job),
            "InputArtifacts": {k: {"Value": uri} for k, (_, uri) in inputs.items()},
            "OutputArtifacts": {k: {"Value": uri} for k, (_, uri) in outputs.items()},
            "Metrics": [_metric(arn, m) for m in job.get("FinalMetricDataList", ())],
            "StartTime": job.get(f"{kind}StartTime"),
            "EndTime": job.get(f"{kind}EndTime"),
        },
        lambda: joined(engine, noun, job, name),
    )
    for kind, uri in inputs.values():
        source = _artifact(engine, kind, uri, job)
        _join(engine, source, component, "ContributedTo")
    for kind, uri in outputs.values():
        _join(engine, component, _artifact(engine, kind, uri, job), "Produced")


def _inputs(
    engine: Engine, noun: str, job: Document
) -> Iterator[tuple[str, tuple[str, str]]]:
    image = job.get("AlgorithmSpecification", {}).get("TrainingImage")
    image = image or job.get("AppSpecification", {}).get("ImageUri")
    if image:
        yield "SageMaker.ImageUri", ("Image", image)
    for channel in job.get("InputDataConfig", ()):
        uri = channel["DataSource"].get("S3DataSource", {}).get("S3Uri")
        if uri:
            yield channel["ChannelName"], ("DataSet", uri)
    for given in job.get("ProcessingInputs", ()):
        uri = given.get("S3Input", {}).get("S3Uri")
        if uri:
            yield given["InputName"], ("DataSet", uri)
    if noun == "TransformJob":
        uri = job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
        yield "SageMaker.TransformInput", ("DataSet", uri)
        for number, container in enumerate(containers(engine, job["ModelName"])):
            for kind, found in parts(container):
                yield f"SageMaker.{kind}{number}", (kind, found)


def _outputs(noun: str, job: Document) -> Iterator[tuple[str, tuple[str, str]]]:
    model = job.get("ModelArtifacts", {}).get("S3ModelArtifacts")
    if model:
        yield "SageMaker.ModelArtifact", ("Model", model)
    if noun == "ProcessingJob":
        for made in job.get("ProcessingOutputConfig", {}).get("Outputs", ()):
            uri = made.get("S3Output", {}).get("S3Uri")
            if uri:
                yield made["OutputName"], ("DataSet", uri)
    if noun == "TransformJob":
        uri = job["TransformOutput"]["S3OutputPath"]
        yield "SageMaker.TransformOutput", ("DataSet", uri)


def _parameters(job: Document) -> Members:
    found: Members = {}
    for name, text in job.get("HyperParameters", {}).items():
        try:
            found[name] = {"NumberValue": float(text)}
        except ValueError:
            found[name] = {"StringValue": text[:2500]}
    for name, value in job.get("ResourceConfig", {}).items():
        if isinstance(value, int | float):
            found[f"SageMaker.{name}"] = {"NumberValue": float(value)}
        elif isinstance(value, str):
            found[f"SageMaker.{name}"] = {"StringValue": value}
    return found


def _metric(arn: str, metric: Members) -> Members:
    value = metric["Value"]
    return {
        "MetricName": metric["MetricName"],
        "SourceArn": arn,
        "TimeStamp": metric["Timestamp"],
        "Last": value,
    }


def _package(engine: Engine, noun: str, package: Document) -> None:
    arn = package["ModelPackageArn"]
    artifact = _artifact(engine, "ModelPackage", arn, package)
    specification = package.get("InferenceSpecification", {})
    for container in specification.get("Containers", ()):
        for kind, uri in parts(container):
            source = _artifact(engine, kind, uri, package)
            _join(engine, source, artifact, "ContributedTo")
    if "ModelPackageVersion" not in package:
        return
    name = package["ModelPackageGroupName"]
    group = engine.store.find("ModelPackageGroup", name)
    context_name = f"{name}-aws-model-group"
    context = _entity(
        engine,
        "Context",
        context_name,
        group,
        {
            "ContextName": context_name,
            "ContextType": "ModelGroup",
            "Source": {
                "SourceUri": group["ModelPackageGroupArn"],
                "SourceType": "ModelPackageGroup",
            },
        },
    )
    _join(engine, artifact, context, "AssociatedWith")
    action_name = f"{name}-{package['ModelPackageVersion']}-aws-model-package"
    action = _entity(
        engine,
        "Action",
        action_name,
        package,
        {
            "ActionName": action_name,
            "ActionType": "Approval",
            "Source": {"SourceUri": arn, "SourceType": "ModelPackage"},
            "Status": "Completed",
            "Properties": {"ModelApprovalStatus": package["ModelApprovalStatus"]},
        },
    )
    _join(engine, action, artifact, "AssociatedWith")


def _endpoint(engine: Engine, noun: str, endpoint: Document) -> None:
    arn, name = endpoint["EndpointArn"], endpoint["EndpointName"]
    config_name = endpoint["EndpointConfigName"]
    source = {"SourceUri": arn, "SourceType": "Endpoint"}
    context_name, action_name = f"{name}-aws-endpoint", f"{name}-{config_name}"[:120]
    context = _entity(
        engine,
        "Context",
        context_name,
        endpoint,
        {"ContextName": context_name, "ContextType": "Endpoint", "Source": source},
    )
    done = endpoint["EndpointStatus"] == "InService"
    action = _entity(
        engine,
        "Action",
        action_name,
        endpoint,
        {
            "ActionName": action_name,
            "ActionType": "ModelDeployment",
            "Source": source,
            "Status": "Completed" if done else "InProgress",
            "Properties": {"EndpointConfigName": config_name},
        },
    )
    _join(engine, action, context, "AssociatedWith")
    try:
        config = engine.store.find("EndpointConfig", config_name)
    except AwsError:
        return
    for variant in config["ProductionVariants"]:
        for container in containers(engine, variant.get("ModelName", "")):
            for kind, uri in parts(container):
                part = _artifact(engine, kind, uri, endpoint)
                _join(engine, part, action, "ContributedTo")


_RECORDERS = {
    **dict.fromkeys(_JOBS, _job),
    "ModelPackage": _package,
    "Endpoint": _endpoint,
}
