"""The online store of Feature Store: the latest record of each identifier."""

import dataclasses
import datetime as dt
import threading
from dataclasses import dataclass
from typing import Any

from localaws.sagemaker.engine import Engine

_UNITS = {"Seconds": 1, "Minutes": 60, "Hours": 3600, "Days": 86400, "Weeks": 604800}


def lifetime(ttl: dict[str, object] | None) -> dt.timedelta | None:
    """Return a TtlDuration's length."""
    if not ttl:
        return None
    return dt.timedelta(seconds=_UNITS[str(ttl["Unit"])] * int(str(ttl["Value"])))


@dataclass(frozen=True)
class Record:
    """What the online store holds for one identifier.

    Attributes:
        values: Features as strings, without those that are null.
        event_time: When the record became true.
        expires: When it is removed, or None.
        deleted: Whether it is the marker of a soft deletion.
    """

    values: dict[str, str]
    event_time: dt.datetime
    expires: dt.datetime | None = None
    deleted: bool = False


class OnlineStore:
    """The records of every feature group.

    Args:
        engine: Gives the time that ends records.
    """

    def __init__(self, engine: Engine) -> None:
        self._clock = engine.clock
        self._journal = engine.journal
        self._lock = threading.RLock()
        self._groups: dict[str, dict[str, Record]] = {}

    def put(self, group: str, identifier: str, record: Record) -> None:
        """Keep a record unless a later one, by event time, is there."""
        with self._lock:
            present = self._present(group, identifier)
            if not present or present.event_time <= record.event_time:
                self._keep(group, identifier, record)

    def hide(self, group: str, identifier: str, marker: Record) -> None:
        """Delete softly, if the deletion's event time is after the record's."""
        with self._lock:
            present = self._present(group, identifier)
            if not present or present.event_time < marker.event_time:
                self._keep(group, identifier, marker)

    def get(self, group: str, identifier: str) -> Record | None:
        """Return a record that is neither deleted nor expired."""
        with self._lock:
            found = self._present(group, identifier)
            return None if found is None or found.deleted else found

    def remove(self, group: str, identifier: str, at: dt.datetime) -> bool:
        """Remove a record whole, if its event time is before the deletion's.

        Returns:
            Whether there is no record any more.
        """
        with self._lock:
            present = self._present(group, identifier)
            if present and present.event_time >= at:
                return False
            self._keep(group, identifier, None)
            return True

    def identifiers(self, group: str, deleted: bool) -> list[str]:
        """Return what is there, in order, with soft deletions if asked for."""
        with self._lock:
            names = sorted(self._groups.get(group, {}))
            present = ((name, self._present(group, name)) for name in names)
            return [n for n, record in present if record and deleted >= record.deleted]

    def drop(self, group: str) -> None:
        """Forget a feature group."""
        with self._lock:
            self._journal.record("records", {"group": group})
            self._groups.pop(group, None)

    def recall(self, payload: dict[str, Any]) -> None:
        """Take up a change of the journal again."""
        group = payload["group"]
        if "identifier" not in payload:
            self._groups.pop(group, None)
            return
        found = payload["record"]
        self._set(group, payload["identifier"], Record(**found) if found else None)

    def _keep(self, group: str, identifier: str, record: Record | None) -> None:
        value = dataclasses.asdict(record) if record else None
        payload = {"group": group, "identifier": identifier, "record": value}
        self._journal.record("records", payload)
        self._set(group, identifier, record)

    def _set(self, group: str, identifier: str, record: Record | None) -> None:
        if record is None:
            self._groups.get(group, {}).pop(identifier, None)
        else:
            self._groups.setdefault(group, {})[identifier] = record

    def _present(self, group: str, identifier: str) -> Record | None:
        records = self._groups.get(group, {})
        found = records.get(identifier)
        if found and found.expires and found.expires <= self._clock.now():
            del records[identifier]
            return None
        return found


def _restore(engine: Engine, payload: dict[str, Any], body: bytes) -> None:
    engine.part(OnlineStore).recall(payload)


RESTORERS = {"records": _restore}
