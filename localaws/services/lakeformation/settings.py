"""Settings of the data lake: who administers it, and who governs what is new."""

from typing import Any

from localaws.services.context import Context
from localaws.services.lakeformation import principals
from localaws.services.lakeformation.errors import invalid
from localaws.services.permissions import Caller
from localaws.services.records import Records

Members = dict[str, Any]
_TABLE = "lakeformation-settings"
_KEY = "catalog"
_ADMINS = ("DataLakeAdmins", "ReadOnlyAdmins")
_DEFAULTS = ("CreateDatabaseDefaultPermissions", "CreateTableDefaultPermissions")
_IAM_DECIDES = [
    {
        "Principal": {"DataLakePrincipalIdentifier": principals.IAM_ALLOWED},
        "Permissions": ["ALL"],
    }
]


def current(context: Context) -> Members:
    """Return the settings: at first IAM alone decides on what is new."""
    empty: Members = {name: [] for name in _ADMINS}
    empty |= {
        "TrustedResourceOwners": [],
        "AllowExternalDataFiltering": False,
        "ExternalDataFilteringAllowList": [],
    }
    first = empty | {name: _IAM_DECIDES for name in _DEFAULTS}
    return context.part(Records).get(_TABLE, _KEY) or first


def get(context: Context, given: Members, caller: Caller) -> Members:
    """Answer GetDataLakeSettings."""
    return {"DataLakeSettings": current(context)}


def put(context: Context, given: Members, caller: Caller) -> Members:
    """Answer PutDataLakeSettings: it replaces them all."""
    asked = given["DataLakeSettings"]
    for name in _ADMINS:
        for one in asked.get(name, []):
            principals.check(context, one)
    for name in _DEFAULTS:
        if asked.get(name, []) not in ([], _IAM_DECIDES):
            raise invalid(
                f"{name} is either empty or grants ALL to {principals.IAM_ALLOWED}."
            )
    kept = current(context) | {name: asked.get(name, []) for name in _ADMINS}
    kept |= {name: asked.get(name, []) for name in _DEFAULTS}
    context.part(Records).put(_TABLE, _KEY, kept)
    return {}


def administers(context: Context, caller: Caller, *, reads: bool = False) -> bool:
    """Return whether a caller is an administrator of the data lake.

    Args:
        context: The endpoint.
        caller: Who asks; the learner owns the account and always is one.
        reads: Whether one who may only look counts too.
    """
    if caller.arn is None:
        return True
    found = current(context)
    names = _ADMINS if reads else _ADMINS[:1]
    return any(
        one["DataLakePrincipalIdentifier"] == caller.arn
        for name in names
        for one in found[name]
    )


def by_iam(context: Context, kind: str) -> bool:
    """Return whether IAM alone decides on a new database or table.

    Args:
        context: The endpoint.
        kind: `Database` or `Table`.
    """
    return bool(current(context)[f"Create{kind}DefaultPermissions"])


OPERATIONS = {"GetDataLakeSettings": get, "PutDataLakeSettings": put}
