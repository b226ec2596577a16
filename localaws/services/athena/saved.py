"""Named queries, prepared statements, and the catalog as Athena shows it."""

import hashlib
import uuid
from typing import Any

from localaws.errors import AwsError
from localaws.services.athena import workgroups
from localaws.services.athena.errors import invalid
from localaws.services.athena.listing import Listing
from localaws.services.context import Context
from localaws.services.json_operations import Members, page
from localaws.services.lakeformation.acting import asking, on_behalf
from localaws.services.lakeformation.reading import refusal
from localaws.services.records import Records
from localaws.wire import Request

_NAMED = "athena-named-query"
PREPARED = "athena-prepared"
CATALOG = "AwsDataCatalog"
_LISTING = Listing(_NAMED, "NamedQuery", "NamedQueries")


def new_id(context: Context, kind: str) -> str:
    """Return the next id of a kind, the same in two runs of the same calls."""
    number = context.clock.count(kind)
    digest = hashlib.sha256(f"{kind}-{number}".encode()).hexdigest()
    return str(uuid.UUID(digest[:32], version=4))


def _create_named(context: Context, given: Members) -> Members:
    group = given.get("WorkGroup", workgroups.PRIMARY)
    workgroups.find(context, group)
    key = new_id(context, _NAMED)
    query = {
        name: given[name]
        for name in ("Name", "Description", "Database", "QueryString")
        if name in given
    }
    document = query | {"NamedQueryId": key, "WorkGroup": group}
    context.part(Records).put(_NAMED, key, document)
    return {"NamedQueryId": key}


def _named(context: Context, key: str) -> Members:
    found = context.part(Records).get(_NAMED, key)
    if found is None:
        raise invalid(f"NamedQuery {key} was not found")
    return found


def _get_named(context: Context, given: Members) -> Members:
    return {"NamedQuery": _named(context, given["NamedQueryId"])}


def _update_named(context: Context, given: Members) -> Members:
    query = _named(context, given["NamedQueryId"])
    members = ("Name", "Description", "QueryString")
    query |= {name: given[name] for name in members if name in given}
    context.part(Records).put(_NAMED, query["NamedQueryId"], query)
    return {}


def _delete_named(context: Context, given: Members) -> Members:
    _named(context, given["NamedQueryId"])
    context.part(Records).drop(_NAMED, given["NamedQueryId"])
    return {}


def prepared(context: Context, group: str, name: str) -> Members:
    """Return a prepared statement.

    Raises:
        AwsError: There is none of this name.
    """
    workgroups.find(context, group)
    found = context.part(Records).get(PREPARED, f"{group}/{name}")
    if found is None:
        raise AwsError(
            "ResourceNotFoundException",
            f"PreparedStatement {name} was not found in workGroup {group}",
            ResourceName=name,
        )
    return found


def prepare(context: Context, group: str, name: str, sql: str, said: str = "") -> None:
    """Keep a prepared statement.

    Raises:
        AwsError: The name is taken.
    """
    workgroups.find(context, group)
    records = context.part(Records)
    with records.lock:
        if records.get(PREPARED, f"{group}/{name}"):
            raise invalid(f"PreparedStatement {name} already exists in {group}")
        _keep(context, group, name, sql, said)


def _keep(context: Context, group: str, name: str, sql: str, said: str) -> None:
    context.part(Records).put(
        PREPARED,
        f"{group}/{name}",
        {
            "StatementName": name,
            "QueryStatement": sql,
            "WorkGroupName": group,
            "Description": said,
            "LastModifiedTime": context.clock.now(),
        },
    )


def forget(context: Context, group: str, name: str) -> None:
    """Forget a prepared statement.

    Raises:
        AwsError: There is none of this name.
    """
    prepared(context, group, name)
    context.part(Records).drop(PREPARED, f"{group}/{name}")


def _create_prepared(context: Context, given: Members) -> Members:
    prepare(
        context,
        given["WorkGroup"],
        given["StatementName"],
        given["QueryStatement"],
        given.get("Description", ""),
    )
    return {}


def _get_prepared(context: Context, given: Members) -> Members:
    found = prepared(context, given["WorkGroup"], given["StatementName"])
    return {"PreparedStatement": found}


def _update_prepared(context: Context, given: Members) -> Members:
    found = prepared(context, given["WorkGroup"], given["StatementName"])
    said = given.get("Description", found["Description"])
    name, sql = given["StatementName"], given["QueryStatement"]
    _keep(context, given["WorkGroup"], name, sql, said)
    return {}


