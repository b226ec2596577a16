"""AWS KMS: new material for a key, by the calendar or on demand.

What was encrypted before opens still: a ciphertext names the version of its material.
"""

import datetime as dt

from localaws.errors import AwsError, unless_full
from localaws.limits import limit
from localaws.services import rentals
from localaws.services.context import Context
from localaws.services.kms import symmetric
from localaws.services.kms.access import Caller, demand
from localaws.services.kms.documents import (
    ENABLED,
    KEYS,
    Members,
    by_id,
    demand_usable,
    material_id,
)
from localaws.services.kms.errors import unsupported
from localaws.services.kms.keys import RENTAL
from localaws.services.kms.keystore import Keystore
from localaws.services.kms.operations import page
from localaws.services.records import Records

_PERIOD = 365
_DEMANDED, _AUTOMATIC = "ON_DEMAND", "AUTOMATIC"


def units(key: Members) -> int:
    """Return how many keys a key costs: its first two rotations cost one more each."""
    return 1 + min(2, len(key["rotations"]))


def enable(caller: Caller, given: Members) -> None:
    """Rotate a key every so many days."""
    days = given.get("RotationPeriodInDays")
    asked = {} if days is None else {"kms:rotationperiodindays": (str(days),)}
    key = _key(caller, given, "EnableKeyRotation", asked)
    demand_usable(key)
    period = days or _PERIOD
    due = caller.context.clock.now() + dt.timedelta(days=period)
    if key["period"] == period:
        due = key["next"]
    records = caller.context.part(Records)
    records.change(KEYS, key["id"], period=period, next=due)


def disable(caller: Caller, given: Members) -> None:
    """Rotate a key no more by itself."""
    key = _key(caller, given, "DisableKeyRotation")
    demand_usable(key)
    caller.context.part(Records).change(KEYS, key["id"], period=None, next=None)


def status(caller: Caller, given: Members) -> Members:
    """Say whether and when a key is rotated."""
    key = by_id(caller.context, caller.region, given["KeyId"])
    demand(caller, key, "GetKeyRotationStatus")
    _demand_symmetric(key)
    told: Members = {"KeyId": key["arn"], "KeyRotationEnabled": bool(key["period"])}
    if key["period"] and key["state"] == ENABLED:
        told |= {"RotationPeriodInDays": key["period"], "NextRotationDate": key["next"]}
    return told


def on_demand(caller: Caller, given: Members) -> Members:
    """Rotate a key now; the calendar stays."""
    key = _key(caller, given, "RotateKeyOnDemand")
    demand_usable(key)
    most = limit("kms", "on_demand_rotations")
    if sum(one["kind"] == _DEMANDED for one in key["rotations"]) >= most:
        raise AwsError(
            "LimitExceededException",
            f"A key can be rotated on demand {most} times at most.",
        )
    _rotate(caller.context, key, _DEMANDED, caller.context.clock.now())
    return {"KeyId": key["arn"]}


def listed(caller: Caller, given: Members) -> Members:
    """List the rotations of a key."""
    key = by_id(caller.context, caller.region, given["KeyId"])
    demand(caller, key, "ListKeyRotations")
    _demand_symmetric(key)
    last = len(key["rotations"])
    told = [
        {
            "KeyId": key["arn"],
            "RotationDate": one["date"],
            "RotationType": one["kind"],
            "KeyMaterialId": material_id(key, number),
            "KeyMaterialState": "CURRENT" if number == last else "NON_CURRENT",
        }
        for number, one in enumerate(key["rotations"], 1)
    ]
    return page("Rotations", told, given)


def _key(
    caller: Caller,
    given: Members,
    operation: str,
    more: dict[str, tuple[str, ...]] | None = None,
) -> Members:
    key = by_id(caller.context, caller.region, given["KeyId"])
    demand(caller, key, operation, more)
    _demand_symmetric(key)
    if key["manager"] == "AWS":
        raise unsupported(f"{key['arn']} is managed by AWS.")
    return key


def _demand_symmetric(key: Members) -> None:
    if key["spec"] != "SYMMETRIC_DEFAULT":
        raise unsupported(f"{key['arn']} is not a symmetric encryption key.")


def _rotate(
    context: Context, key: Members, kind: str, when: dt.datetime, **more: object
) -> None:
    context.part(Keystore).add(key["id"], symmetric.new_material())
    done = [*key["rotations"], {"kind": kind, "date": when}]
    changed = context.part(Records).change(KEYS, key["id"], rotations=done, **more)
    rentals.rent(context, key["id"], {RENTAL: (None, units(changed))})


def tick(context: Context) -> dt.datetime | None:
    """Rotate what is due, and return when the next key is."""
    now, following = context.clock.now(), []
    for key in context.part(Records).all(KEYS).values():
        if not key["period"] or key["state"] != ENABLED:
            continue
        due, period = key["next"], dt.timedelta(days=key["period"])
        if due <= now:
            with unless_full():
                _rotate(context, key, _AUTOMATIC, due, next=due + period)
            due += period
        following.append(due)
    return min(following, default=None)


OPERATIONS = {
    "EnableKeyRotation": enable,
    "DisableKeyRotation": disable,
    "GetKeyRotationStatus": status,
    "RotateKeyOnDemand": on_demand,
    "ListKeyRotations": listed,
}
