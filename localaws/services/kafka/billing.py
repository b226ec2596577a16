"""What the brokers of a cluster and their volumes cost as time goes by."""

import datetime as dt
import threading

from localaws.services.context import Context
from localaws.services.kafka.clusters import TABLE, Clusters
from localaws.services.records import Records


class Billing:
    """Counts the seconds of each cluster once.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._until: dict[str, dt.datetime] = {}

    def charge(self) -> None:
        """Bring the bill up to date."""
        now, meter = self._context.clock.now(), self._context.meter
        with self._lock:
            rows = self._context.part(Clusters).active()
            known, self._until = self._until, {row["arn"]: now for row in rows}
            for row in rows:
                seconds = (now - known.get(row["arn"], now)).total_seconds()
                used = max(0.0, seconds) * row["brokers"]
                kind, name = row["group"]["InstanceType"], row["name"]
                if used:
                    meter.add("kafka-broker", used, instance=kind, resource=name)
                    meter.add("kafka-storage", used * row["volume"], resource=name)


def tick(context: Context) -> dt.datetime | None:
    """Bring the bill up to date."""
    if context.part(Records).all(TABLE):
        context.part(Billing).charge()
    return None
