"""The marketplace as time goes by: who accepts, when money moves, what is forgotten."""

import datetime as dt
import heapq
import itertools
from collections.abc import Iterable
from typing import Any

from localaws.errors import unless_full
from localaws.labelling.crowd import Crowd
from localaws.services.context import Context
from localaws.services.mturk import crowd
from localaws.services.mturk.desk import Desk, Desks, Members
from localaws.services.mturk.happenings import Floor, Happening, expected


class Market:
    """The workers of the pool at work on the HITs of the marketplace.

    Each looks at a HIT at a moment of their own and accepts it if they may, once they
    have done with their last. What happens is worked out in the order of its time.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._desk: Desk = context.part(Desks).market
        self._crowd: Crowd = context.part(Crowd)
        self._truths: dict[str, crowd.Truth] = {}
        self._seen: tuple[Any, ...] = ()
        self._reached = context.clock.now()
        self._number = itertools.count()
        self._queue: list[tuple[dt.datetime, int, Happening]] = []

    def tick(self) -> dt.datetime | None:
        """Do what is due; return the time of what is next."""
        with self._desk.lock, unless_full():
            now = self._desk.now
            seen = (self._crowd.known, self._crowd.workers)
            if self._desk.changed or seen != self._seen:
                self._queue = []
                floor = Floor(self._desk, self._reached)
                self._expect(expected(floor, self._crowd, self._known))
            while self._queue and self._queue[0][0] <= now:
                moment, _, first = self._queue[0]
                if first.moment() == moment:
                    follows = first.happen(moment)
                    heapq.heappop(self._queue)
                    self._expect(follows)
                else:
                    heapq.heappop(self._queue)
                    self._expect([first])
            self._desk.changed, self._seen, self._reached = False, seen, now
        return self._queue[0][0] if self._queue else None

    def _expect(self, coming: Iterable[Happening]) -> None:
        for one in coming:
            moment = one.moment()
            if moment is not None:
                heapq.heappush(self._queue, (moment, next(self._number), one))

    def _known(self, hit: Members) -> crowd.Truth | None:
        name = hit["HITId"]
        if name not in self._truths:
            found = crowd.truths(self._context, hit["Question"])
            if found is None:
                return None
            self._truths[name] = found
        return self._truths[name]


def tick(context: Context) -> dt.datetime | None:
    """Let the workers of the pool act; return when the next thing happens."""
    return context.part(Market).tick()
