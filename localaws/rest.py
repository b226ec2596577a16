"""Inputs of services that put them in the path, the query and a JSON body."""

import functools
import re
from typing import Any
from urllib.parse import parse_qs, unquote

from botocore.model import OperationModel

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
    given = parse_json(request.body)
    for name, shape in operation.input_shape.members.items():
        place = shape.serialization.get("location")
        wire = shape.serialization.get("name", name)
        if place == "uri" and wire in labels:
            given[name] = unquote(labels[wire])
        elif place == "querystring" and wire in query:
            many = shape.type_name == "list"
            given[name] = query[wire] if many else query[wire][0]
    return given
