"""Documents of the services that moto does not keep: they outlive a kill."""

import copy
import threading
from typing import Any

from localaws.services.context import Context

Document = dict[str, Any]
_KIND = "service-record"


class Records:
    """Tables of documents, each under its key, oldest first.

    Args:
        context: Holds the journal in which each change is written first.
    """

    def __init__(self, context: Context) -> None:
        self._journal = context.journal
        self._tables: dict[str, dict[str, Document]] = {}
        self.lock = threading.RLock()

    def put(self, table: str, key: str, document: Document) -> None:
        """Keep a document; one under the same key is replaced.

        Args:
            table: Such as `athena-workgroup`.
            key: Its name or id.
            document: JSON values, times and bytes.
        """
        with self.lock:
            self._journal.record(_KIND, {"table": table, "key": key, "is": document})
            self.restore(table, key, document)

    def change(self, table: str, key: str, **members: Any) -> Document:
        """Set members of a document and return it; KeyError if it is not there."""
        with self.lock:
            document = {**self._tables.get(table, {})[key], **members}
            self.put(table, key, document)
            return document

    def drop(self, table: str, key: str) -> None:
        """Forget a document."""
        with self.lock:
            self._journal.record(_KIND, {"table": table, "key": key, "is": None})
            self.restore(table, key, None)

    def get(self, table: str, key: str) -> Document | None:
        """Return a copy of a document, or None."""
        with self.lock:
            return copy.deepcopy(self._tables.get(table, {}).get(key))

    def all(self, table: str) -> dict[str, Document]:
        """Return a copy of every document of a table by its key."""
        with self.lock:
            return copy.deepcopy(self._tables.get(table, {}))

    def restore(self, table: str, key: str, document: Document | None) -> None:
        """Set a document without telling the journal; None forgets it."""
        with self.lock:
            if document is None:
                self._tables.get(table, {}).pop(key, None)
            else:
                self._tables.setdefault(table, {})[key] = copy.deepcopy(document)


def _restore(context: Context, payload: Document, body: bytes) -> None:
    records = context.part(Records)
    records.restore(payload["table"], payload["key"], payload["is"])


RESTORERS = {_KIND: _restore}
