"""Inputs of services that put them in the path, the query and a JSON body."""

import functools
import re
from typing import Any
from urllib.parse import parse_qs, unquote

from botocore.model import OperationModel, Shape

from localaws.store import model
from localaws.wire import Request, parse_json


@functools.cache
def _routes(service: str) -> list[tuple[str, re.Pattern[str], OperationModel]]:
    """Return method, path and operation of a service."""
    routes = []
    for name in model(service).operation_names:
        operation = model(service).operation_model(name)
        pattern = re.sub(
            r"\\?\{(\w+)\\?\}", r"(?P<\1>[^/]+)", operation.http["requestUri"]
        )
        routes.append((operation.http["method"], re.compile(pattern), operation))
    return routes


def find(
    service: str, request: Request
) -> tuple[OperationModel, dict[str, Any]] | None:
    """Return the operation that a request names, and its input.

    Args:
        service: botocore's name of the service.
        request: What was sent.

    Returns:
        None if the service has no operation of this method and path.
    """
    for method, pattern, operation in _routes(service):
        match = pattern.fullmatch(request.path)
        if match and method == request.method:
            return operation, _input(operation, request, match.groupdict())
    return None


def _input(
    operation: OperationModel, request: Request, labels: dict[str, str]
) -> dict[str, Any]:
    query = parse_qs(request.query, keep_blank_values=True)
    members = operation.input_shape.members
    payload = operation.input_shape.serialization.get("payload")
    if payload and members[payload].type_name == "blob":
        given: dict[str, Any] = {payload: request.body}
    else:
        given = parse_json(request.body)
    for name, shape in members.items():
        place = shape.serialization.get("location")
        wire = shape.serialization.get("name", name)
        if place == "uri" and wire in labels:
            given[name] = _typed(shape, unquote(labels[wire]))
        elif place == "header" and request.header(wire):
            given[name] = _typed(shape, request.header(wire))
        elif place == "querystring" and wire in query:
            many = shape.type_name == "list"
            given[name] = query[wire] if many else _typed(shape, query[wire][0])
    return given


def _typed(shape: Shape, text: str) -> Any:
    """Return what a text in the path, the query or a header stands for."""
    if shape.type_name in ("integer", "long") and text.lstrip("-").isdecimal():
        return int(text)
    if shape.type_name == "boolean" and text in ("true", "false"):
        return text == "true"
    return text
