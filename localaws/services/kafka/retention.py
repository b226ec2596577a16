"""Records that are too old by the endpoint's clock are deleted.

The brokers do not know this clock. A record that a look at its cluster finds is as old
as the look before, at most a minute older than it is.
"""

import datetime as dt
from bisect import bisect_right

from localaws.services.context import Context
from localaws.services.kafka.clusters import Clusters
from localaws.services.kafka.watch import Look, Place, minute

# a hundred years: what is longer is beyond what a time can be
_FOREVER = 3_155_760_000_000
Marks = list[tuple[dt.datetime, int]]


class Retention:
    """Remembers when records came, and deletes them in time.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._marks: dict[str, dict[Place, Marks]] = {}
        self._due: dict[str, dt.datetime] = {}

    def due(self) -> dt.datetime | None:
        """Return when records are next too old; there is a look once a minute."""
        now = self._context.clock.now()
        rows = self._context.part(Clusters).active()
        dues = [self._due[row["arn"]] for row in rows if row["arn"] in self._due]
        next_look = minute(now) + dt.timedelta(minutes=1)
        return max(min(dues), next_look) if dues else None

    def see(self, look: Look) -> None:
        """Take up a look at a cluster."""
        arn, now = look.row["arn"], self._context.clock.now()
        known = self._marks.get(arn, {})
        marks = self._marks[arn] = {p: known.get(p, []) for p in look.now.leaders}
        self._due.pop(arn, None)
        for place, held in marks.items():
            end = look.now.ends[place]
            if held and held[-1][1] > end:
                held.clear()
            if end > (held[-1][1] if held else look.now.starts[place]):
                held.append((look.since, end))
            kept = look.now.retention.get(place[0], -1)
            if 0 <= kept < _FOREVER and held:
                self._apply(look, place, held, now, dt.timedelta(milliseconds=kept))

    def _apply(
        self,
        look: Look,
        place: Place,
        held: Marks,
        now: dt.datetime,
        kept: dt.timedelta,
    ) -> None:
        old = bisect_right(held, now - kept, key=lambda mark: mark[0])
        if old:
            offset = held[old - 1][1]
            if offset > look.now.starts[place]:
                _delete(look, place, offset)
            del held[:old]
        if held:
            arn, due = look.row["arn"], held[0][0] + kept
            self._due[arn] = min(due, self._due.get(arn, due))


def _delete(look: Look, place: Place, offset: int) -> None:
    from localaws.services.kafka.admin import delete_records

    port = look.row["ports"][look.now.leaders[place] - 1]
    delete_records(port, *place, offset)
