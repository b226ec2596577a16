"""The operations of AWS Lake Formation, as functions of their input."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from localaws import rest
from localaws.errors import NotImplementedHere, ValidationError
from localaws.services import permissions
from localaws.services.context import Context
from localaws.services.lakeformation.errors import denied, invalid
from localaws.services.permissions import Caller
from localaws.validate import validate
from localaws.wire import Request, Response

SERVICE = "lakeformation"
ACCOUNT = "123456789012"
_CATALOGS = ("CatalogId", "TableCatalogId")
Members = dict[str, Any]
Operation = Callable[[Context, Members, Caller], Members]
Handler = Callable[[Context, Request], Response]


def handlers(operations: Mapping[str, Operation]) -> dict[tuple[str, str], Handler]:
    """Return handlers that check input and caller, and shape the answer.

    Args:
        operations: What each does.
    """
    return {
        (SERVICE, name): _handler(name, operation)
        for name, operation in operations.items()
    }


def _handler(name: str, operation: Operation) -> Handler:
    def answer(context: Context, request: Request) -> Response:
        found = rest.find(SERVICE, request)
        assert found is not None and request.scope is not None
        known, sent = found
        given = {member: value for member, value in sent.items() if value is not None}
        try:
            validate(known.input_shape, given)
        except ValidationError as broken:
            raise invalid(broken.message) from broken
        _own_catalog(given)
        caller = permissions.caller(context.aws, request.scope[0])
        demand(caller, name)
        # `wire.project` would leave out wildcards, which are empty structures
        output = operation(context, given, caller)
        body = json.dumps(output, default=dt.datetime.timestamp).encode()
        return Response(200, {"Content-Type": "application/json"}, body)

    return answer


def demand(caller: Caller, operation: str) -> None:
    """Raise unless IAM lets a caller ask for an operation."""
    action = f"{SERVICE}:{operation}"
    if not caller.may(action, "*"):
        raise denied(
            f"User: {caller.arn} is not authorized to perform: {action} because no "
            f"identity-based policy allows the {action} action"
        )


def _own_catalog(given: Any) -> None:
    """Raise if an input speaks of another catalog than the account's."""
    if isinstance(given, list):
        for item in given:
            _own_catalog(item)
    if isinstance(given, dict):
        named = [given.get(name, ACCOUNT) for name in _CATALOGS]
        named += [given.get("Catalog", {}).get("Id", ACCOUNT)]
        for other in {*named} - {ACCOUNT}:
            raise NotImplementedHere(
                f"{SERVICE}: catalog {other}", "means another account's catalog"
            )
        for value in given.values():
            _own_catalog(value)


def page(member: str, found: list[Any], given: Members, most: int = 100) -> Members:
    """Return one page of a list.

    Args:
        member: Output member that holds the items.
        found: All of them, in order.
        given: Holds `MaxResults` and `NextToken`.
        most: Items a page where MaxResults is not given.
    """
    token = given.get("NextToken") or "0"
    if not token.isdecimal():
        raise invalid("NextToken is not one that was given out.")
    end = int(token) + int(given.get("MaxResults") or most)
    answer: Members = {member: found[int(token) : end]}
    return answer | ({"NextToken": str(end)} if end < len(found) else {})
