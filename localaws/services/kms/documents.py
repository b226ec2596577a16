"""AWS KMS: keys as they are kept, found, described."""

import hashlib
import uuid
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.kms import asymmetric
from localaws.services.kms.errors import not_found, wrong_state
from localaws.services.records import Records

Members = dict[str, Any]
ACCOUNT = "123456789012"
KEYS, ALIASES = "kms-key", "kms-alias"
ENABLED, DISABLED, PENDING = "Enabled", "Disabled", "PendingDeletion"


def arn(region: str, key: str) -> str:
    """Return the ARN of a key by its id."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{key}"


def alias_arn(region: str, name: str) -> str:
    """Return the ARN of an alias by its name, which begins with `alias/`."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:{name}"


def identity(context: Context, kind: str) -> str:
    """Return a new id."""
    number = context.clock.count(f"kms {kind}")
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"kms {kind} {number}"))


def find(context: Context, region: str, given: str) -> Members:
    """Return a key by its id, its ARN, or an alias or its ARN.

    Raises:
        AwsError: It is not there.
    """
    if given.startswith("alias/") or ":alias/" in given:
        return _by_alias(context, region, given)
    key, place = given, region
    if given.startswith("arn:"):
        place, key = given.split(":")[3], given.rpartition("/")[2]
    elif not _is_id(given):
        raise not_found(f"Invalid keyId '{given}'")
    found = context.part(Records).get(KEYS, key)
    if found is None or found["region"] != place or place != region:
        raise not_found(f"Key '{arn(place, key)}' does not exist")
    return found


def by_id(context: Context, region: str, given: str) -> Members:
    """Return a key by its id or its ARN: the operation takes no alias.

    Raises:
        AwsError: It is not there, or an alias was given.
    """
    if given.startswith("alias/") or ":alias/" in given:
        raise not_found(f"Invalid keyId '{given}'")
    return find(context, region, given)


def _by_alias(context: Context, region: str, given: str) -> Members:
    name = "alias/" + given.partition("alias/")[2]
    if given.startswith("arn:") and given.split(":")[3] != region:
        raise not_found(f"Alias {given} is not found.")
    alias = context.part(Records).get(ALIASES, f"{region} {name}")
    if alias is None:
        raise not_found(f"Alias {alias_arn(region, name)} is not found.")
    return find(context, region, alias["target"])


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def demand_usable(key: Members) -> None:
    """Raise AWS's error unless a key can be used in cryptographic operations."""
    if key["state"] == DISABLED:
        raise AwsError("DisabledException", f"{key['arn']} is disabled.")
    demand_there(key)


def demand_there(key: Members) -> None:
    """Raise AWS's error if a key is about to be deleted."""
    if key["state"] == PENDING:
        raise wrong_state(f"{key['arn']} is pending deletion.")


def metadata(key: Members) -> Members:
    """Return a key as DescribeKey tells of it."""
    told = {
        "AWSAccountId": ACCOUNT,
        "KeyId": key["id"],
        "Arn": key["arn"],
        "CreationDate": key["created"],
        "Enabled": key["state"] == ENABLED,
        "Description": key["description"],
        "KeyUsage": key["usage"],
        "KeyState": key["state"],
        "Origin": "AWS_KMS",
        "KeyManager": key["manager"],
        "CustomerMasterKeySpec": key["spec"],
        "KeySpec": key["spec"],
        "MultiRegion": False,
        **asymmetric.algorithms(key["spec"], key["usage"]),
    }
    if key["spec"] == "SYMMETRIC_DEFAULT":
        told["CurrentKeyMaterialId"] = material_id(key)
    if key["state"] == PENDING:
        told["DeletionDate"] = key["deletion"]
    return told


def material_id(key: Members, version: int | None = None) -> str:
    """Return the id of a version of a symmetric key's material, the newest by default.

    Each rotation has made one more.
    """
    number = len(key["rotations"]) if version is None else version
    return hashlib.sha256(f"{key['arn']} {number}".encode()).hexdigest()


def aliases(context: Context, region: str) -> list[Members]:
    """Return the aliases of a region by their names."""
    found = context.part(Records).all(ALIASES).values()
    return sorted(
        (one for one in found if one["region"] == region), key=lambda a: a["name"]
    )
