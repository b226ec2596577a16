"""What the requester has, owes and pays: rewards, bonuses and fees, in US dollars."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from localaws.limits import limit, limits
from localaws.services.mturk.desk import HITS, PAID, Desk, Members
from localaws.services.mturk.states import Tally, tally

CENT = Decimal("0.01")


def amount(text: str) -> Decimal:
    """Return a currency amount of an input in whole cents."""
    return Decimal(text).quantize(CENT)


def fee(paid: Decimal, percent: float) -> Decimal:
    """Return the fee on a reward or bonus, rounded half up, a cent at least."""
    share = paid * Decimal(str(percent)) / 100
    least = Decimal(str(limit("mturk_fees", "least_usd")))
    return max(share.quantize(CENT, ROUND_HALF_UP), least)


def bonus_fee(paid: Decimal) -> Decimal:
    """Return the fee on a bonus."""
    return fee(paid, limit("mturk_fees", "bonus_percent"))


def percent(hit: Members) -> float:
    """Return the fee of a HIT's assignments, in percent of the reward."""
    many = hit["_priced_for"] >= limit("mturk_fees", "many_assignments")
    masters = set(limits("mturk", "masters"))
    asked = {one["QualificationTypeId"] for one in hit["QualificationRequirements"]}
    found = limit("mturk_fees", "many_percent" if many else "percent")
    return found + (limit("mturk_fees", "masters_percent") if asked & masters else 0)


def cost(hit: Members) -> tuple[Decimal, Decimal]:
    """Return the reward of an assignment, and the fee on it."""
    reward = amount(hit["Reward"])
    return reward, fee(reward, percent(hit))


def owed(hit: Members, found: Tally) -> Decimal:
    """Return what is held for a HIT: for each assignment that may be paid yet."""
    open_yet = 0 if found.expired or found.status == "Disposed" else found.available
    return (open_yet + found.pending + found.submitted) * sum(cost(hit), Decimal())


def held(desk: Desk) -> Decimal:
    """Return what is held for all HITs."""
    found = desk.all(HITS)
    now = desk.now
    return sum((owed(hit, tally(desk, hit, now)) for hit in found), Decimal())


def available(desk: Desk) -> Decimal:
    """Return what the requester can still spend."""
    if desk.sandbox:
        return amount(str(limit("mturk", "sandbox_balance_usd")))
    begun = amount(str(limit("mturk", "prepaid_usd")))
    spent = desk.get(PAID, "all") or {"usd": "0"}
    return begun - amount(spent["usd"]) - held(desk)


def demand(desk: Desk, wanted: Decimal) -> None:
    """Raise Mechanical Turk's error unless the requester can pay."""
    if not desk.sandbox and available(desk) < wanted:
        raise desk.error(
            "InsufficientFunds",
            "This Requester has insufficient funds in their account to complete this "
            "transaction. Please visit https://requester.mturk.com/prepayments/new to "
            "purchase Prepaid HITs.",
        )


def pay(desk: Desk, paid: Decimal, charged: Decimal, what: str) -> None:
    """Pay a worker and the fee; in the sandbox nobody is paid."""
    if desk.sandbox:
        return
    before = desk.get(PAID, "all") or {"usd": "0"}
    desk.put(PAID, "all", {"usd": str(amount(before["usd"]) + paid + charged)})
    meter = desk.context.meter
    meter.add("mturk-rewards", float(paid), resource=what)
    meter.add("mturk-fees", float(charged), resource=what)


def _balance(desk: Desk, given: Members) -> Members:
    found: dict[str, Any] = {"AvailableBalance": str(available(desk))}
    waits = Decimal() if desk.sandbox else held(desk)
    return found | ({"OnHoldBalance": str(waits)} if waits else {})


OPERATIONS = {"GetAccountBalance": _balance}
