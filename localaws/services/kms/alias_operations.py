"""AWS KMS: names for keys."""

import re

from localaws.errors import AwsError
from localaws.services.kms.access import Caller, demand, demand_account
from localaws.services.kms.documents import (
    ALIASES,
    Members,
    alias_arn,
    aliases,
    by_id,
    demand_there,
)
from localaws.services.kms.errors import invalid, not_found
from localaws.services.kms.operations import page
from localaws.services.records import Records

_NAME = re.compile(r"alias/[a-zA-Z0-9/_-]+")


def create(caller: Caller, given: Members) -> None:
    """Give a key a name."""
    name, records = _own(given["AliasName"]), caller.context.part(Records)
    key = by_id(caller.context, caller.region, given["TargetKeyId"])
    _demand(caller, "CreateAlias", name, key)
    demand_there(key)
    with records.lock:
        if records.get(ALIASES, f"{caller.region} {name}"):
            raise AwsError(
                "AlreadyExistsException",
                f"An alias with the name {alias_arn(caller.region, name)} already "
                "exists",
            )
        now = caller.context.clock.now()
        alias = {"name": name, "region": caller.region, "target": key["id"]}
        dated = {**alias, "created": now, "updated": now}
        records.put(ALIASES, f"{caller.region} {name}", dated)


def update(caller: Caller, given: Members) -> None:
    """Let a name stand for another key of the same kind."""
    name = _own(given["AliasName"])
    old = by_id(caller.context, caller.region, _find(caller, name)["target"])
    key = by_id(caller.context, caller.region, given["TargetKeyId"])
    _demand(caller, "UpdateAlias", name, key)
    demand(caller, old, "UpdateAlias")
    demand_there(key)
    kinds = [
        (one["usage"], one["spec"] == "SYMMETRIC_DEFAULT", one["spec"][:4] == "HMAC")
        for one in (old, key)
    ]
    if kinds[0] != kinds[1]:
        raise invalid("Alias and key must have the same key usage and type.")
    now = caller.context.clock.now()
    records = caller.context.part(Records)
    records.change(ALIASES, f"{caller.region} {name}", target=key["id"], updated=now)


def delete(caller: Caller, given: Members) -> None:
    """Take a name away; its key stays."""
    name = _own(given["AliasName"])
    key = by_id(caller.context, caller.region, _find(caller, name)["target"])
    _demand(caller, "DeleteAlias", name, key)
    caller.context.part(Records).drop(ALIASES, f"{caller.region} {name}")


def listed(caller: Caller, given: Members) -> Members:
    """List the names of the region, or those of a key."""
    demand_account(caller, "ListAliases")
    found = aliases(caller.context, caller.region)
    if "KeyId" in given:
        key = by_id(caller.context, caller.region, given["KeyId"])
        found = [one for one in found if one["target"] == key["id"]]
    told = [
        {
            "AliasName": one["name"],
            "AliasArn": alias_arn(caller.region, one["name"]),
            "TargetKeyId": one["target"],
            "CreationDate": one["created"],
            "LastUpdatedDate": one["updated"],
        }
        for one in found
    ]
    return page("Aliases", told, given)


def _own(name: str) -> str:
    if not name.startswith("alias/"):
        raise invalid("Invalid identifier")
    if name.startswith("alias/aws/"):
        raise AwsError("NotAuthorizedException", "")
    if not _NAME.fullmatch(name):
        raise AwsError(
            "InvalidAliasNameException",
            f"{name} contains invalid characters for an alias",
        )
    return name


def _find(caller: Caller, name: str) -> Members:
    found = caller.context.part(Records).get(ALIASES, f"{caller.region} {name}")
    if found is None:
        raise not_found(f"Alias {alias_arn(caller.region, name)} is not found.")
    return found


def _demand(caller: Caller, operation: str, name: str, key: Members) -> None:
    """Demand the right to the name, which IAM gives, and that to the key."""
    demand_account(caller, operation, resource=alias_arn(caller.region, name))
    demand(caller, key, operation)


OPERATIONS = {
    "CreateAlias": create,
    "UpdateAlias": update,
    "DeleteAlias": delete,
    "ListAliases": listed,
}
