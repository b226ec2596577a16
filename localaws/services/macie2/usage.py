"""What Macie costs: buckets by the day, and what its jobs have looked into."""

from localaws.services.context import Context
from localaws.services.macie2.documents import SESSION, Members
from localaws.services.records import Records

_KINDS = {
    "DATA_INVENTORY_EVALUATION": "Evaluation",
    "SENSITIVE_DATA_DISCOVERY": "Sensitive data discovery",
}
_SERVICE = "Amazon Macie"


def charge(context: Context) -> None:
    """Charge the account's buckets for the time since they were last charged."""
    records = context.part(Records)
    if records.get(SESSION, SESSION) is None:
        return
    count = len(context.aws.client("s3").list_buckets()["Buckets"])
    with records.lock:
        session = records.get(SESSION, SESSION)
        if session is None:
            return
        now = context.clock.now()
        seconds = (now - session["chargedUntil"]).total_seconds()
        if seconds < 1:
            return
        context.meter.add("macie-bucket-seconds", count * seconds)
        records.change(SESSION, SESSION, chargedUntil=now)


def totals(context: Context, given: Members) -> Members:
    """Answer GetUsageTotals."""
    charge(context)
    lines = [one for one in context.meter.bill() if one["service"] == _SERVICE]
    rows = [
        {
            "type": kind,
            "currency": "USD",
            "estimatedCost": f"{_sum(lines, usage):.4f}",
        }
        for kind, usage in _KINDS.items()
    ]
    return {
        "timeRange": given.get("timeRange", "PAST_30_DAYS").upper(),
        "usageTotals": rows,
    }


def _sum(lines: list[Members], usage: str) -> float:
    return sum(one["cost"] or 0.0 for one in lines if one["usage"].startswith(usage))


OPERATIONS = {"GetUsageTotals": totals}
