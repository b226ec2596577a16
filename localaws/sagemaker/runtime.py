"""InvokeEndpoint: a request to the model, and its answer."""

import re
import time
from typing import Any
from urllib.parse import unquote

from localaws.errors import AwsError, NotImplementedHere
from localaws.fidelity import fidelity, refuse
from localaws.jobs import Answer, JobError, ModelTimeout
from localaws.sagemaker import asynchronous, components
from localaws.sagemaker.async_queue import Ask, Measure
from localaws.sagemaker.call import Call
from localaws.sagemaker.chains import HOSTNAME, PRIMARY
from localaws.sagemaker.deployment import Deployment
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.multi_model import MODEL
from localaws.sagemaker.observation import measure
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


_VARIANT = "x-amzn-sagemaker-target-variant"
_PASSED = (
    "x-amzn-sagemaker-custom-attributes",
    "x-amzn-sagemaker-inference-id",
    MODEL,
    HOSTNAME,
)
# In these states the old fleet, or what has been moved of it, answers.
_SERVING = ("InService", "Updating", "SystemUpdating", "RollingBack")
_LATE = (
    f"Your invocation timed out while waiting for a response from container {PRIMARY}. "
    "Review the latency metrics for each container in Amazon CloudWatch, resolve the "
    "issue, and try again."
)
Members = dict[str, Any]


def operation_of(request: Request) -> tuple[str, str] | None:
    """Return the runtime operation and endpoint that a request names, or None."""
    for name, pattern in _PATHS:
        match = pattern.fullmatch(request.path)
        if match:
            return name, unquote(match[1])
    return None


class ModelError(AwsError):
    """The container answered with an error; AWS passes it on as 424."""

    def __init__(
        self, status: int, message: str, log_group: str, container: str = PRIMARY
    ) -> None:
        _, _, _, region, account, _, group = log_group.split(":")
        whose = "client" if 400 <= status < 500 else "server"
        super().__init__(
            "ModelError",
            f"Received {whose} error ({status}) from {container} with message "
            f'"{message}". See https://{region}.console.aws.amazon.com/cloudwatch/home'
            f"?region={region}#logEventViewer:group={group} in account {account} for "
            "more information.",
            424,
            OriginalStatusCode=status,
            OriginalMessage=message,
            LogStreamArn=log_group,
        )


def invoke(engine: Engine, request: Request, name: str, endpoint: str) -> Response:
    """Answer one runtime operation.

    Args:
        engine: What it acts with.
        request: The request, its body being the model's input.
        name: `InvokeEndpoint`, `InvokeEndpointAsync`, or one that is refused.
        endpoint: Name of the endpoint.
    """
    started = time.monotonic()
    shape = model("sagemaker-runtime").operation_model(name)
    if fidelity("sagemaker-runtime", name).level == "refused":
        raise refuse("sagemaker-runtime", name, shape.documentation)
    _check_headers(request, name)
    if name == "InvokeEndpointAsync":
        document, deployment = _deployment(engine, endpoint)
        return asynchronous.invoke(
            engine, request, document, *_asynchronous(engine, deployment)
        )
    largest = shape.input_shape.members["Body"].metadata.get("max", 6291456)
    if len(request.body) > largest:
        raise _invalid(
            f"1 validation error detected: Value at 'body' failed to satisfy "
            f"constraint: Member must have length less than or equal to {largest}"
        )
    document, deployment = _deployment(engine, endpoint)
    asynchronous.check_synchronous(document)
    return _ask(engine, request, document, deployment, started)


def _asynchronous(engine: Engine, deployment: Deployment) -> tuple[Ask, Measure]:
    """Return what the queue of an endpoint asks and measures with."""

    def ask(call: Call) -> Answer:
        return deployment.ask(call)[1]

    return ask, lambda document, values: measure(engine, document, values)


def resume(engine: Engine) -> None:
    """Answer what asynchronous endpoints had accepted when the process was killed."""
    for document in engine.store.documents("Endpoint"):
        deployment = engine.process(document["EndpointArn"])
        if deployment is not None and "AsyncInferenceConfig" in document:
            given = _asynchronous(engine, deployment)
            asynchronous.resume(engine, document, *given)


def _check_headers(request: Request, name: str) -> None:
    refused = fidelity("sagemaker-runtime", name).members
    members = model("sagemaker-runtime").operation_model(name).input_shape.members
    for member, on_aws in refused.items():
        header = members[member].serialization.get("name", "").lower()
        if header in request.headers:
            raise NotImplementedHere(f"sagemaker:{name} {member}", on_aws)


def _deployment(engine: Engine, endpoint: str) -> tuple[Members, Deployment]:
    account = engine.store.account
    try:
        document = engine.store.find("Endpoint", endpoint)
    except AwsError as error:
        raise _invalid(
            f"Endpoint {endpoint} of account {account} not found."
        ) from error
    status = document["EndpointStatus"]
    deployment = engine.process(document["EndpointArn"])
    if status not in _SERVING or deployment is None:
        raise _invalid(
            f"Endpoint {endpoint} of account {account} is not InService: {status}."
        )
    return document, deployment


def _ask(
    engine: Engine,
    request: Request,
    document: Members,
    deployment: Deployment,
    started: float,
) -> Response:
    headers = request.headers
    endpoint = document["EndpointName"]
    where = (
        f"arn:aws:logs:{engine.store.region}:{engine.store.account}:log-group:"
        f"/aws/sagemaker/Endpoints/{endpoint}"
    )
    server = components.serving(engine, document, headers)
    try:
        variant, answer = deployment.ask(
            Call(
                request.body,
                headers.get("content-type", "application/octet-stream"),
                headers.get("accept", "*/*"),
                {name: headers[name] for name in _PASSED if name in headers},
            ),
            target=headers.get(_VARIANT),
            server=server,
            started=started,
        )
    except ModelTimeout as error:
        raise ModelError(0, _LATE, where) from error
    except JobError as error:
        raise ModelError(500, str(error), where) from error
    if answer.status >= 400:
        text = answer.body.decode(errors="replace")
        container = getattr(answer, "container", PRIMARY)
        raise ModelError(answer.status, text[:1024], where, container)
    return Response(
        200,
        {
            "Content-Type": answer.content_type,
            "x-Amzn-Invoked-Production-Variant": variant.name,
        },
        answer.body,
    )


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
