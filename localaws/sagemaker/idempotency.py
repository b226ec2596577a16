"""Requests that act once, however often their ClientRequestToken is sent."""

import contextlib
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localaws.errors import AwsError
from localaws.sagemaker.engine import Engine

_KEPT = 1000
Handler = Callable[[Engine, dict[str, Any]], dict[str, Any]]


@dataclass
class _Seen:
    request: dict[str, Any]
    lock: threading.Lock = field(default_factory=threading.Lock)
    answer: dict[str, Any] | None = None


class Tokens:
    """What the last requests with a token were answered.

    Args:
        engine: Whose requests they are.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str], _Seen] = OrderedDict()

    def answer(self, handler: Handler, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a request, with the first answer if it was sent before.

        Raises:
            AwsError: Another request had the same token.
        """
        token = request["ClientRequestToken"]
        with self._lock:
            key = (handler.__name__, token)
            seen = self._seen.setdefault(key, _Seen(request))
            if len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
        with seen.lock:
            if seen.answer is None:
                seen.request = request
                seen.answer = handler(self._engine, request)
                self._keep(*key, request, seen.answer)
            elif seen.request != request:
                raise AwsError(
                    "ConflictException",
                    f"ClientRequestToken {token} was sent with another request.",
                )
            return seen.answer

    def _keep(
        self, name: str, token: str, request: dict[str, Any], answer: dict[str, Any]
    ) -> None:
        """Write down an answer; what it tells of stands in the journal already."""
        payload = {"name": name, "token": token, "request": request, "answer": answer}
        with contextlib.suppress(AwsError):
            self._engine.journal.record("token", payload)

    def recall(self, payload: dict[str, Any]) -> None:
        """Take up an answer of the journal again."""
        found = _Seen(payload["request"], answer=payload["answer"])
        self._seen[payload["name"], payload["token"]] = found


def once(handler: Handler) -> Handler:
    """Let a handler act once for each ClientRequestToken."""

    @functools.wraps(handler)
    def answer(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
        if "ClientRequestToken" not in request:
            return handler(engine, request)
        return engine.part(Tokens).answer(handler, request)

    return answer


def _restore(engine: Engine, payload: dict[str, Any], body: bytes) -> None:
    engine.part(Tokens).recall(payload)


RESTORERS = {"token": _restore}
