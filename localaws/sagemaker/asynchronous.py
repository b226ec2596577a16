"""Asynchronous endpoints: InvokeEndpointAsync and what configures it."""

import json
import uuid
from typing import Any

from localaws.errors import AwsError, NotImplementedHere, ValidationError
from localaws.sagemaker.accepted import Accepted, Invocation
from localaws.sagemaker.async_notices import check_topics
from localaws.sagemaker.async_queue import Ask, Measure, Queues
from localaws.sagemaker.chains import takes_target
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.transfer import split
from localaws.store import model
from localaws.validate import validate
from localaws.wire import Request, Response

_LIMIT = 128_000
_TTL, _TIMEOUT = 21_600, 900
_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
_IDENTIFIER = "x-amzn-sagemaker-inference-id"
Members = dict[str, Any]


def check_async(engine: Engine, request: Members) -> None:
    """Check the `AsyncInferenceConfig` of CreateEndpointConfig's input.

    Raises:
        ValidationError: It does not go with the rest of the configuration.
        NotImplementedHere: It names no path for the answers.
    """
    config = request.get("AsyncInferenceConfig")
    if config is None:
        return
    for variant in request["ProductionVariants"]:
        if "ServerlessConfig" in variant or "ModelName" not in variant:
            raise ValidationError(
                "AsyncInferenceConfig needs variants with a model and instances; "
                f"found {variant['VariantName']}."
            )
        if takes_target(engine.store.find("Model", variant["ModelName"])):
            raise ValidationError(
                "AsyncInferenceConfig excludes multi-model containers and direct "
                "invocation: InvokeEndpointAsync names no model and no container."
            )
    if request.get("ShadowProductionVariants"):
        raise ValidationError("AsyncInferenceConfig excludes ShadowProductionVariants.")
    output = config["OutputConfig"]
    if "S3OutputPath" not in output:
        raise NotImplementedHere(
            "sagemaker:CreateEndpointConfig AsyncInferenceConfig without S3OutputPath",
            "sends each answer to the Amazon SNS topics only",
        )
    for member in ("S3OutputPath", "S3FailurePath"):
        if member in output:
            split(output[member])
    check_topics(output)


def shown(engine: Engine, config: Members) -> Members:
    """Return what an endpoint takes over from an asynchronous configuration."""
    if "AsyncInferenceConfig" not in config:
        return {}
    name = config["ProductionVariants"][0]["ModelName"]
    role = engine.store.find("Model", name)["ExecutionRoleArn"]
    return {"AsyncInferenceConfig": config["AsyncInferenceConfig"], "_queue_role": role}


def close(engine: Engine, endpoint: Members) -> None:
    """Forget the requests that wait for an endpoint that is deleted."""
    engine.part(Queues).close(endpoint)


def invoke(
    engine: Engine, request: Request, endpoint: Members, ask: Ask, measure: Measure
) -> Response:
    """Answer InvokeEndpointAsync: the request waits, and the caller does not.

    Args:
        engine: What it acts with.
        request: The request.
        endpoint: The endpoint, in service.
        ask: Puts one request to the endpoint's model.
        measure: Takes metrics of the endpoint.
    """
    name = endpoint["EndpointName"]
    if "AsyncInferenceConfig" not in endpoint:
        raise _invalid(
            f"Endpoint {name} is not an asynchronous endpoint: its configuration has "
            "no AsyncInferenceConfig. Use InvokeEndpoint."
        )
    given = _members(request)
    given["InferenceId"] = number = given.get("InferenceId") or _number(engine)
    output = endpoint["AsyncInferenceConfig"]["OutputConfig"]
    folder = output["S3OutputPath"].rstrip("/")
    extension = given.get("S3OutputPathExtension", "").strip("/")
    file = given.get("Filename", f"{number}.out")
    where = "/".join(part for part in (folder, extension, file) if part)
    headers = {"X-Amzn-SageMaker-OutputLocation": where}
    failure = None
    if "S3FailurePath" in output:
        failure = f"{output['S3FailurePath'].rstrip('/')}/{number}-error.out"
        headers["X-Amzn-SageMaker-FailureLocation"] = failure
    passed = {_IDENTIFIER: number}
    if "CustomAttributes" in given:
        passed[_ATTRIBUTES] = given["CustomAttributes"]
    invocation = Invocation(
        number,
        given.get("InputLocation"),
        request.body,
        given.get("ContentType", "application/octet-stream"),
        given.get("Accept", "*/*"),
        passed,
        where,
        failure,
        engine.clock.now(),
        given.get("RequestTTLSeconds", _TTL),
        given.get("InvocationTimeoutSeconds", _TIMEOUT),
        engine.clock.count("asynchronous"),
    )
    engine.part(Accepted).keep(endpoint["EndpointArn"], invocation)
    engine.part(Queues).of(endpoint, ask, measure).put(invocation)
    headers["Content-Type"] = "application/json"
    return Response(202, headers, json.dumps({"InferenceId": number}).encode())


def resume(engine: Engine, endpoint: Members, ask: Ask, measure: Measure) -> None:
    """Answer what an endpoint had accepted when the process was killed."""
    left = engine.part(Accepted).take(endpoint["EndpointArn"])
    if left:
        queue = engine.part(Queues).of(endpoint, ask, measure)
        for invocation in left:
            queue.put(invocation)


def check_synchronous(endpoint: Members) -> None:
    """Raise unless InvokeEndpoint may be called on an endpoint."""
    if "AsyncInferenceConfig" in endpoint:
        raise _invalid(
            f"Endpoint {endpoint['EndpointName']} is an asynchronous endpoint. Use "
            "InvokeEndpointAsync."
        )


def _number(engine: Engine) -> str:
    count = engine.clock.count("inference")
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"localaws:inference/{count}"))


def _members(request: Request) -> Members:
    """Read the members of the input from the headers, and check them."""
    shape = model("sagemaker-runtime").operation_model("InvokeEndpointAsync")
    given: Members = {}
    for name, member in shape.input_shape.members.items():
        header = member.serialization.get("name", "").lower()
        if member.serialization.get("location") != "header":
            continue
        if header in request.headers:
            text = request.headers[header]
            whole = member.type_name == "integer" and text.isdigit()
            given[name] = int(text) if whole else text
    try:
        validate(shape.input_shape, {"EndpointName": "checked", **given})
        if "InputLocation" in given:
            split(given["InputLocation"])
    except ValidationError as error:
        raise _invalid(error.message) from error
    if bool(request.body) == ("InputLocation" in given):
        raise _invalid("Provide exactly one of Body and InputLocation.")
    if len(request.body) > _LIMIT:
        raise _invalid(
            "1 validation error detected: Value at 'body' failed to satisfy "
            f"constraint: Member must have length less than or equal to {_LIMIT}"
        )
    return given


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
