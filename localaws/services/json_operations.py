"""Operations of a service that speaks JSON, as functions of their input."""

from collections.abc import Callable, Mapping
from typing import Any

from localaws.services.context import Context
from localaws.store import model
from localaws.validate import validate
from localaws.wire import Request, Response, json_response, parse_json, project

Operation = Callable[[Context, dict[str, Any]], dict[str, Any] | None]
Handler = Callable[[Context, Request], Response]


def handlers(
    service: str, operations: Mapping[str, Operation]
) -> dict[tuple[str, str], Handler]:
    """Return handlers that check the input by botocore's model and shape the answer.

    Args:
        service: botocore's name of the service, which is its signing name too.
        operations: What each does.
    """
    return {
        (service, name): _handler(service, name, operation)
        for name, operation in operations.items()
    }


def _handler(service: str, name: str, operation: Operation) -> Handler:
    def answer(context: Context, request: Request) -> Response:
        known = model(service).operation_model(name)
        given = parse_json(request.body)
        validate(known.input_shape, given)
        return json_response(
            project(known.output_shape, operation(context, given)) or {}
        )

    return answer
