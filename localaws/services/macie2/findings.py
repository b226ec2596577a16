"""Findings: listed, shown, counted."""

from collections import Counter

from localaws.errors import ValidationError
from localaws.services.context import Context
from localaws.services.macie2 import documents
from localaws.services.macie2.criteria import meets, ordered, values
from localaws.services.macie2.documents import FINDING, Members
from localaws.services.macie2.operations import page
from localaws.services.records import Records

_MOST = 50


def _chosen(context: Context, given: Members) -> list[Members]:
    criteria = given.get("findingCriteria", {}).get("criterion", {})
    newest = documents.every(context, FINDING)[::-1]
    return [one for one in newest if meets(one, criteria)]


def listed(context: Context, given: Members) -> Members:
    """Answer ListFindings: ids, newest first unless an order is asked for."""
    found = ordered(_chosen(context, given), given.get("sortCriteria", {}))
    return page("findingIds", [one["id"] for one in found], given)


def get(context: Context, given: Members) -> Members:
    """Answer GetFindings."""
    asked = given["findingIds"]
    if not 1 <= len(asked) <= _MOST:
        raise ValidationError(f"findingIds must have 1 to {_MOST} items.")
    known = context.part(Records).all(FINDING)
    found = [known[key] for key in asked if key in known]
    return {"findings": ordered(found, given.get("sortCriteria", {}))}


def statistics(context: Context, given: Members) -> Members:
    """Answer GetFindingStatistics."""
    count: Counter[str] = Counter()
    for one in _chosen(context, given):
        count.update(str(key) for key in values(one, given["groupBy"]))
    sort = given.get("sortCriteria", {})
    by_key = sort.get("attributeName", "count") == "groupKey"
    rows = [{"groupKey": key, "count": number} for key, number in count.items()]
    rows.sort(key=lambda row: row["groupKey"])
    if by_key:
        if sort.get("orderBy") == "DESC":
            rows.reverse()
    else:
        rows.sort(key=lambda row: row["count"], reverse=sort.get("orderBy") != "ASC")
    return {"countsByGroup": rows[: given.get("size") or None]}


OPERATIONS = {
    "ListFindings": listed,
    "GetFindings": get,
    "GetFindingStatistics": statistics,
}
