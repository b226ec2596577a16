"""Inference components: models that share the instances of an endpoint."""

from collections.abc import Mapping
from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.sagemaker.chains import check_target
from localaws.sagemaker.component_run import COMPUTE, NOUN, create, update, variant_of
from localaws.sagemaker.containers import check_artefact
from localaws.sagemaker.copies import Copies
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.images import image
from localaws.sagemaker.roles import check_role

# From which states each operation takes a component, and into which.
MOVES = {
    "UpdateInferenceComponent": (("InService", "Failed"), "Updating"),
    "UpdateInferenceComponentRuntimeConfig": (("InService", "Failed"), "Updating"),
}
HEADER = "x-amzn-sagemaker-inference-component"
Members = dict[str, Any]


def check_variants(engine: Engine, request: Members) -> bool:
    """Check the variants of CreateEndpointConfig's input that have no model.

    Returns:
        Whether the configuration is for inference components.
    """
    without = [v for v in request["ProductionVariants"] if "ModelName" not in v]
    if not without:
        return False
    if len(without) < len(request["ProductionVariants"]):
        raise ValidationError(
            "Either every production variant has a ModelName, or none: variants "
            "without one host inference components."
        )
    if "ExecutionRoleArn" not in request:
        raise ValidationError(
            "You must provide ExecutionRoleArn when the production variants have no "
            "ModelName."
        )
    check_role(engine.aws, request["ExecutionRoleArn"])
    return True


def none_left(engine: Engine, endpoint: Members) -> None:
    """Raise `ValidationError` while an endpoint hosts inference components."""
    left = [one["InferenceComponentName"] for one in _hosted(engine, endpoint)]
    if left:
        raise ValidationError(
            f'Cannot delete endpoint "{endpoint["EndpointArn"]}" because it hosts '
            f"inference components: {', '.join(left)}. Delete them first."
        )


def check_update(engine: Engine, endpoint: Members, config: Members) -> None:
    """Raise `ValidationError` if a configuration has no place for a component."""
    variants = config["ProductionVariants"]
    free = {one["VariantName"] for one in variants if "ModelName" not in one}
    for one in _hosted(engine, endpoint):
        if one["VariantName"] not in free:
            raise ValidationError(
                f'Cannot update endpoint "{endpoint["EndpointArn"]}": inference '
                f"component {one['InferenceComponentName']} needs the variant "
                f"{one['VariantName']}, without a ModelName."
            )


def _hosted(engine: Engine, endpoint: Members) -> list[Members]:
    name = endpoint["EndpointName"]
    return [one for one in engine.store.documents(NOUN) if one["EndpointName"] == name]


def create_component(engine: Engine, request: Members) -> Members:
    """Store an inference component and start its copies."""
    endpoint = engine.store.find("Endpoint", request["EndpointName"])
    if endpoint["EndpointStatus"] not in ("InService", "Updating"):
        raise ValidationError(
            f'Endpoint "{endpoint["EndpointArn"]}" is {endpoint["EndpointStatus"]}; '
            "an inference component needs one that is InService."
        )
    for member in ("VariantName", "Specification", "RuntimeConfig"):
        if member not in request:
            raise ValidationError(f"You must provide {member}.")
    _, role = variant_of(engine, endpoint, request["VariantName"])
    model = _model(engine, request["Specification"], role)
    document = engine.store.create(
        NOUN,
        {**request, "Specification": _summary(engine, request["Specification"])},
        InferenceComponentStatus="Creating",
        EndpointArn=endpoint["EndpointArn"],
        RuntimeConfig={
            "DesiredCopyCount": request["RuntimeConfig"]["CopyCount"],
            "CurrentCopyCount": 0,
        },
        _model=model,
        _since=engine.clock.now(),
        _taken={},
        __copies=Copies(),
    )
    engine.register(document["InferenceComponentArn"], document["__copies"])
    engine.submit(create, engine, document)
    return {"InferenceComponentArn": document["InferenceComponentArn"]}


def _model(engine: Engine, specification: Members, role: str) -> Members:
    """Return what a component serves, as a model of the store."""
    if COMPUTE not in specification:
        raise ValidationError(f"You must provide {COMPUTE}.")
    if ("ModelName" in specification) == ("Container" in specification):
        raise ValidationError("You must provide either ModelName or Container.")
    if "ModelName" in specification:
        return engine.store.find("Model", specification["ModelName"])
    given = specification["Container"]
    if "Image" not in given:
        raise ValidationError("Container needs an Image.")
    image(given["Image"], "CreateInferenceComponent")
    definition = {"Image": given["Image"], "Environment": given.get("Environment", {})}
    if "ArtifactUrl" in given:
        definition["ModelDataUrl"] = given["ArtifactUrl"]
    check_artefact(engine, definition)
    return {"PrimaryContainer": definition, "ExecutionRoleArn": role}


