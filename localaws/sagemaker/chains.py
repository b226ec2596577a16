"""Models of several containers: in series, or each called by its name."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.jobs import Answer, JobError, ModelLoadError
from localaws.sagemaker.call import Call, Server
from localaws.sagemaker.containers import Container
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.logs import Logs, LogStream
from localaws.sagemaker.multi_model import MODEL, MultiModel, check_multi_model

HOSTNAME = "x-amzn-sagemaker-target-container-hostname"
PRIMARY = "primary"
_LEAST = 0.001
Members = dict[str, Any]


Part = Container | MultiModel


@dataclass(frozen=True)
class Reply(Answer):
    """An answer that says which of several containers gave it.

    Attributes:
        container: Its hostname.
    """

    container: str = PRIMARY


def definitions(model: Members) -> list[Members]:
    """Return the container definitions of a model, first to last."""
    return model.get("Containers") or [model["PrimaryContainer"]]


def check_containers(request: Members) -> list[Members]:
    """Check how the containers of CreateModel's input go together.

    Returns:
        Their definitions.

    Raises:
        ValidationError: They exclude each other, or lack what their mode needs.
    """
    if ("PrimaryContainer" in request) == bool(request.get("Containers")):
        raise ValidationError("You must provide either PrimaryContainer or Containers.")
    found = definitions(request)
    names = [one["ContainerHostname"] for one in found if "ContainerHostname" in one]
    if len(set(names)) < len(names):
        raise ValidationError(f"ContainerHostname must be unique; found {names}.")
    if _mode(request) == "Direct" and len(names) < len(found):
        raise ValidationError(
            "Each container needs a ContainerHostname when InferenceExecutionConfig "
            "is Direct."
        )
    if "InferenceExecutionConfig" in request and "Containers" not in request:
        raise ValidationError("InferenceExecutionConfig needs Containers.")
    for one in found:
        check_multi_model(one)
    return found


def check_serverless(model: Members) -> None:
    """Raise `ValidationError` for a model that serverless inference cannot serve."""
    found = definitions(model)
    if len(found) > 1 or found[0].get("Mode") == "MultiModel":
        raise ValidationError(
            "Serverless inference does not support inference pipelines and multi-model "
            f"containers; model {model['ModelName']} has them."
        )


def takes_target(model: Members) -> bool:
    """Whether each request to a model has to name a container or a model in it."""
    multi = any(one.get("Mode") == "MultiModel" for one in definitions(model))
    return multi or _mode(model) == "Direct"


def check_target(endpoint: str, model: Members, headers: Mapping[str, str]) -> None:
    """Check that a request names what it must, and nothing that is not there.

    Args:
        endpoint: Name of the endpoint.
        model: The model that is to answer.
        headers: Of the request, names in lower case.

    Raises:
        AwsError: `ValidationError`, as the runtime spells it.
    """
    found = definitions(model)
    multi = any(one.get("Mode") == "MultiModel" for one in found)
    if multi and MODEL not in headers:
        raise _invalid(f"Request to {endpoint} is missing a target model header.")
    if not multi and MODEL in headers:
        raise _invalid(
            f"Endpoint {endpoint} is not a multi-model endpoint and does not support "
            "target model header."
        )
    direct = _mode(model) == "Direct"
    name = headers.get(HOSTNAME)
    if direct and name is None:
        raise _invalid(
            f"Endpoint {endpoint} is configured for direct invocation; the request "
            "is missing a target container hostname header."
        )
    if name is not None and not direct:
        raise _invalid(
            f"Endpoint {endpoint} is not configured for direct invocation and does "
            "not support target container hostname header."
        )
    if direct and name not in [one["ContainerHostname"] for one in found]:
        raise _invalid(f"Container {name} not found in endpoint {endpoint}.")


def _mode(model: Members) -> str:
    return model.get("InferenceExecutionConfig", {}).get("Mode", "Serial")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def served(engine: Engine, name: str, model: Members, log: LogStream) -> Server:
    """Return what serves a model; nothing starts yet.

    Args:
        engine: What it acts with.
        name: Of whom it serves.
        model: A `Model` of the store, or what looks like one.
        log: Where a single container's output goes; of several, each has a stream
            of its own below it, as on AWS.
    """
    role = model["ExecutionRoleArn"]
    found = definitions(model)
    if len(found) == 1:
        return _part(engine, name, found[0], role, log)
    parts: dict[str, Part] = {}
    for number, one in enumerate(found, 1):
        host = one.get("ContainerHostname", f"container-{number}")
        stream = engine.part(Logs).open(log.group, f"{log.stream}/{host}")
        parts[host] = _part(engine, f"{name}-{number}", one, role, stream)
    return Direct(parts) if _mode(model) == "Direct" else Serial(parts)


def _part(
    engine: Engine, name: str, definition: Members, role: str, log: LogStream
) -> Part:
    kind = MultiModel if definition.get("Mode") == "MultiModel" else Container
    return kind(engine, name, definition, role, log)


class Serial:
    """An inference pipeline: the answer of one container is the request of the next.

    Args:
        parts: What serves, by hostname, first to last.
    """

    def __init__(self, parts: dict[str, Part]) -> None:
        self._parts = parts

    def start(self, timeout: float = 60.0) -> None:
        """Load every container; the first that fails ends it."""
        for host, part in self._parts.items():
            try:
                part.start(timeout)
            except ModelLoadError as error:
                raise ModelLoadError(f"{host}: {error}", error.tail) from error
            finally:
                part.log.flush()

    def invoke(self, call: Call) -> Answer:
        """Pass the request through; only the last container sees what is accepted.

        Returns:
            The last answer, or the first that is an error.
        """
        last = next(reversed(self._parts))
        end = time.monotonic() + call.timeout
        for host, part in self._parts.items():
            accept = call.accept if host == last else "*/*"
            left = max(end - time.monotonic(), _LEAST)
            answer = _ask(host, part, replace(call, accept=accept, timeout=left))
            if answer.status >= 400:
                break
            call = replace(call, body=answer.body, content_type=answer.content_type)
        return answer

    def close(self) -> None:
        """End every container."""
        for part in self._parts.values():
            part.close()


class Direct(Serial):
    """Several containers, of which a request names one."""

    def invoke(self, call: Call) -> Answer:
        """Ask the container that the headers name."""
        host = call.headers[HOSTNAME]
        return _ask(host, self._parts[host], call)


def _ask(host: str, part: Part, call: Call) -> Reply:
    """Ask one of several containers; a crash is an error that it answers with."""
    try:
        answer = part.invoke(call)
    except JobError as error:
        return Reply(500, str(error).encode(), "text/plain", host)
    return Reply(answer.status, answer.body, answer.content_type, host)
