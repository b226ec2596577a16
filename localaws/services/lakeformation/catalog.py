"""Glue's catalog operations, held against the permissions of Lake Formation."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localaws.services.context import Context
from localaws.services.lakeformation import ownership
from localaws.services.lakeformation.acting import asking
from localaws.services.lakeformation.held import Held
from localaws.wire import Request, Response, json_response, parse_json

Members = dict[str, Any]
Handler = Callable[[Context, Request], Response]
_DATABASES = {"UpdateDatabase": "ALTER", "DeleteDatabase": "DROP"}
_TABLES = {
    "UpdateTable": ("ALTER",),
    "DeleteTable": ("DROP",),
    "BatchDeleteTable": ("DROP",),
    "CreatePartition": ("ALTER", "INSERT"),
    "BatchCreatePartition": ("ALTER", "INSERT"),
    "UpdatePartition": ("ALTER",),
    "DeletePartition": ("ALTER",),
    "BatchDeletePartition": ("ALTER",),
}
_CHANGES = ("CreateDatabase", "CreateTable", *_DATABASES, *_TABLES)
_READS = (
    "GetDatabase",
    "GetDatabases",
    "GetTable",
    "GetTables",
    "GetTableVersion",
    "GetTableVersions",
    "GetPartition",
    "GetPartitions",
    "BatchGetPartition",
)


def governed(handlers: Mapping[tuple[str, str], Handler]) -> dict[Any, Handler]:
    """Return handlers of the catalog's operations that know Lake Formation.

    Args:
        handlers: What answers, where it is not moto.
    """

    def moto(context: Context, request: Request) -> Response:
        return context.moto(request)

    return {
        ("glue", name): guard(name, handlers.get(("glue", name), moto))
        for names, guard in ((_CHANGES, _changing), (_READS, _reading))
        for name in names
    }


def _changing(name: str, answer: Handler) -> Handler:
    def handle(context: Context, request: Request) -> Response:
        caller, given = asking(context, request), parse_json(request.body)
        if caller.arn is not None:
            _demand(Held(context, caller), name, given)
        response = answer(context, request)
        if response.status == 200:
            ownership.follow(context, caller, name, given)
        return response

    return handle


def _demand(held: Held, name: str, given: Members) -> None:
    """Raise unless a change is one that the principal may make."""
    target = given.get("TableInput", {})
    database = given.get("DatabaseName") or given.get("Name", "")
    if name == "CreateDatabase":
        held.catalog()
    elif name == "CreateTable":
        storage = target.get("StorageDescriptor", {})
        held.make(database, storage.get("Location", ""))
    elif name in _DATABASES:
        held.database(database, _DATABASES[name])
    else:
        named = target.get("Name") or given.get("TableName") or given.get("Name")
        for table in given.get("TablesToDelete", [named]):
            held.named(database, table, *_TABLES[name])
        places = [*_places(given)]
        if places:
            held.placed(database, str(named), places)


def _places(given: Members) -> Iterator[str]:
    """Yield the places in S3 that a change names."""
    for member in ("TableInput", "PartitionInput"):
        yield from _place(given.get(member, {}))
    for one in given.get("PartitionInputList", []):
        yield from _place(one)


def _place(given: Members) -> Iterator[str]:
    location = given.get("StorageDescriptor", {}).get("Location")
    if location:
        yield location


def _reading(name: str, answer: Handler) -> Handler:
    def handle(context: Context, request: Request) -> Response:
        response = answer(context, request)
        caller = asking(context, request)
        if caller.arn is None or response.status != 200:
            return response
        given, found = parse_json(request.body), json.loads(response.body)
        return json_response(_seen(Held(context, caller), given, found))

    return handle


def _seen(held: Held, given: Members, found: Members) -> Members:
    """Return an answer of the catalog without what the principal may not see."""
    if "Database" in found:
        held.database(found["Database"]["Name"], "DESCRIBE")
    if "DatabaseList" in found:
        every = found["DatabaseList"]
        found["DatabaseList"] = [one for one in every if held.sees(one["Name"])]
    if "Table" in found:
        found["Table"] = held.shown(found["Table"])
    if "TableList" in found:
        found["TableList"] = held.some(found["TableList"])
    versions = found.get("TableVersions", [])
    for version in [*versions, found.get("TableVersion", {})]:
        if "Table" in version:
            version["Table"] = held.shown(version["Table"])
    place = given.get("DatabaseName", ""), given.get("TableName", "")
    if "Partitions" in found:
        found["Partitions"] = held.partitions(*place, found["Partitions"])
    if "Partition" in found:
        kept = held.partitions(*place, [found["Partition"]])
        found["Partition"] = kept[0] if kept else {}
    return found
