"""AWS KMS: keys, made and described, and their tags."""

import json
from typing import Any

from localaws.errors import AwsError
from localaws.services import rentals
from localaws.services.context import Context
from localaws.services.kms import asymmetric, key_policies, symmetric
from localaws.services.kms.access import TAGS, Caller, demand, demand_account
from localaws.services.kms.documents import (
    ACCOUNT,
    ENABLED,
    KEYS,
    Members,
    arn,
    by_id,
    demand_there,
    find,
    identity,
    metadata,
)
from localaws.services.kms.errors import invalid
from localaws.services.kms.keystore import Keystore
from localaws.services.kms.operations import page
from localaws.services.records import Records

RENTAL = "kms-key"
# The service whose own key is made when it is first asked for.
_MANAGED = "s3"


def create(caller: Caller, given: Members) -> Members:
    """Make a key with its material and its policy."""
    spec = given.get("KeySpec", given.get("CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"))
    usage = given.get("KeyUsage", "ENCRYPT_DECRYPT")
    if usage not in asymmetric.usages(spec):
        raise invalid(f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    tags = _tags(given.get("Tags", []))
    asked: dict[str, tuple[str, ...]] = {
        "kms:keyspec": (spec,),
        "kms:keyusage": (usage,),
        "kms:keyorigin": ("AWS_KMS",),
        "kms:multiregion": ("false",),
        "kms:bypasspolicylockoutsafetycheck": (_bypass(given),),
        **{f"aws:requesttag/{name.lower()}": (v,) for name, v in tags.items()},
        **({"aws:tagkeys": tuple(tags)} if tags else {}),
    }
    demand_account(caller, "CreateKey", asked)
    if tags:
        demand_account(caller, "TagResource", asked)
    policy = given.get("Policy")
    key = new(caller.context, caller.region, spec, usage, policy)
    key["description"] = given.get("Description", "")
    if policy is not None:
        key_policies.check(caller, key, policy, given)
    keep(caller.context, key)
    if tags:
        caller.context.part(Records).put(TAGS, key["id"], tags)
    rentals.rent(caller.context, key["id"], {RENTAL: (None, 1)})
    return {"KeyMetadata": metadata(key)}


def _bypass(given: Members) -> str:
    return str(given.get("BypassPolicyLockoutSafetyCheck", False)).lower()


def new(
    context: Context, region: str, spec: str, usage: str, policy: str | None
) -> Members:
    """Return a key that is not kept yet."""
    key = identity(context, "key")
    return {
        "id": key,
        "arn": arn(region, key),
        "region": region,
        "created": context.clock.now(),
        "spec": spec,
        "usage": usage,
        "description": "",
        "manager": "CUSTOMER",
        "state": ENABLED,
        "policy": policy or key_policies.default(),
        "rotations": [],
        "period": None,
    }


def keep(context: Context, key: Members) -> None:
    """Give a new key its material, and keep it."""
    symmetric_key = key["spec"] == "SYMMETRIC_DEFAULT"
    material = (
        symmetric.new_material() if symmetric_key else asymmetric.generate(key["spec"])
    )
    context.part(Keystore).add(key["id"], material)
    context.part(Records).put(KEYS, key["id"], key)


def describe(caller: Caller, given: Members) -> Members:
    """Describe a key."""
    named = given["KeyId"]
    if named.endswith(f"alias/aws/{_MANAGED}"):
        managed(caller.context, caller.region, _MANAGED)
    key = find(caller.context, caller.region, named)
    demand(caller, key, "DescribeKey")
    return {"KeyMetadata": metadata(key)}


def listed(caller: Caller, given: Members) -> Members:
    """List the keys of the region."""
    demand_account(caller, "ListKeys")
    found = caller.context.part(Records).all(KEYS).values()
    told = [
        {"KeyId": key["id"], "KeyArn": key["arn"]}
        for key in found
        if key["region"] == caller.region
    ]
    return page("Keys", told, given)


def update_description(caller: Caller, given: Members) -> None:
    """Describe a key in other words."""
    key = by_id(caller.context, caller.region, given["KeyId"])
    demand(caller, key, "UpdateKeyDescription")
    demand_there(key)
    text = given["Description"]
    caller.context.part(Records).change(KEYS, key["id"], description=text)


def tag(caller: Caller, given: Members) -> None:
    """Add tags to a key."""
    new_tags = _tags(given["Tags"])
    key, tags = _tagged(caller, given, "TagResource", tuple(new_tags))
    caller.context.part(Records).put(TAGS, key["id"], {**tags, **new_tags})


def untag(caller: Caller, given: Members) -> None:
    """Take tags from a key."""
    gone = tuple(given["TagKeys"])
    key, tags = _tagged(caller, given, "UntagResource", gone)
    kept = {name: value for name, value in tags.items() if name not in gone}
    caller.context.part(Records).put(TAGS, key["id"], kept)


def tags_of(caller: Caller, given: Members) -> Members:
    """List the tags of a key."""
    key = by_id(caller.context, caller.region, given["KeyId"])
    demand(caller, key, "ListResourceTags")
    tags = caller.context.part(Records).get(TAGS, key["id"]) or {}
    told = [{"TagKey": name, "TagValue": value} for name, value in tags.items()]
    return page("Tags", told, given)


def _tagged(
    caller: Caller, given: Members, operation: str, names: tuple[str, ...]
) -> tuple[Members, Any]:
    key = by_id(caller.context, caller.region, given["KeyId"])
    demand(caller, key, operation, {"aws:tagkeys": names})
    demand_there(key)
    return key, caller.context.part(Records).get(TAGS, key["id"]) or {}


def _tags(given: list[Members]) -> dict[str, str]:
    tags = {one["TagKey"]: one["TagValue"] for one in given}
    if len(tags) < len(given):
        raise AwsError("TagException", "Duplicate tag keys")
    if any(name.lower().startswith("aws:") for name in tags):
        raise AwsError("TagException", "Tag keys must not start with aws:")
    return tags


def managed(context: Context, region: str, service: str) -> Members:
    """Return the key that AWS manages for a service; it is made when first used."""
    records, name = context.part(Records), f"alias/aws/{service}"
    with records.lock:
        alias = records.get("kms-alias", f"{region} {name}")
        if alias:
            return find(context, region, alias["target"])
        policy = json.dumps(_managed_policy(region, service))
        key = new(context, region, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", policy)
        key |= {
            "manager": "AWS",
            "description": f"Default key that protects my {service.upper()} objects "
            "when no other key is defined",
        }
        keep(context, key)
        made = {"name": name, "region": region, "target": key["id"]}
        now = key["created"]
        dated = {**made, "created": now, "updated": now}
        records.put("kms-alias", f"{region} {name}", dated)
        return key


def _managed_policy(region: str, service: str) -> Members:
    return {
        "Version": "2012-10-17",
        "Id": f"auto-{service}-2",
        "Statement": [
            {
                "Sid": f"Allow access through {service.upper()} for all principals in "
                "the account that are authorized to use it",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:DescribeKey",
                ],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {
                        "kms:CallerAccount": ACCOUNT,
                        "kms:ViaService": f"{service}.{region}.amazonaws.com",
                    }
                },
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
                "Resource": "*",
            },
        ],
    }


OPERATIONS = {
    "CreateKey": create,
    "DescribeKey": describe,
    "ListKeys": listed,
    "UpdateKeyDescription": update_description,
    "TagResource": tag,
    "UntagResource": untag,
    "ListResourceTags": tags_of,
}
