"""Amazon SQS: waiting for a message on a clock that may stand still."""

import json

from localaws import compat
from localaws.services.context import Context
from localaws.wire import Request, Response, parse_json


def receive(context: Context, request: Request) -> Response:
    """Look for messages; if there are none, let the asked time pass and look again.

    moto would wait by the clock, which on a standing one never comes.
    """
    given = parse_json(request.body)
    seconds = given.pop("WaitTimeSeconds", 0)
    if not seconds or not context.clock.standing:
        return context.moto(request)
    request = compat.with_body(request, json.dumps(given).encode())
    response = context.moto(request)
    if b'"Messages"' in response.body:
        return response
    context.clock.advance(seconds)
    return context.moto(compat.with_body(request, request.body))


HANDLERS = {("sqs", "ReceiveMessage"): receive}
