"""Polling: batches are given to functions as they are full, or their time is up."""

import datetime as dt
import threading
from typing import Any

from localaws.services.context import Context
from localaws.services.lambda_.sources import SOURCES
from localaws.services.lambda_.state import state_of
from localaws.services.lambda_.work import work_of

Members = dict[str, Any]


class Pollers:
    """Looks at the sources of every mapping.

    Args:
        context: What it acts with.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        # when the oldest record that waits was first seen
        self._seen: dict[str, dt.datetime] = {}

    def tick(self) -> dt.datetime | None:
        """Begin what is due; return when to look again."""
        found = [
            self._look(mapping)
            for mapping in state_of(self._context).all("mapping")
            if mapping["State"] == "Enabled"
        ]
        return min((due for due in found if due), default=None)

    def _look(self, mapping: Members) -> dt.datetime | None:
        number = mapping["UUID"]
        with self._lock:
            if number in self._busy:
                return None
            due, later = self._due(mapping)
            if due:
                self._busy.add(number)
        if due:
            work_of(self._context).submit(number, lambda: self._work(number))
        return later

    def _due(self, mapping: Members) -> tuple[bool, dt.datetime | None]:
        """Return whether a batch is due, and when to look again."""
        number, now = mapping["UUID"], self._context.clock.now()
        kind = SOURCES[mapping["EventSourceArn"].split(":")[2]]
        waiting, later = kind.look(self._context, mapping)
        if not waiting:
            self._seen.pop(number, None)
            return False, later
        since = self._seen.setdefault(number, now)
        window = dt.timedelta(seconds=mapping["MaximumBatchingWindowInSeconds"])
        if waiting >= mapping["BatchSize"] or now >= since + window:
            return True, later
        ends = since + window
        return False, min(ends, later) if later else ends

    def _work(self, number: str) -> None:
        state = state_of(self._context)
        try:
            while mapping := state.find("mapping", number):
                if mapping["State"] != "Enabled" or not self._due(mapping)[0]:
                    return
                self._seen.pop(number, None)
                kind = SOURCES[mapping["EventSourceArn"].split(":")[2]]
                kind.batch(self._context, mapping)
        finally:
            with self._lock:
                self._busy.discard(number)


def tick(context: Context) -> dt.datetime | None:
    """Poll every source; return when to look again."""
    pollers = context.part(Pollers)
    due = pollers.tick()
    if context.advancing.is_set():
        work_of(context).settle()
        due = pollers.tick()
    return due
