"""What costs by the hour although nobody calls it: volumes and file systems.

A rental says since when, of what and how much; the bill charges until now.
"""

from collections.abc import Mapping

from localaws.errors import unless_full
from localaws.services.context import Context
from localaws.services.records import Records
from localaws.shares import Shares

TABLE = "rental"
_SIZE = "size of the files"
Costs = Mapping[str, tuple[str | None, float | str]]


def rent(context: Context, resource: str, costs: Costs) -> None:
    """Begin to charge for something; what was charged for it before ends here.

    On a full disk it is left out: what costs is there already.

    Args:
        context: The endpoint.
        resource: Its id.
        costs: By kind of `prices.yaml`: its variant and how many units of the kind
            it is, each charged by the second.
    """
    records = context.part(Records)
    with records.lock, unless_full():
        charge(context, resource)
        kept = {kind: list(cost) for kind, cost in costs.items()}
        now = context.clock.now()
        records.put(TABLE, resource, {"costs": kept, "since": now})


def by_size(kind: str) -> Costs:
    """Return the costs of a file system that is paid by the bytes in it."""
    return {kind: (None, _SIZE)}


def end(context: Context, resource: str) -> None:
    """Charge for the last time."""
    records = context.part(Records)
    with records.lock, unless_full():
        if records.get(TABLE, resource) is not None:
            charge(context, resource)
            records.drop(TABLE, resource)


def charge(context: Context, resource: str) -> None:
    """Charge for what was used since the last time."""
    records = context.part(Records)
    with records.lock:
        found = records.get(TABLE, resource)
        if found is None:
            return
        now = context.clock.now()
        seconds = (now - found["since"]).total_seconds()
        if seconds <= 0:
            return
        used = {
            (kind, variant): _units(context, resource, units) * seconds
            for kind, (variant, units) in found["costs"].items()
        }
        # first what may fail for want of space, so that nothing is charged twice
        records.put(TABLE, resource, {**found, "since": now})
        for (kind, variant), quantity in used.items():
            context.meter.add(kind, quantity, instance=variant, resource=resource)


def _units(context: Context, resource: str, units: float | str) -> float:
    if units != _SIZE:
        return float(units)
    return Shares(context.home.parent).used_bytes(resource) / 2**30


def charge_all(context: Context) -> None:
    """Charge for everything: the bill is asked for."""
    for resource in context.part(Records).all(TABLE):
        charge(context, resource)
