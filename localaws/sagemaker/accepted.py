"""Asynchronous inferences that were accepted, and are not answered yet."""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localaws.errors import AwsError
from localaws.sagemaker.engine import Engine

Members = dict[str, Any]


@dataclass(frozen=True)
class Invocation:
    """One request that waits.

    Attributes:
        number: The inference's id.
        location: Where its input is in S3; None if it came with the request.
        body: The input that came with the request.
        headers: What the container sees.
        output: Where its answer goes.
        failure: Where the reason goes if there is no answer; None for nowhere.
        received: When it came.
        ttl: Seconds that it may wait.
        timeout: Seconds that the container has for its answer.
        ticket: Its number in the journal.
    """

    number: str
    location: str | None
    body: bytes
    content_type: str
    accept: str
    headers: Mapping[str, str]
    output: str
    failure: str | None
    received: dt.datetime
    ttl: int
    timeout: int
    ticket: int

    def shown(self) -> Members:
        """Return what a notice tells of the request."""
        asked = {"accept": self.accept, "contentType": self.content_type}
        where = {"inputLocation": self.location} if self.location else {}
        return {**asked, **where, "inferenceId": self.number}


class Accepted:
    """The requests of every endpoint that are not answered, as the journal has them.

    Args:
        engine: Keeps them.
    """

    def __init__(self, engine: Engine) -> None:
        self._journal = engine.journal
        self._left: dict[str, dict[int, Invocation]] = {}

    def keep(self, endpoint: str, one: Invocation) -> None:
        """Write down a request that is about to be accepted."""
        payload = dataclasses.asdict(dataclasses.replace(one, body=b""))
        asked = {"endpoint": endpoint, "asked": payload}
        self._journal.record("inference", asked, one.body)

    def drop(self, endpoint: str, one: Invocation) -> None:
        """Write down that a request is answered, or has failed."""
        done = {"endpoint": endpoint, "done": one.ticket}
        with contextlib.suppress(AwsError):
            self._journal.record("inference", done)

    def recall(self, payload: Members, body: bytes) -> None:
        """Take up one record of the journal again."""
        left = self._left.setdefault(payload["endpoint"], {})
        if "done" in payload:
            left.pop(payload["done"], None)
        else:
            one = Invocation(**{**payload["asked"], "body": body})
            left[one.ticket] = one

    def take(self, endpoint: str) -> list[Invocation]:
        """Return and forget what an endpoint still has to answer."""
        return list(self._left.pop(endpoint, {}).values())


def _restore(engine: Engine, payload: Members, body: bytes) -> None:
    engine.part(Accepted).recall(payload, body)


RESTORERS = {"inference": _restore}
