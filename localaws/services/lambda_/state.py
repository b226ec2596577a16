"""What there is of AWS Lambda: functions, layers, mappings, and their code.

Every change goes through `save` or `drop`, which write it to the endpoint's journal.
"""

import base64
import copy
import hashlib
import threading
import uuid
from collections.abc import Iterator
from typing import Any

from localaws.services.context import Context
from localaws.services.lambda_.errors import conflict, missing, outdated
from localaws.services.lambda_.names import ACCOUNT, LATEST, Place, is_version, split

Members = dict[str, Any]


class State:
    """The documents of one account and region.

    A function is one document: its versions, aliases, policies and settings.

    Args:
        context: Clock, journal and clients.

    Attributes:
        lock: Guards every document.
        place: The account and region.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.lock = threading.RLock()
        self._documents: dict[str, dict[str, Members]] = {}
        self._codes: dict[str, bytes] = {}
        self.place = Place(ACCOUNT, context.aws.region)

    def ticket(self, kind: str) -> str:
        """Return the next id of a kind, in the form of a UUID."""
        count = self._context.clock.count(f"lambda {kind}")
        digest = hashlib.sha256(f"lambda {kind} {count}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))

    def stamp(self) -> str:
        """Return the time, as function configurations show it."""
        now = self._context.clock.now()
        return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}+0000"

    def save(self, table: str, key: str, document: Members) -> None:
        """Store a document under a key, in place of the one that is there."""
        with self.lock:
            kept = copy.deepcopy(document)
            record = {"table": table, "key": key, "document": kept}
            self._context.journal.record("lambda", record)
            self._documents.setdefault(table, {})[key] = kept

    def drop(self, table: str, key: str) -> None:
        """Remove a document; one that is not there is no error."""
        with self.lock:
            record = {"table": table, "key": key, "document": None}
            self._context.journal.record("lambda", record)
            self._documents.get(table, {}).pop(key, None)

    def restore(self, payload: Members, body: bytes) -> None:
        """Take up a record of the journal again."""
        if "code" in payload:
            self._codes[payload["code"]] = body
            return
        table = self._documents.setdefault(payload["table"], {})
        if payload["document"] is None:
            table.pop(payload["key"], None)
        else:
            table[payload["key"]] = payload["document"]

    def find(self, table: str, key: str) -> Members | None:
        """Return a copy of a document, or None."""
        with self.lock:
            return copy.deepcopy(self._documents.get(table, {}).get(key))

    def all(self, table: str) -> list[Members]:
        """Return a copy of every document of a table, in the order of their keys."""
        with self.lock:
            found = self._documents.get(table, {})
            return [copy.deepcopy(found[key]) for key in sorted(found)]

    def keep_code(self, code: bytes) -> str:
        """Store an archive; return its SHA-256 as configurations show it."""
        digest = base64.b64encode(hashlib.sha256(code).digest()).decode()
        with self.lock:
            if digest not in self._codes:
                self._context.journal.record("lambda", {"code": digest}, code)
                self._codes[digest] = code
        return digest

    def code(self, digest: str) -> bytes:
        """Return an archive."""
        return self._codes[digest]

    def function(self, given: str) -> Members:
        """Return a function by its name or ARN.

        Raises:
            AwsError: There is none.
        """
        name, _ = split(given)
        found = self.find("function", name)
        if found is None:
            arn = self.place.arn("function", name)
            raise missing(f"Function not found: {arn}")
        return found

    def configuration(self, function: Members, qualifier: str | None) -> Members:
        """Return the version of a function that a qualifier names, with its ARN.

        Raises:
            AwsError: It has no such version or alias.
        """
        name, version = function["name"], qualifier or LATEST
        if not is_version(version):
            alias = function["aliases"].get(version)
            version = alias["FunctionVersion"] if alias else ""
        found = function["versions"].get(version)
        if found is None:
            arn = self.place.arn("function", name, qualifier or LATEST)
            raise missing(f"Function not found: {arn}")
        arn = self.place.arn("function", name, *([qualifier] if qualifier else []))
        return {**found, "FunctionArn": arn}

    def functions(self) -> Iterator[Members]:
        """Yield every function."""
        yield from self.all("function")

    def revise(self, held: Members, given: Members) -> None:
        """Give a configuration or alias its next RevisionId.

        Raises:
            AwsError: The caller names another than the latest.
        """
        if given.get("RevisionId") not in (None, held.get("RevisionId")):
            raise outdated()
        held["RevisionId"] = self.ticket("revision")


def state_of(context: Context) -> State:
    """Return the endpoint's state of AWS Lambda."""
    return context.part(State)


def create(state: State, table: str, key: str, document: Members, says: str) -> None:
    """Store a new document; exactly one of several same ones wins.

    Raises:
        AwsError: It exists, with what it says.
    """
    with state.lock:
        if state.find(table, key) is not None:
            raise conflict(says)
        state.save(table, key, document)
