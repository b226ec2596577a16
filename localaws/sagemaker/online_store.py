"""The online store of Feature Store: the latest record of each identifier."""

import datetime as dt
import threading
from dataclasses import dataclass

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
        self._lock = threading.RLock()
        self._groups: dict[str, dict[str, Record]] = {}

    def put(self, group: str, identifier: str, record: Record) -> None:
        """Keep a record unless a later one, by event time, is there."""
        with self._lock:
            present = self._present(group, identifier)
            if not present or present.event_time <= record.event_time:
                self._groups.setdefault(group, {})[identifier] = record

    def hide(self, group: str, identifier: str, marker: Record) -> None:
        """Delete softly, if the deletion's event time is after the record's."""
        with self._lock:
            present = self._present(group, identifier)
            if not present or present.event_time < marker.event_time:
                self._groups.setdefault(group, {})[identifier] = marker

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
            self._groups.get(group, {}).pop(identifier, None)
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
            self._groups.pop(group, None)

    def _present(self, group: str, identifier: str) -> Record | None:
        records = self._groups.get(group, {})
        found = records.get(identifier)
        if found and found.expires and found.expires <= self._clock.now():
            del records[identifier]
            return None
        return found
