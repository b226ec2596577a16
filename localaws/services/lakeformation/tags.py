"""LF-Tags: keys with the values that they may take."""

from typing import Any

from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.lakeformation.errors import absent, denied, invalid, taken
from localaws.services.lakeformation.operations import ACCOUNT, page
from localaws.services.lakeformation.settings import administers
from localaws.services.permissions import Caller
from localaws.services.records import Records

Members = dict[str, Any]
TAGS = "lakeformation-tag"
ATTACHED = "lakeformation-tagged"


def create(context: Context, given: Members, caller: Caller) -> Members:
    """Answer CreateLFTag."""
    _administer(context, caller)
    records, key = context.part(Records), given["TagKey"].lower()
    with records.lock:
        if records.get(TAGS, key):
            raise taken("Tag key already exists")
        values = _values(given["TagValues"])
        records.put(TAGS, key, {"TagKey": key, "TagValues": values})
    return {}


def get(context: Context, given: Members, caller: Caller) -> Members:
    """Answer GetLFTag."""
    _administer(context, caller, reads=True)
    return {"CatalogId": ACCOUNT, **_found(context, given["TagKey"])}


def update(context: Context, given: Members, caller: Caller) -> Members:
    """Answer UpdateLFTag."""
    _administer(context, caller)
    records = context.part(Records)
    with records.lock:
        found = _found(context, given["TagKey"])
        gone = [value.lower() for value in given.get("TagValuesToDelete", [])]
        used = {
            one[found["TagKey"]]
            for one in records.all(ATTACHED).values()
            if found["TagKey"] in one
        }
        if used & set(gone):
            raise invalid(
                "Update not allowed: values are attached to resources: "
                + ", ".join(sorted(used & set(gone)))
            )
        unknown = set(gone) - set(found["TagValues"])
        if unknown:
            raise invalid(f"Tag values do not exist: {', '.join(sorted(unknown))}")
        kept = [value for value in found["TagValues"] if value not in gone]
        values = _values([*kept, *given.get("TagValuesToAdd", [])])
        records.put(TAGS, found["TagKey"], found | {"TagValues": values})
    return {}


def delete(context: Context, given: Members, caller: Caller) -> Members:
    """Answer DeleteLFTag: resources that had it have it no more."""
    _administer(context, caller)
    records = context.part(Records)
    with records.lock:
        key = _found(context, given["TagKey"])["TagKey"]
        for place, attached in records.all(ATTACHED).items():
            if attached.pop(key, None) is not None:
                records.put(ATTACHED, place, attached)
        records.drop(TAGS, key)
    return {}


def names(context: Context, given: Members, caller: Caller) -> Members:
    """Answer ListLFTags."""
    _administer(context, caller, reads=True)
    every = context.part(Records).all(TAGS)
    shown = [{"CatalogId": ACCOUNT, **every[key]} for key in sorted(every)]
    return page("LFTags", shown, given, 50)


def check(context: Context, pairs: list[Members]) -> None:
    """Raise unless every key and value of some pairs exists."""
    for pair in pairs:
        found = _found(context, pair["TagKey"])
        unknown = set(pair["TagValues"]) - {*found["TagValues"], "*"}
        if unknown:
            raise absent(
                f"Tag values do not exist: {found['TagKey']}="
                f"{', '.join(sorted(unknown))}"
            )


def _found(context: Context, key: str) -> Members:
    found = context.part(Records).get(TAGS, key.lower())
    if found is None:
        raise absent(f"Tag key does not exist: {key}")
    return found


def _values(given: list[str]) -> list[str]:
    values = [*dict.fromkeys(value.lower() for value in given)]
    most = limit("lakeformation", "tag_values")
    if not 1 <= len(values) <= most:
        raise invalid(f"A tag has between 1 and {most} values.")
    return values


def _administer(context: Context, caller: Caller, *, reads: bool = False) -> None:
    if not administers(context, caller, reads=reads):
        raise denied()


OPERATIONS = {
    "CreateLFTag": create,
    "GetLFTag": get,
    "UpdateLFTag": update,
    "DeleteLFTag": delete,
    "ListLFTags": names,
}
