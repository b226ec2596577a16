"""Which LF-Tags a database, a table or a column has, and what it inherits."""

from collections.abc import Iterator
from typing import Any

from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.lakeformation import resources, tags
from localaws.services.lakeformation.errors import denied, invalid
from localaws.services.lakeformation.operations import ACCOUNT, page
from localaws.services.lakeformation.settings import administers
from localaws.services.permissions import Caller
from localaws.services.records import Records

Members = dict[str, Any]
Pairs = dict[str, str]


class Tagged:
    """The LF-Tags of what is in the catalog.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._attached = context.part(Records).all(tags.ATTACHED)

    def own(self, *place: str) -> Pairs:
        """Return what was attached to a database, a table or a column itself."""
        return self._attached.get("/".join(place), {})

    def database(self, name: str) -> Pairs:
        """Return the tags of a database."""
        return self.own(name)

    def table(self, database: str, name: str) -> Pairs:
        """Return the tags of a table: its own before its database's."""
        return self.database(database) | self.own(database, name)

    def column(self, database: str, table: str, name: str) -> Pairs:
        """Return the tags of a column: its own before its table's."""
        return self.table(database, table) | self.own(database, table, name)


def meets(pairs: Pairs, expression: list[Members]) -> bool:
    """Return whether tags meet an expression: each key, with one of its values."""
    return all(
        one["TagKey"] in pairs
        and ("*" in one["TagValues"] or pairs[one["TagKey"]] in one["TagValues"])
        for one in expression
    )


def attach(context: Context, given: Members, caller: Caller) -> Members:
    """Answer AddLFTagsToResource."""
    _administer(context, caller)
    records, pairs = context.part(Records), _pairs(context, given["LFTags"])
    with records.lock:
        for place in _places(context, given["Resource"]):
            kept = (records.get(tags.ATTACHED, place) or {}) | pairs
            if len(kept) > limit("lakeformation", "tags_attached"):
                raise invalid("The resource has too many LF-Tags.")
            records.put(tags.ATTACHED, place, kept)
    return {"Failures": []}


def detach(context: Context, given: Members, caller: Caller) -> Members:
    """Answer RemoveLFTagsFromResource."""
    _administer(context, caller)
    records = context.part(Records)
    failures = []
    with records.lock:
        for place in _places(context, given["Resource"]):
            kept = records.get(tags.ATTACHED, place) or {}
            for one in given["LFTags"]:
                if kept.pop(one["TagKey"].lower(), None) is None:
                    said = f"{place} does not have the tag {one['TagKey']}"
                    error = {
                        "ErrorCode": "EntityNotFoundException",
                        "ErrorMessage": said,
                    }
                    failures.append({"LFTag": one, "Error": error})
            records.put(tags.ATTACHED, place, kept)
    return {"Failures": failures}


def of(context: Context, given: Members, caller: Caller) -> Members:
    """Answer GetResourceLFTags; what is inherited is shown unless it is not wanted."""
    _administer(context, caller, reads=True)
    found, own = Tagged(context), given.get("ShowAssignedLFTags", False)
    kind, inner = next(iter(resources.read(context, given["Resource"]).items()))
    if kind == "Database":
        return {"LFTagOnDatabase": _shown(found.database(inner["Name"]))}
    if kind not in ("Table", "TableWithColumns") or "Name" not in inner:
        raise invalid(f"LF-Tags are not kept of {kind}.")
    database, name = inner["DatabaseName"], inner["Name"]
    known = resources.columns(resources.table(context, database, name))
    wanted = resources.seen(inner, known) if kind == "TableWithColumns" else known
    return _answer(found, database, name, list(wanted), own)


def _answer(
    found: Tagged, database: str, name: str, columns: list[str], own: bool
) -> Members:
    table = found.own(database, name) if own else found.table(database, name)
    look = found.own if own else found.column
    shown = {column: look(database, name, column) for column in columns}
    return {
        "LFTagOnDatabase": _shown(found.database(database)),
        "LFTagsOnTable": _shown(table),
        "LFTagsOnColumns": [
            {"Name": column, "LFTags": _shown(pairs)}
            for column, pairs in shown.items()
            if pairs
        ],
    }


