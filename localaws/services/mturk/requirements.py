"""What a worker must have before a HIT is theirs to accept."""

import operator
from typing import Any

from localaws.labelling.pool import Worker
from localaws.limits import limits
from localaws.services.mturk.desk import (
    QUALIFICATION_TYPES,
    Desk,
    Members,
    invalid,
)
from localaws.services.mturk.standing import Reviewed, held_by

_ORDER = {
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
}
_EQUAL = ("EqualTo", "NotEqualTo")
_AMONG = ("In", "NotIn")
_PRESENCE = ("Exists", "DoesNotExist")
_UNLESS = ("NotEqualTo", "NotIn")


def check(desk: Desk, asked: list[Members]) -> None:
    """Raise unless the requirements of a HIT can be held against workers."""
    most = limits("mturk", "requirements")
    if len(asked) > most:
        raise invalid(f"A HIT can have at most {most} Qualification requirements.")
    for one in asked:
        _check_values(one)
        kind = one["QualificationTypeId"]
        if kind not in limits("mturk", "system_qualifications"):
            found = desk.find(QUALIFICATION_TYPES, kind, "QualificationType")
            if found["QualificationTypeStatus"] != "Active":
                raise invalid(f"QualificationType {kind} is not active.")


def _check_values(one: Members) -> None:
    comparator, kind = one["Comparator"], one["QualificationTypeId"]
    numbers, places = one.get("IntegerValues", []), one.get("LocaleValues", [])
    by_place = limits("mturk", "system_qualifications").get(kind) == "Worker_Locale"
    if comparator in _PRESENCE:
        fits = not numbers and not places
    elif by_place:
        most = 1 if comparator in _EQUAL else limits("mturk", "locales")
        fits = 1 <= len(places) <= most and not numbers and comparator not in _ORDER
    else:
        most = limits("mturk", "integers") if comparator in _AMONG else 1
        fits = 1 <= len(numbers) <= most and not places
    if not fits:
        raise invalid(
            f"The values of the requirement on {kind} do not fit its comparator "
            f"{comparator}."
        )
    if "ActionsGuarded" in one and one.get("RequiredToPreview"):
        raise invalid("ActionsGuarded and RequiredToPreview exclude each other.")


def met(desk: Desk, worker: Worker, asked: list[Members], reviewed: Reviewed) -> bool:
    """Whether a worker of the pool may accept a HIT; arguments as for `held_by`."""
    return all(_holds(held_by(desk, worker, one, reviewed), one) for one in asked)


def _holds(value: Any, one: Members) -> bool:
    comparator = one["Comparator"]
    if comparator in _PRESENCE or value is None:
        return (value is None) == (comparator == "DoesNotExist")
    if comparator in _ORDER:
        return bool(_ORDER[comparator](value, one["IntegerValues"][0]))
    if isinstance(value, dict):
        found = any(_within(value, place) for place in one["LocaleValues"])
    else:
        found = value in one["IntegerValues"]
    return found != (comparator in _UNLESS)


def _within(value: Members, place: Members) -> bool:
    return all(value.get(name) == wanted for name, wanted in place.items())
