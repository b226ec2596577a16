"""What permissions are granted on, in one form: own catalog, small letters, sorted."""

import json
from typing import Any

from localaws.errors import NotImplementedHere
from localaws.services.context import Context
from localaws.services.lakeformation import tags
from localaws.services.lakeformation.errors import absent, invalid
from localaws.services.lakeformation.operations import ACCOUNT
from localaws.services.records import Records

Members = dict[str, Any]
_DATABASE = {"ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"}
_ROWS = {"ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"}
MAY = {
    "Catalog": {"CREATE_DATABASE"},
    "Database": _DATABASE,
    "Table": _ROWS,
    "TableWithColumns": {"SELECT"},
    "DataLocation": {"DATA_LOCATION_ACCESS"},
    "DataCellsFilter": {"DESCRIBE", "DROP", "SELECT"},
}
FILTERS = "lakeformation-filter"


def read(context: Context, given: Members) -> Members:
    """Return a resource in the form in which it is kept.

    Args:
        context: Has the catalog.
        given: As the input has it.

    Raises:
        AwsError: It is not one resource, or it does not exist.
    """
    if len(given) != 1:
        raise invalid("Resource must have exactly one of its members populated.")
    kind, inner = next(iter(given.items()))
    return {kind: _READERS[kind](context, inner)}


def key(resource: Members) -> str:
    """Return a resource as one text."""
    return json.dumps(resource, sort_keys=True)


def may(resource: Members) -> set[str]:
    """Return the permissions that a resource knows."""
    kind, inner = next(iter(resource.items()))
    if kind == "LFTagPolicy":
        return _DATABASE if inner["ResourceType"] == "DATABASE" else _ROWS
    return MAY[kind]


def table(context: Context, database: str, name: str) -> Members:
    """Return a table as the catalog has it.

    Raises:
        AwsError: It does not exist.
    """
    glue = context.aws.client("glue")
    try:
        return glue.get_table(DatabaseName=database, Name=name)["Table"]
    except glue.exceptions.EntityNotFoundException as error:
        raise absent(f"Table not found: {database}.{name}") from error


def columns(given: Members) -> list[str]:
    """Return the names of a table's columns, the partition keys last."""
    every = [
        *given.get("StorageDescriptor", {}).get("Columns", []),
        *given.get("PartitionKeys", []),
    ]
    return [one["Name"].lower() for one in every]


def chosen(given: Members, known: list[str]) -> Members:
    """Return the choice of columns that an input makes, checked.

    Args:
        given: Holds `ColumnNames` or `ColumnWildcard`.
        known: Columns of the table.
    """
    if ("ColumnNames" in given) == ("ColumnWildcard" in given):
        raise invalid("Either ColumnNames or ColumnWildcard must be given.")
    if "ColumnNames" in given:
        named = given["ColumnNames"]
        if not named:
            raise invalid("ColumnNames is empty.")
        return {"ColumnNames": _known(named, known)}
    excluded = given["ColumnWildcard"].get("ExcludedColumnNames", [])
    if not excluded:
        return {"ColumnWildcard": {}}
    return {"ColumnWildcard": {"ExcludedColumnNames": _known(excluded, known)}}


def _known(named: list[str], known: list[str]) -> list[str]:
    small = sorted({name.lower() for name in named})
    nested = [name for name in small if "." in name]
    if nested:
        raise NotImplementedHere(
            f"lakeformation: column {nested[0]}", "means a part of a nested column"
        )
    missing = [name for name in small if name not in known]
    if missing:
        raise invalid(f"Columns do not exist in the table: {', '.join(missing)}")
    return small


def seen(given: Members, known: list[str]) -> tuple[str, ...]:
    """Return the columns of a table that a choice lets through, in their order.

    A column that the table got after the grant is seen only by who may see all but
    some.
    """
    if "ColumnNames" in given:
        return tuple(name for name in known if name in given["ColumnNames"])
    excluded = given["ColumnWildcard"].get("ExcludedColumnNames", [])
    return tuple(name for name in known if name not in excluded)


def _catalog(context: Context, given: Members) -> Members:
    return {"Id": ACCOUNT}


def _database(context: Context, given: Members) -> Members:
    name = given["Name"].lower()
    glue = context.aws.client("glue")
    try:
        glue.get_database(Name=name)
    except glue.exceptions.EntityNotFoundException as error:
        raise absent(f"Database not found: {name}") from error
    return {"CatalogId": ACCOUNT, "Name": name}


def _table(context: Context, given: Members) -> Members:
    if ("Name" in given) == ("TableWildcard" in given):
        raise invalid("Either a table's Name or TableWildcard must be given.")
    kept = {"CatalogId": ACCOUNT, "DatabaseName": given["DatabaseName"].lower()}
    if "Name" in given:
        kept["Name"] = given["Name"].lower()
        table(context, kept["DatabaseName"], kept["Name"])
        return kept
    _database(context, {"Name": kept["DatabaseName"]})
    return kept | {"TableWildcard": {}}


def _with_columns(context: Context, given: Members) -> Members:
    database, name = given["DatabaseName"].lower(), given["Name"].lower()
    found = table(context, database, name)
    if found.get("TableType") == "VIRTUAL_VIEW":
        raise invalid("Column-level permissions are not available for a view.")
    kept = {"CatalogId": ACCOUNT, "DatabaseName": database, "Name": name}
    return kept | chosen(given, columns(found))


def _location(context: Context, given: Members) -> Members:
    return {"CatalogId": ACCOUNT, "ResourceArn": given["ResourceArn"].rstrip("/")}


def _filter(context: Context, given: Members) -> Members:
    missing = {"DatabaseName", "TableName", "Name"} - given.keys()
    if missing:
        raise invalid(f"DataCellsFilter lacks {', '.join(sorted(missing))}.")
    kept = {
        "TableCatalogId": ACCOUNT,
        "DatabaseName": given["DatabaseName"].lower(),
        "TableName": given["TableName"].lower(),
        "Name": given["Name"],
    }
    if context.part(Records).get(FILTERS, filter_key(kept)) is None:
        raise absent(f"Data cells filter not found: {given['Name']}")
    return kept


def filter_key(given: Members) -> str:
    """Return under which key a data cells filter is kept."""
    place = f"{given['DatabaseName']}/{given['TableName']}".lower()
    return f"{place}/{given['Name']}"


def _policy(context: Context, given: Members) -> Members:
    if not given.get("Expression"):
        raise invalid("An LF-Tag policy needs an expression.")
    expression = [
        {
            "TagKey": one["TagKey"].lower(),
            "TagValues": sorted({value.lower() for value in one["TagValues"]}),
        }
        for one in given["Expression"]
    ]
    tags.check(context, expression)
    expression.sort(key=lambda one: one["TagKey"])
    kind = given["ResourceType"]
    return {"CatalogId": ACCOUNT, "ResourceType": kind, "Expression": expression}


def of_filter(found: Members) -> Members:
    """Return a data cells filter as what permissions are granted on."""
    names = ("TableCatalogId", "DatabaseName", "TableName", "Name")
    return {"DataCellsFilter": {name: found[name] for name in names}}


_READERS = {
    "Catalog": _catalog,
    "Database": _database,
    "Table": _table,
    "TableWithColumns": _with_columns,
    "DataLocation": _location,
    "DataCellsFilter": _filter,
    "LFTagPolicy": _policy,
}
