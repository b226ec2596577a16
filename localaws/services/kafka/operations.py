"""The operations of Amazon MSK, as functions of their input."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import Shape

from localaws import rest
from localaws.errors import AwsError, ValidationError
from localaws.fidelity import check_members, check_values, fidelity
from localaws.services.context import Context
from localaws.validate import validate
from localaws.wire import Request, Response, project

SERVICE = "kafka"
Members = dict[str, Any]
Operation = Callable[[Context, Members], Members | None]
Handler = Callable[[Context, Request], Response]


def bad(message: str, member: str | None = None) -> AwsError:
    """Return the error of an input that is wrong.

    Args:
        message: What is wrong.
        member: Of the input, as it is on the wire.
    """
    named = {"invalidParameter": member} if member else {}
    return AwsError("BadRequestException", message, **named)


def handlers(operations: Mapping[str, Operation]) -> dict[tuple[str, str], Handler]:
    """Return handlers that check the input by botocore's model and shape the answer.

    Args:
        operations: What each does.
    """
    return {(SERVICE, name): _handler(name, one) for name, one in operations.items()}


def _handler(name: str, operation: Operation) -> Handler:
    def answer(context: Context, request: Request) -> Response:
        found = rest.find(SERVICE, request)
        assert found is not None
        known, sent = found
        given = _named(known.input_shape, sent)
        if fidelity(SERVICE, name).honours:
            # who admits requests does not know the names of this wire
            check_members(SERVICE, known, given)
            check_values(SERVICE, known, given)
        try:
            validate(known.input_shape, given)
        except ValidationError as error:
            raise bad(error.message) from error
        output = project(known.output_shape, operation(context, given) or {})
        body = json.dumps(_wired(known.output_shape, output)).encode()
        empty = known.output_shape is None
        headers = {"Content-Type": "application/json"}
        return Response(204 if empty else 200, headers, b"" if empty else body)

    return answer


def _wire(name: str, shape: Shape) -> str:
    return shape.serialization.get("name", name)


def _named(shape: Shape | None, value: Any) -> Any:
    """Return an input by the names of the model, which differ from the wire's."""
    if value is None or shape is None:
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        found = {}
        for name, member in shape.members.items():
            sent = value.get(name, value.get(_wire(name, member)))
            if sent is not None:
                found[name] = _named(member, sent)
        return found
    if shape.type_name == "list" and isinstance(value, list):
        return [_named(shape.member, item) for item in value]
    if shape.type_name == "blob":
        try:
            return base64.b64decode(value)
        except (binascii.Error, TypeError) as error:
            raise bad("The value is not in base64.") from error
    return value


def _wired(shape: Shape | None, value: Any) -> Any:
    """Return an output by the names of the wire."""
    if shape is None:
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        return {
            _wire(name, member): _wired(member, value[name])
            for name, member in shape.members.items()
            if name in value
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_wired(shape.member, item) for item in value]
    return value


def page(member: str, found: list[Any], given: Members) -> Members:
    """Return one page of a list operation's answer.

    Args:
        member: Output member that holds the items.
        found: All items, in order.
        given: Holds `MaxResults` (100 by default) and `NextToken`.
    """
    token = str(given.get("NextToken") or "0")
    if not token.isdecimal():
        raise bad("The pagination token is invalid.", "nextToken")
    end = int(token) + int(given.get("MaxResults") or 100)
    answer: Members = {member: found[int(token) : end]}
    return answer | ({"NextToken": str(end)} if end < len(found) else {})
