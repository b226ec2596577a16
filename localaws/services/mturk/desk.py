"""One of Mechanical Turk's two worlds, and what the requester keeps in it."""

import datetime as dt
import hashlib
import threading
from collections.abc import Callable
from typing import Any

from localaws.errors import AwsError
from localaws.hosts import SANDBOX
from localaws.services.context import Context
from localaws.services.records import Records
from localaws.wire import Request

Members = dict[str, Any]
HITS, TYPES, ASSIGNMENTS = "hit", "hit-type", "assignment"
BONUSES, BLOCKS, PAID = "bonus", "block", "paid"
QUALIFICATION_TYPES, QUALIFICATIONS = "qualification-type", "qualification"
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_STATES = "AWS.MechanicalTurk.Invalid{noun}State"


class Desk:
    """The marketplace, or the sandbox: there nothing costs, and no worker comes.

    Args:
        context: The endpoint.
        sandbox: Whether it is the sandbox.
    """

    def __init__(self, context: Context, sandbox: bool = False) -> None:
        self.context = context
        self.sandbox = sandbox
        self._records = context.part(Records)
        self._read: dict[str, dict[str, Members]] = {}
        # not that of the records: images are fetched under it, by other threads
        self.lock = threading.RLock()
        self.changed = True

    @property
    def now(self) -> dt.datetime:
        """The endpoint's time."""
        return self.context.clock.now()

    def put(self, kind: str, key: str, document: Members) -> None:
        """Keep a document."""
        self.changed = True
        self._records.put(self._table(kind), key, document)
        self._kept(kind)[key] = dict(document)

    def change(self, kind: str, key: str, **members: Any) -> Members:
        """Set members of a document and return it."""
        document = {**self._kept(kind)[key], **members}
        self.put(kind, key, document)
        return document

    def drop(self, kind: str, key: str) -> None:
        """Forget a document."""
        self.changed = True
        self._records.drop(self._table(kind), key)
        self._kept(kind).pop(key, None)

    def get(self, kind: str, key: str) -> Members | None:
        """Return a document, or None."""
        found = self._kept(kind).get(key)
        return found and dict(found)

    def all(self, kind: str) -> list[Members]:
        """Return every document of a kind, oldest first."""
        return [dict(one) for one in self._kept(kind).values()]

    def _kept(self, kind: str) -> dict[str, Members]:
        """Return the documents of a kind, which are read once: it is asked often."""
        if kind not in self._read:
            self._read[kind] = self._records.all(self._table(kind))
        return self._read[kind]

    def of_hit(self, hit: Members) -> list[Members]:
        """Return the assignments of a HIT, also those still under way."""
        found = (self.get(ASSIGNMENTS, name) for name in hit["_assignments"])
        return [one for one in found if one]

    def identity(self, kind: str) -> str:
        """Return a new id in the style of Mechanical Turk's."""
        number = self.context.clock.count(f"{self._table(kind)}")
        return "3" + letters(f"{self._table(kind)} {number}", 29)

    def _table(self, kind: str) -> str:
        return f"mturk-sandbox-{kind}" if self.sandbox else f"mturk-{kind}"

    def error(self, code: str, message: str) -> AwsError:
        """Return a RequestError, with the time that Mechanical Turk adds to it."""
        stamp = f" ({int(self.now.timestamp() * 1000)} s)"
        name = code if "." in code else f"AWS.MechanicalTurk.{code}"
        return AwsError("RequestError", message + stamp, TurkErrorCode=name)

    def state_error(self, noun: str, state: str, wanted: str) -> AwsError:
        """Return the error of an operation at the wrong time."""
        return self.error(
            _STATES.format(noun=noun),
            f"This {noun} is currently in the state '{state}'.  This operation can be "
            f"called with a status of: {wanted}",
        )

    def find(self, kind: str, key: str, noun: str) -> Members:
        """Return a document.

        Raises:
            AwsError: There is none.
        """
        found = self.get(kind, key)
        if found is None:
            raise self.error(
                f"{noun.replace(' ', '')}DoesNotExist",
                f"{noun.replace('HIT', 'Hit', noun == 'HIT')} {key} does not exist.",
            )
        return found


class Desks:
    """Both worlds of this endpoint."""

    def __init__(self, context: Context) -> None:
        self.market, self.sandbox = Desk(context), Desk(context, True)

    def of(self, request: Request) -> Desk:
        """Return the world that a request names by its host."""
        return self.sandbox if SANDBOX in request.query else self.market


def at_desk(
    operation: Callable[[Desk, Members], Members],
) -> Callable[[Context, Members, Request], Members]:
    """Let an operation act in the world that its request names, one at a time."""

    def act(context: Context, given: Members, request: Request) -> Members:
        desk = context.part(Desks).of(request)
        with desk.lock:
            return operation(desk, given)

    return act


def invalid(message: str) -> AwsError:
    """Return the error of an input that Mechanical Turk does not take."""
    return AwsError("ParameterValidationError", message)


def letters(text: str, length: int) -> str:
    """Return capital letters and digits that only depend on a text."""
    number = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    found = []
    for _ in range(length):
        number, digit = divmod(number, 36)
        found.append(_LETTERS[digit])
    return "".join(found)


def paged(desk: Desk, member: str, found: list[Members], given: Members) -> Members:
    """Return one page of a list, with the number of its items."""
    try:
        start = int(given.get("NextToken", 0))
    except ValueError as error:
        raise invalid("NextToken is not one that was given out.") from error
    end = start + given.get("MaxResults", 10)
    page = found[start:end]
    answer: Members = {member: page, "NumResults": len(page)}
    return answer | ({"NextToken": str(end)} if end < len(found) else {})
