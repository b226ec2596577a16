"""Which operation a request asks for, and whether it acts here."""

import contextlib
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, OperationNotFoundError

from localaws import compat, rest
from localaws.fidelity import (
    check_members,
    check_values,
    fidelity,
    refuse,
    services,
)
from localaws.query import parse_query
from localaws.services import CHECKS
from localaws.store import model
from localaws.wire import FORM, Request, parse_json


def operation_of(request: Request) -> str:
    """Name the operation, by the protocol that its service speaks."""
    target = request.headers.get("x-amz-target")
    if target:
        return target.rpartition(".")[2]
    if "/operation/" in request.path:
        return request.path.rpartition("/")[2]
    if _in_a_form(request):
        action = parse_qs(request.body.decode("latin-1")).get("Action")
        return action[0] if action else "UnknownOperation"
    known = services().get(request.service, {}).get("model", request.service)
    found = compat.rest_operation(known, request.environ)
    return found or f"{request.method} {request.path}"


def _in_a_form(request: Request) -> bool:
    """Tell whether the operation stands in the body, as in the query protocols."""
    # what is put into S3 may be of this type too: urllib says so of all that it sends
    form = request.headers.get("content-type", "").startswith(FORM)
    return form and request.service != "s3"


def admit(request: Request, operation: str) -> None:
    """Refuse what does not act: the operation, or a member of its input."""
    service = request.service
    row = fidelity(service, operation)
    if row.level != "refused":
        if row.honours:
            known = model(services()[service]["model"]).operation_model(operation)
            given = _given(service, known, request)
            check_members(service, known, given)
            check_values(service, known, given)
            CHECKS.get((service, operation), lambda _: None)(given)
        return
    documentation = ""
    with contextlib.suppress(UnknownServiceError, OperationNotFoundError):
        known = model(services().get(service, {}).get("model", service))
        documentation = known.operation_model(operation).documentation
    raise refuse(service, operation, documentation)


def _given(service: str, known: OperationModel, request: Request) -> dict[str, Any]:
    """Return the input, by the protocol that the service speaks."""
    if _in_a_form(request):
        protocol = known.service_model.metadata["protocol"]
        return parse_query(known.input_shape, request.body, protocol)
    if known.service_model.metadata["protocol"] == "rest-json":
        found = rest.find(services()[service]["model"], request)
        return found[1] if found else {}
    return parse_json(request.body)
