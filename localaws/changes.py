"""moto's changes: one after the other, each in the journal before it is made."""

import contextlib
import datetime as dt
import io
import threading
from typing import Any

from localaws import compat
from localaws.clock import Clock
from localaws.errors import NoSpace
from localaws.journal import Journal
from localaws.loopback import ENGINE_KEY
from localaws.wire import Request, Response

READS = (
    "BatchGet",
    "Describe",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Query",
    "Scan",
    "Search",
    "Select",
    "Simulate",
)
# Changes something only if it finds something.
_RECEIVE = ("sqs", "ReceiveMessage")
_KIND = "moto"


class Changes:
    """Lets moto answer requests, so that those that change something can be repeated.

    A change sees one time, and random ids that depend on its number among those of
    its kind. While it is made no other is; so moto must not call this endpoint, or
    anybody who does, before it has answered.

    Args:
        journal: Where changes are written.
        clock: Numbers them.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._moto = compat.application()
        self._order = threading.Lock()

    def answer(self, request: Request, operation: str) -> Response:
        """Let moto answer a request.

        Args:
            request: What it is sent.
            operation: What the request asks for.

        Raises:
            AwsError: The change cannot be written; moto has not seen it.
        """
        kind = f"{request.service} {operation}"
        if operation.startswith(READS):
            with compat.repeatable(kind):
                return compat.call(self._moto, request)
        with self._order:
            name = f"{_caller(request)} {kind}"
            receives = (request.service, operation) == _RECEIVE
            count = self._clock.coming if receives else self._clock.count
            payload = {"seed": f"{name} {count(name)}", "environ": _environ(request)}
            if receives:
                return self._receive(request, name, payload)
            moment = self._journal.record(_KIND, payload, request.body)
            try:
                with compat.repeatable(payload["seed"], moment):
                    return compat.call(self._moto, request)
            except Exception:
                # moto fails on some inputs, and will when the request is repeated
                with contextlib.suppress(NoSpace):
                    self._journal.record("failed", {"seed": payload["seed"]})
                raise

    def _receive(
        self, request: Request, name: str, payload: dict[str, Any]
    ) -> Response:
        """Let moto answer, and write only what found something."""
        moment = self._clock.now()
        with compat.repeatable(payload["seed"], moment):
            response = compat.call(self._moto, request)
        if b'"Messages"' in response.body:
            self._clock.count(name)
            self._journal.record(_KIND, payload, request.body, moment)
        return response

    def repeat(
        self, payload: dict[str, Any], body: bytes, moment: dt.datetime
    ) -> Response:
        """Let moto answer a request of the journal again."""
        environ = {
            **payload["environ"],
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        with compat.repeatable(payload["seed"], moment):
            return compat.call(self._moto, Request.read(environ))


def _caller(request: Request) -> str:
    """Return who asks: what one does must not number what another does."""
    assert request.scope is not None
    key = request.scope[0]
    return {ENGINE_KEY: "engine"}.get(key, "role" if key[:4] == "ASIA" else "user")


def _environ(request: Request) -> dict[str, str]:
    """Return what of a WSGI environment says what the request is."""
    return {
        name: value
        for name, value in request.environ.items()
        if isinstance(value, str)
        and "." not in name
        and name not in ("HTTP_TRANSFER_ENCODING", "CONTENT_LENGTH")
    }
