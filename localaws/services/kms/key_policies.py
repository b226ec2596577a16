"""AWS KMS: key policies, and the check that nobody locks themselves out."""

import json

from localaws import policies
from localaws.errors import AwsError
from localaws.services.kms.access import Caller, demand, is_principal, key_decision
from localaws.services.kms.documents import (
    ACCOUNT,
    KEYS,
    Members,
    by_id,
    demand_there,
)
from localaws.services.kms.errors import not_found, unsupported
from localaws.services.kms.operations import page
from localaws.services.records import Records

_NAME = "default"


def default() -> str:
    """Return the policy of a key that was made without one: IAM decides."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    document = {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [statement],
    }
    return json.dumps(document, indent=2)


def check(caller: Caller, key: Members, policy: str, given: Members) -> None:
    """Raise AWS's error unless a text is a policy under which it can be changed.

    Args:
        caller: Who puts it, and must be able to put another.
        key: The key.
        policy: The text.
        given: The input, which may do without the check of the caller.
    """
    try:
        found = policies.parse(policy, "resource")
    except policies.PolicyError as error:
        raise AwsError("MalformedPolicyDocumentException", error.message) from error
    for name in [n for one in found.statements for n in one.principals or ()]:
        kind, _, arn = name.partition(" ")
        if kind == "AWS" and arn != "*" and not is_principal(arn):
            raise AwsError(
                "MalformedPolicyDocumentException",
                "Policy contains a statement with one or more invalid principals.",
            )
    if given.get("BypassPolicyLockoutSafetyCheck"):
        return
    later = key_decision(caller, {**key, "policy": policy}, "PutKeyPolicy")
    if not later.allowed:
        raise AwsError(
            "MalformedPolicyDocumentException",
            "The new key policy will not allow you to update the key policy in the "
            "future.",
        )


def put(caller: Caller, given: Members) -> None:
    """Give a key another policy."""
    key = _key(caller, given)
    bypass = str(given.get("BypassPolicyLockoutSafetyCheck", False)).lower()
    asked = {"kms:bypasspolicylockoutsafetycheck": (bypass,)}
    demand(caller, key, "PutKeyPolicy", asked)
    if key["manager"] == "AWS":
        raise unsupported(f"{key['arn']} is managed by AWS.")
    demand_there(key)
    check(caller, key, given["Policy"], given)
    caller.context.part(Records).change(KEYS, key["id"], policy=given["Policy"])


def get(caller: Caller, given: Members) -> Members:
    """Return the policy of a key."""
    key = _key(caller, given)
    demand(caller, key, "GetKeyPolicy")
    return {"Policy": key["policy"], "PolicyName": _NAME}


def listed(caller: Caller, given: Members) -> Members:
    """List the names of a key's policies: there is one."""
    key = by_id(caller.context, caller.region, given["KeyId"])
    demand(caller, key, "ListKeyPolicies")
    return page("PolicyNames", [_NAME], given)


def _key(caller: Caller, given: Members) -> Members:
    if given.get("PolicyName", _NAME) != _NAME:
        raise not_found("No such policy exists")
    return by_id(caller.context, caller.region, given["KeyId"])


OPERATIONS = {
    "PutKeyPolicy": put,
    "GetKeyPolicy": get,
    "ListKeyPolicies": listed,
}
