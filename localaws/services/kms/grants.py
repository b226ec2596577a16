"""AWS KMS: grants, which let somebody use a key without a policy."""

import hashlib
from collections.abc import Mapping
from typing import Any

from localaws import policies
from localaws.services.context import Context
from localaws.services.kms.documents import Members
from localaws.services.records import Records

GRANTS = "kms-grant"


def of_key(context: Context, key: str) -> list[Members]:
    """Return the grants of a key, oldest first."""
    found = context.part(Records).all(GRANTS).values()
    return [grant for grant in found if grant["key"] == key]


def token(identity: str) -> str:
    """Return the token of a grant by its id."""
    return hashlib.sha512(f"kms grant {identity}".encode()).hexdigest()


def allows(
    context: Context,
    key: Members,
    principal: policies.Principal,
    operation: str,
    known: Mapping[str, tuple[str, ...]],
) -> bool:
    """Whether a grant lets somebody do something with a key.

    Args:
        context: The endpoint.
        key: The key.
        principal: Who asks.
        operation: Such as `Decrypt`.
        known: Values of the condition keys, the encryption context among them.
    """
    names = {principal.arn, principal.session}
    return any(
        grant["grantee"] in names
        and operation in grant["operations"]
        and _fits(grant["constraints"], known)
        for grant in of_key(context, key["id"])
    )


def _fits(constraints: Members, known: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether an encryption context is what the constraints of a grant want."""
    given = {
        name.lower(): known[f"kms:encryptioncontext:{name.lower()}"]
        for name in known.get("kms:encryptioncontextkeys", ())
    }
    equal = constraints.get("EncryptionContextEquals")
    if equal is not None and given != _lowered(equal):
        return False
    return _lowered(constraints.get("EncryptionContextSubset", {})).items() <= (
        given.items()
    )


def _lowered(pairs: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name.lower(): (value,) for name, value in pairs.items()}


def told(grant: Members, key_arn: str) -> Members:
    """Return a grant as ListGrants tells of it."""
    return {
        "KeyId": key_arn,
        "GrantId": grant["id"],
        "Name": grant["name"],
        "CreationDate": grant["created"],
        "GranteePrincipal": grant["grantee"],
        "RetiringPrincipal": grant["retiring"],
        "IssuingAccount": f"arn:aws:iam::{key_arn.split(':')[4]}:root",
        "Operations": grant["operations"],
        "Constraints": grant["constraints"] or None,
    }
