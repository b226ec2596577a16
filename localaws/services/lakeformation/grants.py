"""Granting permissions, and taking them back."""

from collections.abc import Callable
from typing import Any

from localaws.errors import AwsError, NotImplementedHere
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.lakeformation import principals, resources
from localaws.services.lakeformation.errors import denied, invalid
from localaws.services.lakeformation.rights import CATALOG, GOVERNED, GRANTS, Rights
from localaws.services.permissions import Caller
from localaws.services.records import Records

Members = dict[str, Any]
_OPTION = "PermissionsWithGrantOption"


def grant(context: Context, given: Members, caller: Caller) -> Members:
    """Answer GrantPermissions."""
    name, resource, wanted = _asked(context, given, caller)
    options = set(given.get(_OPTION, []))
    if not wanted or not options <= wanted:
        raise invalid("Permissions modification is invalid.")
    kind, inner = next(iter(resource.items()))
    if kind == "TableWithColumns" and options and "ColumnNames" not in inner:
        raise invalid("A column filter with the grant option has to include columns.")
    if name == principals.IAM_ALLOWED:
        _leave_to_iam(context, resource, wanted, options)
        return {}
    records, key = context.part(Records), _key(name, resource)
    with records.lock:
        _count(records, name, resource)
        before = records.get(GRANTS, key) or {"Permissions": [], _OPTION: []}
        kept = {
            "Principal": name,
            "Resource": resource,
            "Permissions": sorted({*before["Permissions"], *wanted}),
            _OPTION: sorted({*before[_OPTION], *options}),
            "LastUpdated": context.clock.now(),
            "LastUpdatedBy": caller.arn or "",
        }
        records.put(GRANTS, key, kept)
    return {}


def _count(records: Records, name: str, resource: Members) -> None:
    """Raise if a principal would have too many filters of a table."""
    asked = resource.get("DataCellsFilter")
    if asked is None:
        return
    found = [
        one["Resource"]["DataCellsFilter"]
        for one in records.all(GRANTS).values()
        if one["Principal"] == name and "DataCellsFilter" in one["Resource"]
    ]
    place = asked["DatabaseName"], asked["TableName"]
    others = [
        one
        for one in found
        if (one["DatabaseName"], one["TableName"]) == place and one != asked
    ]
    most = limit("lakeformation", "filters_granted")
    if len(others) >= most:
        raise invalid(f"A principal has at most {most} filters of one table.")


def revoke(context: Context, given: Members, caller: Caller) -> Members:
    """Answer RevokePermissions."""
    name, resource, wanted = _asked(context, given, caller)
    options = set(given.get(_OPTION, []))
    if name == principals.IAM_ALLOWED:
        _take_from_iam(context, resource, wanted)
        return {}
    records, key = context.part(Records), _key(name, resource)
    with records.lock:
        before = records.get(GRANTS, key) or {"Permissions": [], _OPTION: []}
        missing = wanted - set(before["Permissions"])
        if missing:
            raise invalid(
                "No permissions revoked. Grantee does not have: "
                f"[{', '.join(sorted(missing))}]"
            )
        kept = sorted(set(before["Permissions"]) - wanted)
        left = sorted(set(before[_OPTION]) - wanted - options)
        if not kept:
            records.drop(GRANTS, key)
        else:
            change = {"Permissions": kept, _OPTION: left}
            now = {"LastUpdated": context.clock.now()}
            records.put(GRANTS, key, before | change | now)
    return {}


def _asked(
    context: Context, given: Members, caller: Caller
) -> tuple[str, Members, set[str]]:
    """Return principal, resource and permissions of an input.

    Raises:
        AwsError: They do not fit, or the caller may not decide on them.
    """
    if {"Principal", "Resource", "Permissions"} - given.keys():
        raise invalid("Principal, Resource and Permissions are needed.")
    name = principals.check(context, given["Principal"])
    resource = resources.read(context, given["Resource"])
    wanted = set(given["Permissions"])
    if not (wanted | set(given.get(_OPTION, []))) <= resources.may(resource):
        raise invalid("Permissions modification is invalid.")
    if not Rights(context).may_grant(caller, resource, wanted):
        raise denied()
    return name, resource, wanted


def _place(resource: Members, wanted: set[str]) -> str:
    """Return what IAM alone decides on, where that can be said."""
    kind, inner = next(iter(resource.items()))
    if kind == "Catalog":
        return CATALOG
    if wanted == {"ALL"} and kind == "Database":
        return str(inner["Name"])
    if wanted == {"ALL"} and kind == "Table" and "Name" in inner:
        return f"{inner['DatabaseName']}/{inner['Name']}"
    raise NotImplementedHere(
        f"lakeformation: {', '.join(sorted(wanted))} on {kind} for "
        f"{principals.IAM_ALLOWED}",
        "grants a part to everybody whom IAM allows",
    )


def _leave_to_iam(
    context: Context, resource: Members, wanted: set[str], options: set[str]
) -> None:
    if options:
        raise invalid("Permissions modification is invalid.")
    place, records = _place(resource, wanted), context.part(Records)
    with records.lock:
        if records.get(GOVERNED, place) is not None:
            records.drop(GOVERNED, place)


def _take_from_iam(context: Context, resource: Members, wanted: set[str]) -> None:
    place, records = _place(resource, wanted), context.part(Records)
    with records.lock:
        if records.get(GOVERNED, place) is not None:
            raise invalid(
                "No permissions revoked. Grantee does not have: "
                f"[{', '.join(sorted(wanted))}]"
            )
        records.put(GOVERNED, place, {})


def _key(name: str, resource: Members) -> str:
    return f"{name} {resources.key(resource)}"


def _batch(one: Callable[..., Members]) -> Callable[..., Members]:
    def batch(context: Context, given: Members, caller: Caller) -> Members:
        entries = given["Entries"]
        most = limit("lakeformation", "batch_entries")
        if not 1 <= len(entries) <= most:
            raise invalid(f"A batch has between 1 and {most} entries.")
        failures = []
        for entry in entries:
            try:
                one(context, entry, caller)
            except NotImplementedHere:
                raise
            except AwsError as error:
                said = {"ErrorCode": error.code, "ErrorMessage": error.message}
                failures.append({"RequestEntry": entry, "Error": said})
        return {"Failures": failures}

    return batch


OPERATIONS = {
    "GrantPermissions": grant,
    "RevokePermissions": revoke,
    "BatchGrantPermissions": _batch(grant),
    "BatchRevokePermissions": _batch(revoke),
}
