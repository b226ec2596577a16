"""Who has which permissions."""

from collections.abc import Iterator
from typing import Any

from localaws.services.context import Context
from localaws.services.lakeformation import principals, resources
from localaws.services.lakeformation.errors import invalid
from localaws.services.lakeformation.operations import ACCOUNT, page
from localaws.services.lakeformation.rights import GRANTS, Rights
from localaws.services.lakeformation.settings import administers
from localaws.services.lakeformation.tagged import databases, tables
from localaws.services.permissions import Caller
from localaws.services.records import Records

Members = dict[str, Any]
_KINDS = {
    "CATALOG": ("Catalog",),
    "DATABASE": ("Database",),
    "TABLE": ("Table", "TableWithColumns", "DataCellsFilter"),
    "DATA_LOCATION": ("DataLocation",),
    "LF_TAG_POLICY": ("LFTagPolicy",),
}


def permissions(context: Context, given: Members, caller: Caller) -> Members:
    """Answer ListPermissions."""
    name = given.get("Principal", {}).get("DataLakePrincipalIdentifier")
    related = given.get("IncludeRelated", "FALSE").upper() == "TRUE"
    if related and name:
        raise invalid("Principal must not be given together with IncludeRelated.")
    wanted = None
    if "Resource" in given:
        if "TableWithColumns" in given["Resource"]:
            raise invalid("Ask for a table: its columns are listed with it.")
        wanted = resources.read(context, given["Resource"])
    kinds = _KINDS.get(given.get("ResourceType", ""))
    rights, shown = Rights(context), []
    for one in _every(context):
        kind, inner = next(iter(one["Resource"].items()))
        if name and one["Principal"] != name:
            continue
        if kinds and kind not in kinds:
            continue
        if wanted and not _belongs(kind, inner, wanted, related):
            continue
        if _visible(rights, context, caller, one):
            shown.append(_shown(one))
    return page("PrincipalResourcePermissions", shown, given)


def for_path(context: Context, given: Members, caller: Caller) -> Members:
    """Answer GetEffectivePermissionsForPath: of the tables below a place in S3."""
    path = given["ResourceArn"].removeprefix("arn:aws:s3:::").rstrip("/")
    below = set()
    for database, table in tables(context):
        location = table.get("StorageDescriptor", {}).get("Location", "")
        if f"{location.removeprefix('s3://').rstrip('/')}/".startswith(f"{path}/"):
            below.add((database, table["Name"]))
    rights = Rights(context)
    shown = [
        _shown(one)
        for one in _every(context)
        for kind, inner in one["Resource"].items()
        if kind in ("Table", "TableWithColumns")
        and (inner["DatabaseName"], inner.get("Name")) in below
        and _visible(rights, context, caller, one)
    ]
    return page("Permissions", shown, given)


def principal(context: Context, given: Members, caller: Caller) -> Members:
    """Answer GetDataLakePrincipal."""
    sts = context.aws.client("sts")
    return {"Identity": caller.arn or sts.get_caller_identity()["Arn"]}


def _every(context: Context) -> Iterator[Members]:
    """Yield all grants, those to everybody whom IAM allows first."""
    rights = Rights(context)
    if not rights.governs():
        yield _by_iam({"Catalog": {"Id": ACCOUNT}}, "CREATE_DATABASE")
    for name in databases(context):
        if not rights.governs(name):
            yield _by_iam({"Database": {"CatalogId": ACCOUNT, "Name": name}}, "ALL")
    for database, table in tables(context):
        if not rights.governs(database, table["Name"]):
            place = {"CatalogId": ACCOUNT, "DatabaseName": database}
            yield _by_iam({"Table": place | {"Name": table["Name"]}}, "ALL")
    every = context.part(Records).all(GRANTS)
    yield from (every[key] for key in sorted(every))


def _by_iam(resource: Members, permission: str) -> Members:
    return {
        "Principal": principals.IAM_ALLOWED,
        "Resource": resource,
        "Permissions": [permission],
        "PermissionsWithGrantOption": [],
    }


def _belongs(kind: str, inner: Members, wanted: Members, related: bool) -> bool:
    """Return whether a grant is one on a resource that is asked for."""
    asked, place = next(iter(wanted.items()))
    if asked != "Table" or "Name" not in place:
        return {kind: inner} == wanted
    if inner.get("DatabaseName") != place["DatabaseName"]:
        return False
    if kind == "DataCellsFilter":
        return related and inner["TableName"] == place["Name"]
    return bool(inner.get("Name", place["Name"]) == place["Name"])


def _visible(rights: Rights, context: Context, caller: Caller, one: Members) -> bool:
    """Return whether a caller may know of a grant: its own, or what it may grant."""
    return (
        administers(context, caller, reads=True)
        or one["Principal"] in (caller.arn, principals.EVERYBODY)
        or rights.may_grant(caller, one["Resource"], set(one["Permissions"]))
    )


def _shown(one: Members) -> Members:
    return one | {"Principal": {"DataLakePrincipalIdentifier": one["Principal"]}}


OPERATIONS = {
    "ListPermissions": permissions,
    "GetEffectivePermissionsForPath": for_path,
    "GetDataLakePrincipal": principal,
}