def search_tables(context: Context, given: Members, caller: Caller) -> Members:
    """Answer SearchTablesByLFTags: tables that meet it, or have columns that do."""
    _administer(context, caller, reads=True)
    found, wanted = Tagged(context), _wanted(context, given)
    shown = []
    for database, table in tables(context):
        name = table["Name"]
        columns = resources.columns(table)
        meeting = [
            column
            for column in columns
            if meets(found.column(database, name, column), wanted)
        ]
        if meeting or meets(found.table(database, name), wanted):
            place = {"CatalogId": ACCOUNT, "DatabaseName": database, "Name": name}
            answer = _answer(found, database, name, meeting, own=False)
            shown.append({"Table": place, **answer})
    return page("TableList", shown, given)


def search_databases(context: Context, given: Members, caller: Caller) -> Members:
    """Answer SearchDatabasesByLFTags."""
    _administer(context, caller, reads=True)
    found, wanted = Tagged(context), _wanted(context, given)
    shown = [
        {
            "Database": {"CatalogId": ACCOUNT, "Name": name},
            "LFTags": _shown(found.database(name)),
        }
        for name in databases(context)
        if meets(found.database(name), wanted)
    ]
    return page("DatabaseList", shown, given)


def databases(context: Context) -> list[str]:
    """Return the names of all databases."""
    pages = context.aws.client("glue").get_paginator("get_databases").paginate()
    return sorted(one["Name"] for page in pages for one in page["DatabaseList"])


def tables(context: Context) -> Iterator[tuple[str, Members]]:
    """Yield each table of the catalog with its database."""
    pages = context.aws.client("glue").get_paginator("get_tables")
    for database in databases(context):
        for found in pages.paginate(DatabaseName=database):
            for table in found["TableList"]:
                yield database, table


def _wanted(context: Context, given: Members) -> list[Members]:
    policy = {"ResourceType": "TABLE", "Expression": given["Expression"]}
    read = resources.read(context, {"LFTagPolicy": policy})
    expression: list[Members] = read["LFTagPolicy"]["Expression"]
    return expression


def _pairs(context: Context, given: list[Members]) -> Pairs:
    pairs: Pairs = {}
    for one in given:
        key, values = one["TagKey"].lower(), one["TagValues"]
        if len(values) != 1 or key in pairs:
            raise invalid(f"A resource has one value of {key}.")
        pairs[key] = values[0].lower()
    tags.check(context, [{"TagKey": k, "TagValues": [v]} for k, v in pairs.items()])
    return pairs


def _places(context: Context, given: Members) -> list[str]:
    kind, inner = next(iter(resources.read(context, given).items()))
    if kind == "Database":
        return [inner["Name"]]
    if kind == "Table" and "Name" in inner:
        return [f"{inner['DatabaseName']}/{inner['Name']}"]
    if kind == "TableWithColumns" and "ColumnNames" in inner:
        place = f"{inner['DatabaseName']}/{inner['Name']}"
        return [f"{place}/{name}" for name in inner["ColumnNames"]]
    raise invalid("LF-Tags are attached to a database, a table or named columns.")


def _shown(pairs: Pairs) -> list[Members]:
    return [
        {"CatalogId": ACCOUNT, "TagKey": key, "TagValues": [pairs[key]]}
        for key in sorted(pairs)
    ]


def forget(context: Context, place: str) -> None:
    """Forget the tags of what is dropped, and of what was in it."""
    records = context.part(Records)
    for key in records.all(tags.ATTACHED):
        if key == place or key.startswith(f"{place}/"):
            records.drop(tags.ATTACHED, key)


def _administer(context: Context, caller: Caller, *, reads: bool = False) -> None:
    if not administers(context, caller, reads=reads):
        raise denied()


OPERATIONS = {
    "AddLFTagsToResource": attach,
    "RemoveLFTagsFromResource": detach,
    "GetResourceLFTags": of,
    "SearchTablesByLFTags": search_tables,
    "SearchDatabasesByLFTags": search_databases,
}
