"""The endpoint's own API, behind the guard: status, reset, clock, bill, stop."""

import json
import os
from typing import TYPE_CHECKING, Any

from localaws.errors import AwsError
from localaws.guard import CONTROL
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


def _stop(server: "Server", request: Request) -> dict[str, Any]:
    server.stop_soon()
    return {}


_HANDLERS = {
    ("GET", "status"): _status,
    ("POST", "reset"): _reset,
    ("POST", "clock"): _clock,
    ("GET", "bill"): _bill,
    ("POST", "stop"): _stop,
}
