"""What follows for permissions when the catalog changes: who makes it owns it."""

from typing import Any

from localaws.services.context import Context
from localaws.services.lakeformation import resources, settings, tagged
from localaws.services.lakeformation.operations import ACCOUNT
from localaws.services.lakeformation.rights import GOVERNED, GRANTS
from localaws.services.permissions import Caller
from localaws.services.records import Records

Members = dict[str, Any]
# In place of a table's name: whether the tables made in a database will be governed.
_NEW = "*"


def follow(context: Context, caller: Caller, name: str, given: Members) -> None:
    """Change permissions after a change of the catalog.

    Args:
        context: The endpoint.
        caller: Who made it.
        name: Glue's operation.
        given: Its input.
    """
    if name in ("CreateDatabase", "UpdateDatabase"):
        _database(context, caller, given["DatabaseInput"], name == "CreateDatabase")
    elif name == "CreateTable":
        database = given["DatabaseName"].lower()
        _table(context, caller, database, given["TableInput"]["Name"].lower())
    elif name == "DeleteDatabase":
        _forget(context, given["Name"].lower())
    elif name in ("DeleteTable", "BatchDeleteTable"):
        for table in given.get("TablesToDelete", [given.get("Name")]):
            _forget(context, f"{given['DatabaseName']}/{table}".lower())


def _database(context: Context, caller: Caller, given: Members, new: bool) -> None:
    name, records = given["Name"].lower(), context.part(Records)
    if new and not settings.by_iam(context, "Database"):
        records.put(GOVERNED, name, {})
        _own(context, caller, {"Database": {"CatalogId": ACCOUNT, "Name": name}})
    if "CreateTableDefaultPermissions" in given:
        by_iam = bool(given["CreateTableDefaultPermissions"])
    elif new:
        by_iam = settings.by_iam(context, "Table")
    else:
        return
    key = f"{name}/{_NEW}"
    if not by_iam:
        records.put(GOVERNED, key, {})
    elif records.get(GOVERNED, key) is not None:
        records.drop(GOVERNED, key)


def _table(context: Context, caller: Caller, database: str, name: str) -> None:
    records = context.part(Records)
    if records.get(GOVERNED, f"{database}/{_NEW}") is None:
        return
    records.put(GOVERNED, f"{database}/{name}", {})
    place = {"CatalogId": ACCOUNT, "DatabaseName": database, "Name": name}
    _own(context, caller, {"Table": place})


def _own(context: Context, caller: Caller, resource: Members) -> None:
    """Grant everything to who has made something; the learner may do it anyway."""
    if caller.arn is None:
        return
    context.part(Records).put(
        GRANTS,
        f"{caller.arn} {resources.key(resource)}",
        {
            "Principal": caller.arn,
            "Resource": resource,
            "Permissions": ["ALL"],
            "PermissionsWithGrantOption": ["ALL"],
            "LastUpdated": context.clock.now(),
            "LastUpdatedBy": caller.arn,
        },
    )


def _forget(context: Context, place: str) -> None:
    """Forget all that was said of a database or table that is gone."""
    records = context.part(Records)
    with records.lock:
        for table in (GOVERNED, resources.FILTERS):
            for key in records.all(table):
                if key == place or key.startswith(f"{place}/"):
                    records.drop(table, key)
        for key, grant in records.all(GRANTS).items():
            if f"{_spoken(grant['Resource'])}/".startswith(f"{place}/"):
                records.drop(GRANTS, key)
        tagged.forget(context, place)


def _spoken(resource: Members) -> str:
    """Return the database, or the database and table, that a resource speaks of."""
    inner = next(iter(resource.values()))
    if "Database" in resource:
        return str(inner["Name"])
    name = inner.get("TableName", inner.get("Name", _NEW))
    return f"{inner.get('DatabaseName', '')}/{name}"
