"""InvokeEndpoint: a request to the model, and its answer."""

import re
from urllib.parse import unquote

from localaws.errors import AwsError, NotImplementedHere
from localaws.fidelity import fidelity, refuse
from localaws.jobs import ModelServerError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.hosting import Deployment
from localaws.store import model
from localaws.wire import Request, Response

_PATHS = (
    ("InvokeEndpoint", re.compile(r"/endpoints/([^/]+)/invocations")),
    ("InvokeEndpointAsync", re.compile(r"/endpoints/([^/]+)/async-invocations")),
    (
        "InvokeEndpointWithResponseStream",
        re.compile(r"/endpoints/([^/]+)/invocations-response-stream"),
    ),
)


def operation_of(request: Request) -> tuple[str, str] | None:
    """Return the runtime operation and endpoint that a request names, or None."""
    for name, pattern in _PATHS:
        match = pattern.fullmatch(request.path)
        if match:
            return name, unquote(match[1])
    return None


class ModelError(AwsError):
    """The container answered with an error; AWS passes it on as 424."""

    def __init__(self, status: int, message: str, log_stream: str) -> None:
        super().__init__(
            "ModelError",
            f"Received {'server' if status >= 500 else 'client'} error ({status}) from "
            f'primary container with message "{message}". See {log_stream} for more '
            "information.",
            424,
            OriginalStatusCode=status,
            OriginalMessage=message,
            LogStreamArn=log_stream,
        )


def invoke(engine: Engine, request: Request, name: str, endpoint: str) -> Response:
    """Answer one runtime operation.

    Args:
        engine: What it acts with.
        request: The request, its body being the model's input.
        name: `InvokeEndpoint`, or one that is refused.
        endpoint: Name of the endpoint.
    """
    shape = model("sagemaker-runtime").operation_model(name)
    if fidelity("sagemaker-runtime", name).level == "refused":
        raise refuse("sagemaker-runtime", name, shape.documentation)
    _check_headers(request)
    largest = shape.input_shape.members["Body"].metadata.get("max", 6291456)
    if len(request.body) > largest:
        raise _invalid(
            f"1 validation error detected: Value at 'body' failed to satisfy "
            f"constraint: Member must have length less than or equal to {largest}"
        )
    deployment = _deployment(engine, endpoint)
    variant = request.headers.get("x-amzn-sagemaker-target-variant")
    if variant and variant != deployment.variant:
        raise _invalid(f"Variant {variant} not found for Request")
    return _ask(engine, request, endpoint, deployment)


def _check_headers(request: Request) -> None:
    refused = fidelity("sagemaker-runtime", "InvokeEndpoint").members
    members = model("sagemaker-runtime").operation_model("InvokeEndpoint").input_shape
    for name, on_aws in refused.items():
        header = members.members[name].serialization["name"].lower()
        if header in request.headers:
            raise NotImplementedHere(f"sagemaker:InvokeEndpoint {name}", on_aws)


def _deployment(engine: Engine, endpoint: str) -> Deployment:
    account = engine.store.account
    try:
        document = engine.store.find("Endpoint", endpoint)
    except AwsError as error:
        raise _invalid(
            f"Endpoint {endpoint} of account {account} not found."
        ) from error
    status = document["EndpointStatus"]
    deployment = engine.process(document["EndpointArn"])
    if status != "InService" or deployment is None:
        raise _invalid(
            f"Endpoint {endpoint} of account {account} is not InService: {status}."
        )
    return deployment


def _ask(
    engine: Engine, request: Request, endpoint: str, deployment: Deployment
) -> Response:
    headers = request.headers
    passed = {
        name: headers[name]
        for name in (
            "x-amzn-sagemaker-custom-attributes",
            "x-amzn-sagemaker-inference-id",
        )
        if name in headers
    }
    where = (
        f"arn:aws:logs:{engine.store.region}:{engine.store.account}:log-group:"
        f"/aws/sagemaker/Endpoints/{endpoint}"
    )
    assert deployment.server is not None
    try:
        answer = deployment.server.invoke(
            request.body,
            headers.get("content-type", "application/octet-stream"),
            headers.get("accept", "*/*"),
            headers=passed,
        )
    except ModelServerError as error:
        raise ModelError(500, str(error), where) from error
    if answer.status >= 400:
        text = answer.body.decode(errors="replace")
        raise ModelError(answer.status, text[:1024], where)
    return Response(
        200,
        {
            "Content-Type": answer.content_type,
            "x-Amzn-Invoked-Production-Variant": deployment.variant,
        },
        answer.body,
    )


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
