"""AWS KMS: grants, given, listed, taken back."""

from localaws.errors import AwsError
from localaws.services.kms.access import Caller, demand, is_principal, key_decision
from localaws.services.kms.documents import Members, by_id, demand_usable, identity
from localaws.services.kms.errors import invalid, not_found
from localaws.services.kms.grants import GRANTS, of_key, token, told
from localaws.services.kms.operations import page
from localaws.services.records import Records

_SYMMETRIC = {
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
}
_ALWAYS = {"CreateGrant", "RetireGrant", "DescribeKey"}
_BY_USAGE = {
    "ENCRYPT_DECRYPT": {
        "Decrypt",
        "Encrypt",
        "ReEncryptFrom",
        "ReEncryptTo",
        "GetPublicKey",
    },
    "SIGN_VERIFY": {"Sign", "Verify", "GetPublicKey"},
    "GENERATE_VERIFY_MAC": {"GenerateMac", "VerifyMac"},
}


def create(caller: Caller, given: Members) -> Members:
    """Let somebody use a key; who has a grant passes on what it allows, no more."""
    key = by_id(caller.context, caller.region, given["KeyId"])
    operations = given["Operations"]
    constraints = given.get("Constraints", {})
    asked: dict[str, tuple[str, ...]] = {
        "kms:grantoperations": tuple(operations),
        "kms:granteeprincipal": (given["GranteePrincipal"],),
        "kms:grantisforawsresource": ("false",),
    }
    if "RetiringPrincipal" in given:
        asked["kms:retiringprincipal"] = (given["RetiringPrincipal"],)
    if constraints:
        asked["kms:grantconstrainttype"] = tuple(constraints)
    demand(caller, key, "CreateGrant", asked)
    demand_usable(key)
    _check(key, operations, constraints)
    for member in ("GranteePrincipal", "RetiringPrincipal"):
        if member in given and not is_principal(given[member]):
            raise AwsError(
                "InvalidArnException",
                f"ARN does not refer to a valid principal: {given[member]}",
            )
    _demand_passed_on(caller, key, operations)
    kept = {
        "key": key["id"],
        "name": given.get("Name"),
        "grantee": given["GranteePrincipal"],
        "retiring": given.get("RetiringPrincipal"),
        "operations": sorted(set(operations), key=operations.index),
        "constraints": constraints,
    }
    records = caller.context.part(Records)
    for grant in of_key(caller.context, key["id"]):
        if kept["name"] and kept.items() <= grant.items():
            return {"GrantId": grant["id"], "GrantToken": token(grant["id"])}
    made = identity(caller.context, "grant").replace("-", "") * 2
    now = caller.context.clock.now()
    records.put(GRANTS, made, {**kept, "id": made, "created": now})
    return {"GrantId": made, "GrantToken": token(made)}


def _check(key: Members, operations: list[str], constraints: Members) -> None:
    symmetric = key["spec"] == "SYMMETRIC_DEFAULT"
    fitting = _SYMMETRIC if symmetric else _BY_USAGE[key["usage"]]
    wrong = [name for name in operations if name not in fitting | _ALWAYS]
    if wrong:
        raise invalid(
            f"The grant operations {wrong} are not valid for a key of specification "
            f"{key['spec']} and usage {key['usage']}."
        )
    if constraints and not symmetric:
        raise invalid("Grant constraints are for symmetric encryption keys.")


def _demand_passed_on(caller: Caller, key: Members, operations: list[str]) -> None:
    """Raise AWS's error if a grantee passes on more than the grant allows."""
    if caller.asker is None:
        return
    asker = caller.asker.principal
    without = key_decision(
        caller, {**key, "id": ""}, "CreateGrant", {"kms:grantoperations": ()}
    )
    if without.allowed:
        return
    mine = {
        name
        for grant in of_key(caller.context, key["id"])
        if grant["grantee"] in (asker.arn, asker.session)
        for name in grant["operations"]
    }
    if not set(operations) <= mine:
        demand(caller, {**key, "id": ""}, "CreateGrant")


def listed(caller: Caller, given: Members) -> Members:
    """List the grants of a key."""
    key = by_id(caller.context, caller.region, given["KeyId"])
    demand(caller, key, "ListGrants")
    found = [
        told(grant, key["arn"])
        for grant in of_key(caller.context, key["id"])
        if given.get("GrantId", grant["id"]) == grant["id"]
        and given.get("GranteePrincipal", grant["grantee"]) == grant["grantee"]
    ]
    if "GrantId" in given and not found:
        raise AwsError("InvalidGrantIdException", f"Grant {given['GrantId']} not found")
    return page("Grants", found, given)


def retirable(caller: Caller, given: Members) -> Members:
    """List the grants that a principal may retire."""
    records = caller.context.part(Records)
    found = [
        told(grant, by_id(caller.context, caller.region, grant["key"])["arn"])
        for grant in records.all(GRANTS).values()
        if grant["retiring"] == given["RetiringPrincipal"]
    ]
    return page("Grants", found, given)


def revoke(caller: Caller, given: Members) -> None:
    """Take a grant back, on behalf of the key's administrators."""
    key = by_id(caller.context, caller.region, given["KeyId"])
    demand(caller, key, "RevokeGrant", {"kms:grantisforawsresource": ("false",)})
    records = caller.context.part(Records)
    grant = records.get(GRANTS, given["GrantId"])
    if grant is None or grant["key"] != key["id"]:
        raise not_found(f"Grant ID {given['GrantId']} not found")
    records.drop(GRANTS, grant["id"])


def retire(caller: Caller, given: Members) -> None:
    """Give a grant up: its retiring principal may, and a grantee with RetireGrant."""
    grant = _given_up(caller, given)
    key = by_id(caller.context, caller.region, grant["key"])
    if not _may_retire(caller, grant):
        demand(caller, key, "RetireGrant")
    caller.context.part(Records).drop(GRANTS, grant["id"])


def _may_retire(caller: Caller, grant: Members) -> bool:
    if caller.asker is None:
        return True
    asker = caller.asker.principal
    names = (asker.arn, asker.session, f"arn:aws:iam::{asker.account}:root")
    return grant["retiring"] in names or (
        grant["grantee"] in names and "RetireGrant" in grant["operations"]
    )


def _given_up(caller: Caller, given: Members) -> Members:
    records = caller.context.part(Records)
    if "GrantToken" in given:
        for grant in records.all(GRANTS).values():
            if token(grant["id"]) == given["GrantToken"]:
                return grant
        raise AwsError("InvalidGrantTokenException", "Invalid grant token")
    if "KeyId" not in given or "GrantId" not in given:
        raise invalid("Either GrantToken, or both KeyId and GrantId, are required.")
    key = by_id(caller.context, caller.region, given["KeyId"])
    grant = records.get(GRANTS, given["GrantId"])
    if grant is None or grant["key"] != key["id"]:
        raise not_found(f"Grant ID {given['GrantId']} not found")
    return grant


OPERATIONS = {
    "CreateGrant": create,
    "ListGrants": listed,
    "ListRetirableGrants": retirable,
    "RevokeGrant": revoke,
    "RetireGrant": retire,
}
