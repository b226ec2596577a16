"""Findings filters: saved criteria, of which some archive what meets them."""

from localaws.services.context import Context
from localaws.services.macie2 import documents
from localaws.services.macie2.criteria import meets
from localaws.services.macie2.documents import FILTER, Members, conflict
from localaws.services.macie2.operations import page
from localaws.services.records import Records

_CHANGED = ("action", "description", "findingCriteria", "name", "position")


def _in_order(context: Context) -> list[Members]:
    return sorted(documents.every(context, FILTER), key=lambda one: one["position"])


def create(context: Context, given: Members) -> Members:
    """Answer CreateFindingsFilter; it holds for findings from now on."""
    records = context.part(Records)
    with records.lock:
        known = documents.repeated(context, FILTER, given.get("clientToken"))
        if known:
            return known
        _refuse_name(context, given["name"], "")
        key = documents.new_id(context, FILTER)
        place = len(documents.every(context, FILTER)) + 1
        document = {
            "position": place,
            "tags": {},
            **given,
            "id": key,
            "arn": documents.arn(context, FILTER, key),
        }
        records.put(FILTER, key, document)
    return document


def _refuse_name(context: Context, name: str, key: str) -> None:
    for one in documents.every(context, FILTER):
        if one["name"] == name and one["id"] != key:
            raise conflict(f"A filter with the name {name} already exists.")


def get(context: Context, given: Members) -> Members:
    """Answer GetFindingsFilter."""
    return documents.get(context, FILTER, given["id"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListFindingsFilters, by their positions."""
    return page("findingsFilterListItems", _in_order(context), given)


def update(context: Context, given: Members) -> Members:
    """Answer UpdateFindingsFilter: what is not given stays."""
    records = context.part(Records)
    with records.lock:
        documents.get(context, FILTER, given["id"])
        if "name" in given:
            _refuse_name(context, given["name"], given["id"])
        changed = {name: given[name] for name in _CHANGED if name in given}
        return records.change(FILTER, given["id"], **changed)


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteFindingsFilter."""
    documents.get(context, FILTER, given["id"])
    context.part(Records).drop(FILTER, given["id"])
    return {}


def archives(context: Context, finding: Members) -> bool:
    """Whether a filter says that a finding is to be archived."""
    return any(
        one["action"] == "ARCHIVE"
        and meets(finding, one["findingCriteria"].get("criterion", {}))
        for one in _in_order(context)
    )


OPERATIONS = {
    "CreateFindingsFilter": create,
    "GetFindingsFilter": get,
    "ListFindingsFilters": listed,
    "UpdateFindingsFilter": update,
    "DeleteFindingsFilter": delete,
}
