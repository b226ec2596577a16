"""What the objects of Amazon S3 cost by the month, each by its storage class."""

import datetime as dt
from collections import defaultdict

from localaws.limits import limits
from localaws.services import s3_keys
from localaws.services.context import Context
from localaws.services.records import Records
from localaws.services.s3_rules import midnight_after

_TABLE, _SINCE = "s3-storage", "charged"


def charge(context: Context) -> None:
    """Charge for what is there now, for the time since it came or was last charged.

    What came and went between two midnights, and was in no bill, costs nothing.
    """
    records, now = context.part(Records), context.clock.now()
    with records.lock:
        before = records.get(_TABLE, _SINCE) or {}
        since = before.get("at")
        used: dict[tuple[str, str], float] = defaultdict(float)
        for one in s3_keys.stored():
            began = max(one.since, since) if since else one.since
            seconds = max(0.0, (now - began).total_seconds())
            for storage, size in _billed(one.size, one.storage):
                used[storage, one.bucket] += size * seconds
        # first what may fail for want of space, so that nothing is charged twice
        records.put(_TABLE, _SINCE, {"at": now})
        for (storage, bucket), byte_seconds in sorted(used.items()):
            if byte_seconds:
                context.meter.add(
                    "s3-storage", byte_seconds, instance=storage, resource=bucket
                )


def tick(context: Context) -> dt.datetime | None:
    """Charge at midnight, before a lifecycle moves or deletes anything."""
    if not s3_keys.any_bucket():
        return None
    found = context.part(Records).get(_TABLE, _SINCE)
    now = context.clock.now()
    if found is None or midnight_after(found["at"]) <= now:
        charge(context)
    return midnight_after(now)


def _billed(size: int, storage: str) -> list[tuple[str, int]]:
    """Return the bytes that are billed of an object, by storage class."""
    least = limits("s3_storage", "least_bytes").get(storage, 0)
    index, name = limits("s3_storage", "index_bytes").get(storage, (0, 0))
    found = [(storage, max(size, least) + index)]
    return [*found, ("STANDARD", name)] if name else found
