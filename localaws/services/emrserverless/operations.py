"""The operations of Amazon EMR Serverless, as functions of their input."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import Shape

from localaws import compat, rest
from localaws.errors import AwsError, ValidationError
from localaws.services.context import Context
from localaws.validate import validate
from localaws.wire import Request, Response, project

SERVICE = "emr-serverless"
ACCOUNT, REGION = "123456789012", "us-east-1"
Members = dict[str, Any]
Operation = Callable[[Context, Members], Members | None]
Handler = Callable[[Context, Request], Response]


def handlers(operations: Mapping[str, Operation]) -> dict[tuple[str, str], Handler]:
    """Return handlers that check the input by botocore's model and shape the answer.

    Args:
        operations: What each does; the input holds who asks as `caller`.
    """
    return {(SERVICE, name): _handler(one) for name, one in operations.items()}


def _handler(operation: Operation) -> Handler:
    def answer(context: Context, request: Request) -> Response:
        found = rest.find(SERVICE, request)
        assert found is not None and request.scope is not None
        known, given = found
        given = {
            name: _moment(value) if _dated(known.input_shape, name) else value
            for name, value in given.items()
            if value is not None
        }
        try:
            validate(known.input_shape, given)
        except ValidationError as error:
            raise invalid(error.message) from error
        who = compat.principal(ACCOUNT, request.scope[0])
        output = operation(context, given | {"caller": who}) or {}
        body = json.dumps(project(known.output_shape, output)).encode()
        return Response(200, {"Content-Type": "application/json"}, body)

    return answer


def _dated(shape: Shape, name: str) -> bool:
    member = shape.members.get(name)
    return member is not None and member.type_name == "timestamp"


def _moment(text: str) -> float:
    """Return the seconds since 1970 of a time in the query."""
    try:
        moment = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise invalid(f"{text!r} is not a time.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()


def invalid(message: str) -> AwsError:
    """Return the error of an input that EMR Serverless does not take."""
    return AwsError("ValidationException", message)


def missing(kind: str, key: str) -> AwsError:
    """Return the error of a resource that is not there."""
    return AwsError("ResourceNotFoundException", f"{kind} {key} does not exist", 404)


def page(member: str, found: list[Any], given: Members) -> Members:
    """Return one page of a list; 50 at most.

    Args:
        member: Output member that holds the items.
        found: All of them, in order.
        given: Holds `maxResults` and `nextToken`.
    """
    token = given.get("nextToken", "0")
    if not token.isdecimal():
        raise invalid("nextToken is not one that was given out.")
    end = int(token) + min(int(given.get("maxResults", 50)), 50)
    answer: Members = {member: found[int(token) : end]}
    return answer | ({"nextToken": str(end)} if end < len(found) else {})