def _list_prepared(context: Context, given: Members) -> Members:
    workgroups.find(context, given["WorkGroup"])
    every = context.part(Records).all(PREPARED).values()
    found = [one for one in every if one["WorkGroupName"] == given["WorkGroup"]]
    return page("PreparedStatements", found, given, 50)


def _delete_prepared(context: Context, given: Members) -> Members:
    forget(context, given["WorkGroup"], given["StatementName"])
    return {}


def _catalogs(context: Context, given: Members) -> Members:
    summary = {"CatalogName": CATALOG, "Type": "GLUE"}
    return {"DataCatalogsSummary": [summary]}


def _catalog(context: Context, given: Members) -> Members:
    _check_catalog(given["Name"])
    return {"DataCatalog": {"Name": CATALOG, "Type": "GLUE"}}


def _check_catalog(name: str) -> None:
    if name.lower() != CATALOG.lower():
        raise invalid(f"DataCatalog {name} was not found")


def _databases(context: Context, given: Members, request: Request) -> Members:
    _check_catalog(given["CatalogName"])
    pages = context.aws.client("glue").get_paginator("get_databases").paginate()
    with on_behalf(asking(context, request)):
        found = [_database_of(one) for page in pages for one in page["DatabaseList"]]
    return page("DatabaseList", found, given, 50)


def _database(context: Context, given: Members, request: Request) -> Members:
    _check_catalog(given["CatalogName"])
    name = given["DatabaseName"]
    answer = _glue(context, request, "get_database", name, Name=name)
    return {"Database": _database_of(answer["Database"])}


def _database_of(one: Members) -> Members:
    return {
        "Name": one["Name"],
        "Description": one.get("Description"),
        "Parameters": one.get("Parameters", {}),
    }


def _tables(context: Context, given: Members, request: Request) -> Members:
    _check_catalog(given["CatalogName"])
    name = given["DatabaseName"]
    answer = _glue(context, request, "get_tables", name, DatabaseName=name)
    shape = given.get("Expression", "").strip("*.")
    found = [_table_of(one) for one in answer["TableList"] if shape in one["Name"]]
    return page("TableMetadataList", found, given, 50)


def _table(context: Context, given: Members, request: Request) -> Members:
    _check_catalog(given["CatalogName"])
    name = given["TableName"]
    where = {"DatabaseName": given["DatabaseName"], "Name": name}
    answer = _glue(context, request, "get_table", name, **where)
    return {"TableMetadata": _table_of(answer["Table"])}


def _table_of(one: Members) -> Members:
    storage = one.get("StorageDescriptor", {})
    serde = storage.get("SerdeInfo", {}).get("SerializationLibrary")
    return {
        "Name": one["Name"],
        "CreateTime": one.get("CreateTime"),
        "TableType": one.get("TableType"),
        "Columns": storage.get("Columns", []),
        "PartitionKeys": one.get("PartitionKeys", []),
        "Parameters": one.get("Parameters", {})
        | {"location": storage.get("Location", ""), "serde.serialization.lib": serde},
    }


def _glue(
    context: Context, request: Request, operation: str, name: str, **given: Any
) -> Members:
    glue = context.aws.client("glue")
    try:
        with on_behalf(asking(context, request)):
            answer: Members = getattr(glue, operation)(**given)
    except glue.exceptions.AccessDeniedException as error:
        said = refusal(error.response["Error"]["Message"])
        raise AwsError("MetadataException", said.message) from error
    except glue.exceptions.EntityNotFoundException as error:
        raise AwsError(
            "MetadataException", f"EntityNotFoundException: {name} is not found."
        ) from error
    return answer


OPERATIONS = {
    "CreateNamedQuery": _create_named,
    "GetNamedQuery": _get_named,
    "BatchGetNamedQuery": _LISTING.batch,
    "ListNamedQueries": _LISTING.ids,
    "UpdateNamedQuery": _update_named,
    "DeleteNamedQuery": _delete_named,
    "CreatePreparedStatement": _create_prepared,
    "GetPreparedStatement": _get_prepared,
    "UpdatePreparedStatement": _update_prepared,
    "ListPreparedStatements": _list_prepared,
    "DeletePreparedStatement": _delete_prepared,
    "ListDataCatalogs": _catalogs,
    "GetDataCatalog": _catalog,
    "ListDatabases": _databases,
    "GetDatabase": _database,
    "ListTableMetadata": _tables,
    "GetTableMetadata": _table,
}
