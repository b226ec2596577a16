"""Operations of a JSON service that look at the request too, and pages of lists."""

from collections.abc import Callable
from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.services.context import Context
from localaws.store import model
from localaws.validate import validate
from localaws.wire import Request, Response, json_response, parse_json, project

Members = dict[str, Any]
Operation = Callable[[Context, Members, Request], Members]


def handlers(
    service: str, operations: dict[str, Operation], error: str
) -> dict[tuple[str, str], Callable[[Context, Request], Response]]:
    """Return handlers of a JSON service's operations.

    Args:
        service: Its signing name.
        operations: Each takes the context, the input and the request.
        error: Code of an input that breaks the model.
    """
    return {
        (service, name): _handler(service, name, operation, error)
        for name, operation in operations.items()
    }


def _handler(
    service: str, name: str, operation: Operation, error: str
) -> Callable[[Context, Request], Response]:
    def handle(context: Context, request: Request) -> Response:
        known = model(service).operation_model(name)
        given = parse_json(request.body)
        try:
            validate(known.input_shape, given)
        except ValidationError as broken:
            raise AwsError(error, broken.message) from broken
        answer = operation(context, given, request)
        shape = known.output_shape
        return json_response(project(shape, answer) if shape else {})

    return handle


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
