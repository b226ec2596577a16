"""The operations of Amazon Macie, as functions of their input."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from localaws import rest
from localaws.errors import AwsError, ValidationError
from localaws.services.context import Context
from localaws.services.macie2.documents import SESSION, Members
from localaws.services.records import Records
from localaws.validate import validate
from localaws.wire import Request, Response, project

SERVICE = "macie2"
Operation = Callable[[Context, Members], Members | None]
Handler = Callable[[Context, Request], Response]


def handlers(
    operations: Mapping[str, Operation], *, asleep: bool = False
) -> dict[tuple[str, str], Handler]:
    """Return handlers that check the input by botocore's model and shape the answer.

    Args:
        operations: What each does.
        asleep: Whether they act while Macie is not enabled.
    """
    return {
        (SERVICE, name): _handler(one, asleep=asleep)
        for name, one in operations.items()
    }


def _handler(operation: Operation, *, asleep: bool) -> Handler:
    def answer(context: Context, request: Request) -> Response:
        found = rest.find(SERVICE, request)
        assert found is not None
        known, sent = found
        given = {name: value for name, value in sent.items() if value is not None}
        validate(known.input_shape, given)
        if not asleep:
            demand_enabled(context)
        output = project(known.output_shape, operation(context, given)) or {}
        body = json.dumps(output).encode()
        status = known.http.get("responseCode", 200)
        if status == 204:
            return Response(204, {}, b"")
        return Response(status, {"Content-Type": "application/json"}, body)

    return answer


def demand_enabled(context: Context) -> None:
    """Raise AWS's error unless Macie is enabled."""
    if context.part(Records).get(SESSION, SESSION) is None:
        raise AwsError("AccessDeniedException", "Macie is not enabled", 403)


def page(member: str, found: list[Any], given: Members, most: int = 50) -> Members:
    """Return one page of a list operation's answer.

    Args:
        member: Output member that holds the items.
        found: All items, in order.
        given: Holds `maxResults` and `nextToken`.
        most: Items a page where `maxResults` is not given.
    """
    token = str(given.get("nextToken") or "0")
    if not token.isdecimal():
        raise ValidationError("The nextToken is not valid.")
    end = int(token) + int(given.get("maxResults") or most)
    answer: Members = {member: found[int(token) : end]}
    return answer | ({"nextToken": str(end)} if end < len(found) else {})
