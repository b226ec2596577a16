"""Amazon SQS: waiting for a message, also on a clock that stands still."""

import json
import time
from typing import Any

from localaws import compat
from localaws.services.context import Context
from localaws.wire import Request, Response, parse_json

_POLL = 0.05
_WAIT = "ReceiveMessageWaitTimeSeconds"
_LONGEST = 20


def receive(context: Context, request: Request) -> Response:
    """Look for messages; if there are none, let the asked time pass and look again.

    moto is never asked to wait: other changes would have to wait for it.
    """
    given = parse_json(request.body)
    wait = given.get("WaitTimeSeconds")
    if wait is None:
        wait = _attribute(context, given)
    if not isinstance(wait, int) or not 0 <= wait <= _LONGEST:
        return context.moto(request)
    asked = json.dumps({**given, "WaitTimeSeconds": 0}).encode()
    end = time.monotonic() + wait
    while True:
        response = context.moto(compat.with_body(request, asked))
        if response.status != 200 or b'"Messages"' in response.body or not wait:
            return response
        if context.clock.standing:
            context.clock.advance(wait)
            return context.moto(compat.with_body(request, asked))
        if time.monotonic() >= end:
            return response
        time.sleep(_POLL)


def _attribute(context: Context, given: dict[str, Any]) -> int:
    """Return how long the queue itself lets a receiver wait."""
    queue = given.get("QueueUrl")
    client = context.aws.client("sqs")
    try:
        found = client.get_queue_attributes(QueueUrl=queue, AttributeNames=[_WAIT])
    except client.exceptions.ClientError:
        return 0
    return int(found.get("Attributes", {}).get(_WAIT, 0))


HANDLERS = {("sqs", "ReceiveMessage"): receive}
