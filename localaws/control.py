"""The endpoint's own API, behind the guard: status, clock, bill, labelling, stop."""

import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from localaws.errors import AwsError, Refused
from localaws.guard import CONTROL
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.labeling import requests as labelling
from localaws.wire import Request, Response, json_response

if TYPE_CHECKING:
    from localaws.server import Server


def answer(server: "Server", request: Request) -> Response:
    """Answer one control request."""
    name = request.path.removeprefix(CONTROL)
    handler = _HANDLERS.get((request.method, name))
    if handler is None:
        raise AwsError("NotFound", f"{request.method} {request.path} is unknown", 404)
    return json_response(handler(server, request), "application/json")


def _status(server: "Server", request: Request) -> dict[str, Any]:
    jobs, endpoints = server.running()
    full = server.journal.full
    return {
        "ok": True,
        "pid": os.getpid(),
        "jobs": jobs,
        "endpoints": endpoints,
        "now": server.clock.now().isoformat(),
        "epoch": server.clock.epoch,
        "warm": server.warm.warm,
        "changes": server.journal.changes,
        "unkept_since": full and full.isoformat(),
    }


def _reset(server: "Server", request: Request) -> dict[str, Any]:
    server.reset()
    return {}


def _clock(server: "Server", request: Request) -> dict[str, Any]:
    try:
        now = server.advance(float(json.loads(request.body)["seconds"]))
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise AwsError("ValidationException", f"clock: {error}") from error
    return {"now": now.isoformat()}


def _bill(server: "Server", request: Request) -> dict[str, Any]:
    return {"lines": server.bill()}


def _labelling(
    answer_to: Callable[[Engine, dict[str, Any]], dict[str, Any]],
) -> Callable[["Server", Request], dict[str, Any]]:
    def handle(server: "Server", request: Request) -> dict[str, Any]:
        try:
            asked = json.loads(request.body)
        except ValueError as error:
            raise AwsError("ValidationException", f"labelling: {error}") from error
        if not isinstance(asked, dict):
            raise AwsError("ValidationException", "labelling: the body is an object")
        return answer_to(server.engine, asked)

    return handle


def _stop(server: "Server", request: Request) -> dict[str, Any]:
    if server.keys.examiner is not None:
        raise Refused("AccessDenied", "This endpoint is not the learner's to stop.")
    server.stop_soon()
    return {}


_HANDLERS = {
    ("GET", "status"): _status,
    ("POST", "reset"): _reset,
    ("POST", "clock"): _clock,
    ("GET", "bill"): _bill,
    ("POST", "labelling/truth"): _labelling(labelling.truth),
    ("POST", "labelling/tasks"): _labelling(labelling.tasks),
    ("POST", "labelling/answers"): _labelling(labelling.answers),
    ("POST", "stop"): _stop,
}
