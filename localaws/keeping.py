"""The documents of the store in the journal: what of them has changed, and back."""

import logging
import threading
from typing import Any

from localaws.errors import AwsError
from localaws.journal import Journal
from localaws.journal_file import decode, encode

Document = dict[str, Any]
Tables = dict[str, dict[str, Document]]
log = logging.getLogger(__name__)


class Keeping:
    """Writes documents to the journal, each member when it has another value.

    A member whose name begins with two underscores holds what runs, and is left out.

    Args:
        journal: Where to.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._lock = threading.RLock()
        self._known: dict[tuple[str, str], dict[str, int]] = {}
        self._late: dict[tuple[str, str], Document] = {}

    def keep(
        self,
        document: Document,
        members: Document | None = None,
        tags: dict[str, str] | None = None,
    ) -> None:
        """Write what is new in a document.

        Args:
            document: The resource.
            members: What is about to be set.
            tags: Those of a new one.

        Raises:
            AwsError: It cannot be written, and a request waits for the answer. A job
                goes on, and what it changed is written when there is room again.
        """
        if self.journal.silent:
            return
        key = document["_noun"], document["_name"]
        with self._lock:
            try:
                self._write(key, document | (members or {}), tags)
            except AwsError:
                if self.journal.asked:
                    raise
                log.warning("%s %s is not in the journal yet", *key)
                self._late[key] = document
            else:
                self._late.pop(key, None)

    def _write(
        self, key: tuple[str, str], document: Document, tags: dict[str, str] | None
    ) -> None:
        parts = {
            name: encode(value)
            for name, value in document.items()
            if not name.startswith("__")
        }
        known = self._known.get(key, {})
        marks = {name: hash(part) for name, part in parts.items()}
        new = [name for name in parts if known.get(name) != marks[name]]
        gone = [name for name in known if name not in parts]
        if not new and not gone and tags is None:
            return
        payload: Document = {"noun": key[0], "name": key[1], "gone": gone}
        if tags is not None:
            payload["tags"] = tags
        text = b",".join(encode(name) + b":" + parts[name] for name in new)
        self.journal.record("document", payload, b"{" + text + b"}")
        self._known[key] = marks

    def forget(self, noun: str, name: str) -> None:
        """Write that a document is deleted."""
        self.journal.record("deleted", {"noun": noun, "name": name})
        with self._lock:
            self._known.pop((noun, name), None)
            self._late.pop((noun, name), None)

    def later(self, document: Document) -> None:
        """Write what is new in a document at the next `settle`."""
        with self._lock:
            self._late[document["_noun"], document["_name"]] = document

    def settle(self) -> None:
        """Write what could not be written before."""
        if self._late:
            with self._lock:
                for document in list(self._late.values()):
                    self.keep(document)

    def restore(
        self, tables: Tables, kind: str, payload: Document, body: bytes
    ) -> Document | None:
        """Take up one record again, and return the document if it is there then."""
        key = noun, name = payload["noun"], payload["name"]
        table = tables.setdefault(noun, {})
        if kind == "deleted":
            self._known.pop(key, None)
            table.pop(name, None)
            return None
        document = table.setdefault(name, {})
        for member in payload["gone"]:
            document.pop(member, None)
            self._known.get(key, {}).pop(member, None)
        new = decode(body)
        document |= new
        marks = {member: hash(encode(value)) for member, value in new.items()}
        self._known.setdefault(key, {}).update(marks)
        return document