def _summary(engine: Engine, specification: Members) -> Members:
    """Return a specification as Describe shows it."""
    if "Container" not in specification:
        return specification
    container = dict(specification["Container"])
    uri = container.pop("Image")
    container["DeployedImage"] = {
        "SpecifiedImage": uri,
        "ResolvedImage": uri,
        "ResolutionTime": engine.clock.now(),
    }
    return {**specification, "Container": container}


def update_component(engine: Engine, request: Members) -> Members:
    """Serve another model, with another number of copies; the old ones go last."""
    document = engine.store.find(NOUN, request["InferenceComponentName"])
    wanted: Members = {
        "Specification": document["Specification"],
        "RuntimeConfig": document["RuntimeConfig"],
        "_model": document["_model"],
    }
    if "Specification" in request:
        endpoint = engine.store.find("Endpoint", document["EndpointName"])
        _, role = variant_of(engine, endpoint, document["VariantName"])
        wanted["_model"] = _model(engine, request["Specification"], role)
        wanted["Specification"] = _summary(engine, request["Specification"])
    if "RuntimeConfig" in request:
        count = request["RuntimeConfig"]["CopyCount"]
        wanted["RuntimeConfig"] = {"DesiredCopyCount": count}
    _move(engine, document, "UpdateInferenceComponent")
    engine.submit(update, engine, document, wanted, "Specification" in request)
    return {"InferenceComponentArn": document["InferenceComponentArn"]}


def update_runtime(engine: Engine, request: Members) -> Members:
    """Run more or fewer copies."""
    document = engine.store.find(NOUN, request["InferenceComponentName"])
    wanted = {
        "Specification": document["Specification"],
        "_model": document["_model"],
        "RuntimeConfig": {
            "DesiredCopyCount": request["DesiredRuntimeConfig"]["CopyCount"]
        },
    }
    _move(engine, document, "UpdateInferenceComponentRuntimeConfig")
    engine.submit(update, engine, document, wanted, False)
    return {"InferenceComponentArn": document["InferenceComponentArn"]}


def _move(engine: Engine, document: Members, operation: str) -> None:
    allowed, to = MOVES[operation]
    with engine.store.lock:
        status = document["InferenceComponentStatus"]
        if status not in allowed:
            raise ValidationError(
                f'Cannot update inference component "'
                f'{document["InferenceComponentArn"]}" while it is {status}.'
            )
        engine.store.change(
            document, InferenceComponentStatus=to, _since=engine.clock.now()
        )


def delete_component(engine: Engine, request: Members) -> Members:
    """End the copies and forget the component; its endpoint stays."""
    document = engine.store.delete(NOUN, request["InferenceComponentName"])
    engine.release(document["InferenceComponentArn"])
    document["__copies"].close()
    return {}


def serving(
    engine: Engine, endpoint: Members, headers: Mapping[str, str]
) -> Copies | None:
    """Return what answers a request instead of the containers of a variant.

    Args:
        engine: What it acts with.
        endpoint: The endpoint.
        headers: Of the request, names in lower case.

    Returns:
        The copies of the component that the request names; None if the endpoint
        hosts none, and the request names none.

    Raises:
        AwsError: `ValidationError`: it names none, or one without a running copy.
    """
    name = headers.get(HEADER)
    running = engine.process(endpoint["EndpointArn"])
    if running.traffic.fleet.variants[0].model is not None:
        if name is None:
            return None
        raise _invalid(
            f"Endpoint {endpoint['EndpointName']} hosts no inference components and "
            "does not support Inference Component Name header."
        )
    if name is None:
        raise _invalid(
            "Inference Component Name header is required for endpoints to which you "
            "plan to deploy inference components. Please include Inference Component "
            "Name header or consider using SageMaker models."
        )
    hosted = _hosted(engine, endpoint)
    found = [one for one in hosted if one["InferenceComponentName"] == name]
    if not found:
        raise _invalid(
            f"Inference Component {name} of endpoint {endpoint['EndpointName']} not "
            "found."
        )
    copies: Copies = found[0]["__copies"]
    if not len(copies):
        raise _invalid(
            "Inference Component has no capacity to process this request. "
            "ApplicationAutoScaling may be in-progress (if configured) or try to "
            "increase the capacity by invoking UpdateInferenceComponentRuntimeConfig "
            "API."
        )
    check_target(endpoint["EndpointName"], found[0]["_model"], headers)
    return copies


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


HANDLERS = {
    "CreateInferenceComponent": create_component,
    "DescribeInferenceComponent": described(NOUN),
    "ListInferenceComponents": listed(NOUN),
    "UpdateInferenceComponent": update_component,
    "UpdateInferenceComponentRuntimeConfig": update_runtime,
    "DeleteInferenceComponent": delete_component,
}
