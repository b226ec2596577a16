"""The operations of AWS Glue DataBrew, as functions of their input."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from localaws import rest
from localaws.errors import AwsError, ValidationError
from localaws.services.context import Context
from localaws.validate import validate
from localaws.wire import Request, Response, project

SERVICE = "databrew"
Members = dict[str, Any]
Operation = Callable[[Context, Members], Members]
Handler = Callable[[Context, Request], Response]


def handlers(operations: Mapping[str, Operation]) -> dict[tuple[str, str], Handler]:
    """Return handlers that check the input by botocore's model and shape the answer.

    Args:
        operations: What each does.
    """
    return {(SERVICE, name): _handler(one) for name, one in operations.items()}


def _handler(operation: Operation) -> Handler:
    def answer(context: Context, request: Request) -> Response:
        found = rest.find(SERVICE, request)
        assert found is not None
        known, sent = found
        given = {name: value for name, value in sent.items() if value is not None}
        validate(known.input_shape, given)
        output = project(known.output_shape, operation(context, given))
        body = json.dumps(output).encode()
        return Response(200, {"Content-Type": "application/json"}, body)

    return answer


def page(member: str, found: list[Any], given: Members) -> Members:
    """Return one page of a list operation's answer.

    Args:
        member: Output member that holds the items.
        found: All items, in order.
        given: Holds `MaxResults` (100 by default) and `NextToken`.
    """
    token = str(given.get("NextToken") or "0")
    if not token.isdecimal():
        raise ValidationError("The NextToken is not valid.")
    end = int(token) + int(given.get("MaxResults") or 100)
    answer: Members = {member: found[int(token) : end]}
    return answer | ({"NextToken": str(end)} if end < len(found) else {})


def conflict(message: str) -> AwsError:
    """Return the error of a resource that is in the way."""
    return AwsError("ConflictException", message, 409)


def absent(message: str) -> AwsError:
    """Return the error of a resource that is not there."""
    return AwsError("ResourceNotFoundException", message, 404)
