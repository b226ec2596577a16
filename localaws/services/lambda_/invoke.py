"""Invoke: at once, later, or not at all but for the checks."""

import base64
import binascii
import json

from localaws import rest
from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.lambda_ import asynchronous, invocations
from localaws.services.lambda_.errors import missing
from localaws.services.lambda_.invocations import Call, qualified
from localaws.services.lambda_.names import split
from localaws.services.lambda_.state import state_of
from localaws.validate import validate
from localaws.wire import Request, Response

_MOST = {"RequestResponse": 6_291_456, "Event": 1_048_576, "DryRun": 6_291_456}


def invoke(context: Context, request: Request) -> Response:
    """Answer the operation Invoke.

    Raises:
        AwsError: There is no such function, or it cannot run now.
    """
    found = rest.find("lambda", request)
    assert found is not None
    known, given = found
    validate(known.input_shape, given)
    kind = given.get("InvocationType", "RequestResponse")
    state = state_of(context)
    name, qualifier = split(given["FunctionName"], given.get("Qualifier"))
    function = state.find("function", name)
    if function is None or not qualified(function, qualifier):
        arn = state.place.arn("function", name, *([qualifier] if qualifier else []))
        raise missing(f"Function not found: {arn}")
    event = _event(given["Payload"], kind)
    client = _client(given.get("ClientContext"))
    headers = {"Content-Type": "application/json"}
    if kind == "DryRun":
        return Response(204, headers, b"")
    if kind == "Event":
        number = asynchronous.accept(context, function, qualifier, event)
        return Response(202, headers | {"x-amzn-RequestId": number}, b"")
    number = state.ticket("request")
    call = Call(function, qualifier, event, number, context.clock.now(), client)
    outcome = invocations.run(context, call)
    since = call.began
    context.clock.elapse(since, (outcome.ended - since).total_seconds())
    headers |= {"x-amzn-RequestId": number, "X-Amz-Executed-Version": outcome.version}
    if outcome.failed:
        headers["X-Amz-Function-Error"] = "Unhandled"
    if given.get("LogType") == "Tail":
        headers["X-Amz-Log-Result"] = base64.b64encode(outcome.tail).decode()
    return Response(200, headers, outcome.payload)


def _event(payload: bytes, kind: str) -> bytes:
    if len(payload) > _MOST[kind]:
        raise AwsError(
            "RequestEntityTooLargeException"
            if kind == "Event"
            else "RequestTooLargeException",
            f"{len(payload)} byte payload is too large for the {kind} invocation type "
            f"(limit {_MOST[kind]} bytes)",
            413,
        )
    try:
        json.loads(payload or b"{}")
    except ValueError as error:
        raise AwsError(
            "InvalidRequestContentException",
            f"Could not parse request body into json: {error}",
            Type="User",
        ) from error
    return payload or b"{}"


def _client(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        found = base64.b64decode(text, validate=True).decode()
        if isinstance(json.loads(found), dict):
            return found
    except (binascii.Error, ValueError):
        pass
    raise AwsError(
        "InvalidRequestContentException",
        "Client context must be a valid Base64-encoded JSON object.",
        Type="User",
    )
