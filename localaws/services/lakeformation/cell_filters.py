"""Data cells filters: some columns of some rows of a table."""

import uuid
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.lakeformation import predicate, resources
from localaws.services.lakeformation.errors import absent, denied, invalid, taken
from localaws.services.lakeformation.operations import ACCOUNT, page
from localaws.services.lakeformation.rights import Rights
from localaws.services.permissions import Caller
from localaws.services.records import Records

Members = dict[str, Any]
TABLE = resources.FILTERS


def create(context: Context, given: Members, caller: Caller) -> Members:
    """Answer CreateDataCellsFilter."""
    kept = _read(context, given["TableData"], caller)
    records, key = context.part(Records), resources.filter_key(kept)
    with records.lock:
        if records.get(TABLE, key):
            raise taken(f"Data cells filter already exists: {kept['Name']}")
        records.put(TABLE, key, kept | {"VersionId": _version(context, key)})
    return {}


def update(context: Context, given: Members, caller: Caller) -> Members:
    """Answer UpdateDataCellsFilter."""
    kept = _read(context, given["TableData"], caller)
    records, key = context.part(Records), resources.filter_key(kept)
    with records.lock:
        found = _found(context, kept)
        asked = given["TableData"].get("VersionId", found["VersionId"])
        if asked != found["VersionId"]:
            raise AwsError(
                "ConcurrentModificationException",
                f"The filter {kept['Name']} is no longer version {asked}.",
            )
        records.put(TABLE, key, kept | {"VersionId": _version(context, key)})
    return {}


def get(context: Context, given: Members, caller: Caller) -> Members:
    """Answer GetDataCellsFilter."""
    found = _found(context, given)
    _manage(context, caller, found, granted=True)
    return {"DataCellsFilter": found}


def delete(context: Context, given: Members, caller: Caller) -> Members:
    """Answer DeleteDataCellsFilter: who was granted it has it no more."""
    if {"DatabaseName", "TableName", "Name"} - given.keys():
        raise invalid("DatabaseName, TableName and Name are needed.")
    found = _found(context, given)
    _manage(context, caller, found)
    context.part(Records).drop(TABLE, resources.filter_key(found))
    Rights(context).forget_filter(found)
    return {}


def names(context: Context, given: Members, caller: Caller) -> Members:
    """Answer ListDataCellsFilter."""
    place = given.get("Table", {})
    if place and "Name" not in place:
        raise invalid("A table's Name is needed.")
    prefix = f"{place['DatabaseName']}/{place['Name']}/".lower() if place else ""
    every = context.part(Records).all(TABLE)
    found = [every[key] for key in sorted(every) if key.startswith(prefix)]
    rights = Rights(context)
    shown = [one for one in found if _manages(rights, caller, one, granted=True)]
    return page("DataCellsFilters", shown, given)


def _read(context: Context, given: Members, caller: Caller) -> Members:
    """Return a filter in the form in which it is kept.

    Raises:
        AwsError: It does not fit its table, or the caller may not make it.
    """
    database, name = given["DatabaseName"].lower(), given["TableName"].lower()
    table = resources.table(context, database, name)
    if table.get("TableType") == "VIRTUAL_VIEW":
        raise invalid("Cell-level security is not supported on views.")
    kept = {
        "TableCatalogId": ACCOUNT,
        "DatabaseName": database,
        "TableName": name,
        "Name": given["Name"],
    }
    _manage(context, caller, kept)
    keys = {one["Name"].lower() for one in table.get("PartitionKeys", [])}
    every = [*table["StorageDescriptor"]["Columns"], *table.get("PartitionKeys", [])]
    types = {one["Name"].lower(): one.get("Type", "string") for one in every}
    rows = given.get("RowFilter", {})
    if ("FilterExpression" in rows) == ("AllRowsWildcard" in rows):
        raise invalid(
            "RowFilter is either a FilterExpression or AllRowsWildcard, and needed."
        )
    if "FilterExpression" in rows:
        rows = {
            "FilterExpression": predicate.check(rows["FilterExpression"], types, keys)
        }
    chosen = resources.chosen(given, resources.columns(table))
    return kept | chosen | {"RowFilter": rows}


def _found(context: Context, given: Members) -> Members:
    found = context.part(Records).get(TABLE, resources.filter_key(given))
    if found is None:
        raise absent(f"Data cells filter not found: {given['Name']}")
    return found


def _manages(
    rights: Rights, caller: Caller, found: Members, *, granted: bool = False
) -> bool:
    place = {
        "CatalogId": ACCOUNT,
        "DatabaseName": found["DatabaseName"],
        "Name": found["TableName"],
    }
    if rights.may_grant(caller, {"Table": place}, {"SELECT"}):
        return True
    return granted and rights.has(caller, resources.of_filter(found))


def _manage(
    context: Context, caller: Caller, found: Members, *, granted: bool = False
) -> None:
    if not _manages(Rights(context), caller, found, granted=granted):
        raise denied()


def _version(context: Context, key: str) -> str:
    seed = f"{key} {context.clock.count('lakeformation-filter')}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, seed))


OPERATIONS = {
    "CreateDataCellsFilter": create,
    "UpdateDataCellsFilter": update,
    "GetDataCellsFilter": get,
    "DeleteDataCellsFilter": delete,
    "ListDataCellsFilter": names,
}
