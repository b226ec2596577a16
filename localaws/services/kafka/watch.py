"""Looks at the clusters as time goes by, once for all who want to know."""

import datetime as dt
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.kafka.clusters import Clusters

if TYPE_CHECKING:
    from localaws.services.kafka.snapshot import Snapshot

Place = tuple[str, int]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Look:
    """What was seen.

    Attributes:
        row: The cluster's document.
        before: What was seen the last time; None the first time.
        now: What is there.
        since: When that was: the change since then counts as of that time.
    """

    row: dict[str, Any]
    before: "Snapshot | None"
    now: "Snapshot"
    since: dt.datetime


class Watch:
    """Looks at each cluster once in a minute of the endpoint's clock.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[dt.datetime, Snapshot]] = {}

    def look(self) -> list[Look]:
        """Return what is new of each cluster that serves clients."""
        # Kafka's messages take a while to load: not before there is a cluster
        from localaws.services.kafka.snapshot import take

        now, found = self._context.clock.now(), []
        with self._lock:
            rows = self._context.part(Clusters).active()
            arns = {row["arn"] for row in rows}
            self._seen = {a: seen for a, seen in self._seen.items() if a in arns}
            for row in rows:
                since, before = self._seen.get(row["arn"], (now, None))
                if before is not None and minute(since) == minute(now):
                    continue
                try:
                    seen = take(row["ports"])
                except AwsError as error:
                    log.warning("%s: %s", row["arn"], error)
                    continue
                self._seen[row["arn"]] = (now, seen)
                found.append(Look(row, before, seen, since))
        return found


def minute(moment: dt.datetime) -> dt.datetime:
    """Return the begin of a minute."""
    return moment.replace(second=0, microsecond=0)
