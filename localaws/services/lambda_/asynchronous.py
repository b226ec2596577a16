"""Asynchronous invocations: a queue, retries, and where the result goes."""

import base64
import contextlib
import datetime as dt
import json
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.lambda_ import destinations, environments, invocations
from localaws.services.lambda_.invocations import Call, Outcome
from localaws.services.lambda_.state import state_of
from localaws.services.lambda_.work import work_of

Members = dict[str, Any]
RETRIES, AGE = 2, 21_600
# how long after its first and second failure an event is tried again
_WAITS = (60, 120)
_THROTTLED = 1


def accept(
    context: Context, function: Members, qualifier: str | None, event: bytes
) -> str:
    """Queue an event for a function; return the id of the request."""
    state = state_of(context)
    number = state.ticket("request")
    now = context.clock.now()
    document = {
        "id": number,
        "function": function["name"],
        "qualifier": qualifier,
        "event": base64.b64encode(event).decode(),
        "accepted": now.timestamp(),
        "due": now.timestamp(),
        "attempts": 0,
        "waited": 0,
        "busy": True,
    }
    state.save("event", number, document)
    _submit(context, document)
    return number


def _submit(context: Context, document: Members) -> None:
    work_of(context).submit(document["function"], lambda: _attempt(context, document))


def tick(context: Context) -> dt.datetime | None:
    """Try again what is due; return when the next is."""
    if context.advancing.is_set():
        work_of(context).settle()
    state, now = state_of(context), context.clock.now().timestamp()
    with state.lock:
        due = [one for one in state.all("event") if not one["busy"]]
        for one in due:
            if one["due"] <= now:
                one["busy"] = True
                state.save("event", one["id"], one)
                _submit(context, one)
    if context.advancing.is_set():
        work_of(context).settle()
    later = [one["due"] for one in state.all("event") if one["due"] > now]
    return dt.datetime.fromtimestamp(min(later), dt.UTC) if later else None


def resume(context: Context) -> None:
    """Take up the events that waited when the endpoint was killed."""
    for one in state_of(context).all("event"):
        one["busy"] = True
        _submit(context, one)


def _attempt(context: Context, document: Members) -> None:
    state = state_of(context)
    function = state.find("function", document["function"])
    if function is None:
        state.drop("event", document["id"])
        return
    settings = function["events"].get(document["qualifier"] or "$LATEST", {})
    began = dt.datetime.fromtimestamp(document["due"], dt.UTC)
    if not context.clock.standing:
        began = context.clock.now()
    age = began.timestamp() - document["accepted"]
    if age > settings.get("MaximumEventAgeInSeconds", AGE):
        _over(context, function, document, settings, "EventAgeExceeded", None)
        return
    call = Call(
        function,
        document["qualifier"],
        base64.b64decode(document["event"]),
        document["id"],
        began,
    )
    try:
        outcome = invocations.run(context, call)
    except environments.Closing:
        return
    except AwsError as error:
        if error.status == 429:
            document["waited"] += 1
            wait = min(_THROTTLED * 2 ** (document["waited"] - 1), 300)
            _later(context, document, began + dt.timedelta(seconds=wait))
            return
        outcome = Outcome(
            json.dumps({"errorType": error.code, "errorMessage": str(error)}).encode(),
            True,
            document["qualifier"] or "$LATEST",
            b"",
            began,
        )
    if environments.of(context).closed:
        # it was cut off: the next endpoint takes it up again
        return
    document["attempts"] += 1
    retries = settings.get("MaximumRetryAttempts", RETRIES)
    if not outcome.failed:
        _over(context, function, document, settings, "Success", outcome)
    elif document["attempts"] > retries:
        _over(context, function, document, settings, "RetriesExhausted", outcome)
    else:
        wait = _WAITS[min(document["attempts"], len(_WAITS)) - 1]
        _later(context, document, outcome.ended + dt.timedelta(seconds=wait))


def _later(context: Context, document: Members, due: dt.datetime) -> None:
    document |= {"due": due.timestamp(), "busy": False}
    state_of(context).save("event", document["id"], document)


def _over(
    context: Context,
    function: Members,
    document: Members,
    settings: Members,
    condition: str,
    outcome: Outcome | None,
) -> None:
    """Send the record of what came of an event, and forget it."""
    event = base64.b64decode(document["event"])
    targets = settings.get("DestinationConfig", {})
    good = condition == "Success"
    target = targets.get("OnSuccess" if good else "OnFailure", {}).get("Destination")
    state = state_of(context)
    if target:
        qualifier = document["qualifier"] or "$LATEST"
        arn = state.place.arn("function", function["name"], qualifier)
        record = _record(context, document, arn, condition, event, outcome)
        destinations.send(context, function["name"], target, record, good)
    held = None
    with contextlib.suppress(AwsError):
        held = state.configuration(function, document["qualifier"])
    dead = held and held.get("DeadLetterConfig", {}).get("TargetArn")
    if dead and not good:
        error = json.loads(outcome.payload) if outcome else {}
        text = error.get("errorMessage") or condition
        destinations.bury(context, function["name"], dead, document["id"], event, text)
    state.drop("event", document["id"])


def _record(
    context: Context,
    document: Members,
    arn: str,
    condition: str,
    event: bytes,
    outcome: Outcome | None,
) -> Members:
    ended = outcome.ended if outcome else context.clock.now()
    record: Members = {
        "version": "1.0",
        "timestamp": f"{ended:%Y-%m-%dT%H:%M:%S}.{ended.microsecond // 1000:03}Z",
        "requestContext": {
            "requestId": document["id"],
            "functionArn": arn,
            "condition": condition,
            "approximateInvokeCount": document["attempts"],
        },
        "requestPayload": json.loads(event or b"null"),
    }
    if outcome:
        context_ = {"statusCode": 200, "executedVersion": outcome.version}
        if outcome.failed:
            context_["functionError"] = "Unhandled"
        record |= {
            "responseContext": context_,
            "responsePayload": json.loads(outcome.payload),
        }
    return record
