"""The operations of AWS Lambda, as functions of their input."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from localaws import rest
from localaws.services.context import Context
from localaws.validate import validate
from localaws.wire import Request, Response, project

Members = dict[str, Any]
Operation = Callable[[Context, Members], Members | None]
Handler = Callable[[Context, Request], Response]


def handlers(
    operations: Mapping[str, Operation],
) -> dict[tuple[str, str], Handler]:
    """Return handlers that check the input by botocore's model and shape the answer.

    Args:
        operations: What each does.
    """
    return {("lambda", name): _handler(one) for name, one in operations.items()}


def _handler(operation: Operation) -> Handler:
    def answer(context: Context, request: Request) -> Response:
        found = rest.find("lambda", request)
        assert found is not None
        known, given = found
        given = {name: value for name, value in given.items() if value is not None}
        validate(known.input_shape, given)
        output = project(known.output_shape, operation(context, given) or {})
        status = known.http.get("responseCode", 200)
        body = json.dumps(output).encode() if known.output_shape else b""
        return Response(status, {"Content-Type": "application/json"}, body)

    return answer


def page(member: str, found: list[Any], given: Members) -> Members:
    """Return one page of a list operation's answer.

    Args:
        member: Output member that holds the items.
        found: All items, in order.
        given: Holds `MaxItems` (50 by default) and `Marker`.
    """
    marker = str(given.get("Marker") or "0")
    start = int(marker) if marker.isdecimal() else 0
    end = start + min(int(given.get("MaxItems") or 50), 50)
    answer: Members = {member: found[start:end]}
    if end < len(found):
        answer["NextMarker"] = str(end)
    return answer
