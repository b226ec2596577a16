"""Operations of a service that speaks JSON, as functions of their input."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.services.context import Context
from localaws.store import model
from localaws.validate import validate
from localaws.wire import Request, Response, json_response, parse_json, project

Members = dict[str, Any]
Operation = Callable[..., Members | None]
Handler = Callable[[Context, Request], Response]


def handlers(
    service: str,
    operations: Mapping[str, Operation],
    error: str = "ValidationException",
) -> dict[tuple[str, str], Handler]:
    """Return handlers that check the input by botocore's model and shape the answer.

    Args:
        service: botocore's name of the service, which is its signing name too.
        operations: Each takes the context and the input; one that declares a third
            argument gets the request.
        error: Code of an input that breaks the model.
    """
    return {
        (service, name): _handler(service, name, operation, error)
        for name, operation in operations.items()
    }


def _handler(service: str, name: str, operation: Operation, error: str) -> Handler:
    asks = len(inspect.signature(operation).parameters) > 2

    def answer(context: Context, request: Request) -> Response:
        known = model(service).operation_model(name)
        given = parse_json(request.body)
        try:
            validate(known.input_shape, given)
        except ValidationError as broken:
            raise AwsError(error, broken.message) from broken
        more = (request,) if asks else ()
        found = operation(context, given, *more)
        return json_response(project(known.output_shape, found) or {})

    return answer


def page(
    member: str, found: list[Any], given: Members, most: int, token: str = "NextToken"
) -> Members:
    """Return one page of a list.

    Args:
        member: Output member that holds the items.
        found: All of them, in order.
        given: Holds MaxResults and the token.
        most: Items a page where MaxResults is not given.
        token: Name of the token.
    """
    try:
        start = int(given.get(token, 0))
    except ValueError as error:
        raise AwsError(
            "InvalidRequestException", f"{token} is not one that was given out."
        ) from error
    end = start + int(given.get("MaxResults", most))
    answer: Members = {member: found[start:end]}
    return answer | ({token: str(end)} if end < len(found) else {})
