"""AWS KMS: keys that are disabled, about to be deleted, deleted."""

import datetime as dt

from localaws.errors import unless_full
from localaws.services import rentals
from localaws.services.context import Context
from localaws.services.kms import grants
from localaws.services.kms.access import TAGS, Caller, demand
from localaws.services.kms.documents import (
    ALIASES,
    DISABLED,
    ENABLED,
    KEYS,
    PENDING,
    Members,
    by_id,
    demand_there,
)
from localaws.services.kms.errors import invalid, unsupported, wrong_state
from localaws.services.kms.keys import RENTAL
from localaws.services.kms.keystore import Keystore
from localaws.services.kms.rotation import units
from localaws.services.records import Records

_LEAST, _MOST = 7, 30


def enable(caller: Caller, given: Members) -> None:
    """Let a key be used again."""
    _set(caller, given, "EnableKey", ENABLED)


def disable(caller: Caller, given: Members) -> None:
    """Let a key not be used: what is encrypted under it cannot be read meanwhile."""
    _set(caller, given, "DisableKey", DISABLED)


def _set(caller: Caller, given: Members, operation: str, state: str) -> None:
    key = _own(caller, given, operation)
    demand_there(key)
    caller.context.part(Records).change(KEYS, key["id"], state=state)


def _own(
    caller: Caller,
    given: Members,
    operation: str,
    more: dict[str, tuple[str, ...]] | None = None,
) -> Members:
    key = by_id(caller.context, caller.region, given["KeyId"])
    demand(caller, key, operation, more)
    if key["manager"] == "AWS":
        raise unsupported(f"{key['arn']} is managed by AWS.")
    return key


def schedule(caller: Caller, given: Members) -> Members:
    """Delete a key once some days have passed; until then it cannot be used."""
    days = given.get("PendingWindowInDays", _MOST)
    asked = {"kms:scheduledeletionpendingwindowindays": (str(days),)}
    key = _own(caller, given, "ScheduleKeyDeletion", asked)
    if not _LEAST <= days <= _MOST:
        raise invalid(
            f"PendingWindowInDays must be between {_LEAST} and {_MOST}, found {days}"
        )
    demand_there(key)
    now = caller.context.clock.now()
    when, records = now + dt.timedelta(days=days), caller.context.part(Records)
    records.change(KEYS, key["id"], state=PENDING, deletion=when, waits=now)
    rentals.end(caller.context, key["id"])
    return {
        "KeyId": key["arn"],
        "DeletionDate": when,
        "KeyState": PENDING,
        "PendingWindowInDays": days,
    }


def cancel(caller: Caller, given: Members) -> Members:
    """Keep a key that was to be deleted; it is disabled."""
    key = _own(caller, given, "CancelKeyDeletion")
    if key["state"] != PENDING:
        raise wrong_state(f"{key['arn']} is not pending deletion.")
    records = caller.context.part(Records)
    records.change(KEYS, key["id"], state=DISABLED, deletion=None)
    # charged as though it had never been scheduled
    waited = (caller.context.clock.now() - key["waits"]).total_seconds()
    caller.context.meter.add(RENTAL, units(key) * waited, resource=key["id"])
    rentals.rent(caller.context, key["id"], {RENTAL: (None, units(key))})
    return {"KeyId": key["arn"]}


def tick(context: Context) -> dt.datetime | None:
    """Delete what is due, and return when the next key is."""
    now, following = context.clock.now(), []
    for key in context.part(Records).all(KEYS).values():
        if key["state"] != PENDING:
            continue
        if key["deletion"] <= now:
            with unless_full():
                _delete(context, key["id"])
        else:
            following.append(key["deletion"])
    return min(following, default=None)


def _delete(context: Context, key: str) -> None:
    """Delete a key for ever: its material first, which nothing brings back."""
    context.part(Keystore).destroy(key)
    records = context.part(Records)
    for grant in grants.of_key(context, key):
        records.drop(grants.GRANTS, grant["id"])
    for name, alias in records.all(ALIASES).items():
        if alias["target"] == key:
            records.drop(ALIASES, name)
    records.drop(TAGS, key)
    records.drop(KEYS, key)


OPERATIONS = {
    "EnableKey": enable,
    "DisableKey": disable,
    "ScheduleKeyDeletion": schedule,
    "CancelKeyDeletion": cancel,
}
