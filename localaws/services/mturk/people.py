"""The requester and single workers: bonuses and blocks."""

from localaws.services.mturk import money
from localaws.services.mturk.assignments import find as find_assignment
from localaws.services.mturk.crowd import worker
from localaws.services.mturk.desk import (
    BLOCKS,
    BONUSES,
    Desk,
    Members,
    invalid,
    paged,
)


def _send_bonus(desk: Desk, given: Members) -> Members:
    assignment = find_assignment(desk, given)
    if assignment["WorkerId"] != given["WorkerId"]:
        raise desk.error(
            "WorkerDoesNotExist",
            f"Assignment {given['AssignmentId']} is not one of Worker "
            f"{given['WorkerId']}.",
        )
    token = given.get("UniqueRequestToken")
    if token and any(one["_token"] == token for one in desk.all(BONUSES)):
        raise desk.error(
            "BonusPaymentAlreadyExists", f"The bonus {token} was paid already."
        )
    paid = money.amount(given["BonusAmount"])
    if paid <= 0:
        raise invalid("BonusAmount must be more than 0.")
    fee = money.bonus_fee(paid)
    money.demand(desk, paid + fee)
    bonus = {
        "WorkerId": given["WorkerId"],
        "BonusAmount": str(paid),
        "AssignmentId": given["AssignmentId"],
        "Reason": given["Reason"],
        "GrantTime": desk.now,
        "_hit": assignment["HITId"],
        "_token": token,
    }
    desk.put(BONUSES, desk.identity(BONUSES), bonus)
    money.pay(desk, paid, fee, assignment["HITId"])
    return {}


def _list_bonuses(desk: Desk, given: Members) -> Members:
    hit, assignment = given.get("HITId"), given.get("AssignmentId")
    if (hit is None) == (assignment is None):
        raise invalid("Either HITId or AssignmentId must be specified, and not both.")
    found = [
        one
        for one in desk.all(BONUSES)
        if hit in (None, one["_hit"]) and assignment in (None, one["AssignmentId"])
    ]
    return paged(desk, "BonusPayments", found, given)


def _block(desk: Desk, given: Members) -> Members:
    worker(desk, given["WorkerId"])
    members = ("WorkerId", "Reason")
    desk.put(BLOCKS, given["WorkerId"], {name: given[name] for name in members})
    return {}


def _unblock(desk: Desk, given: Members) -> Members:
    if desk.get(BLOCKS, given["WorkerId"]):
        desk.drop(BLOCKS, given["WorkerId"])
    return {}


def _list_blocks(desk: Desk, given: Members) -> Members:
    return paged(desk, "WorkerBlocks", desk.all(BLOCKS), given)


OPERATIONS = {
    "SendBonus": _send_bonus,
    "ListBonusPayments": _list_bonuses,
    "CreateWorkerBlock": _block,
    "DeleteWorkerBlock": _unblock,
    "ListWorkerBlocks": _list_blocks,
}
