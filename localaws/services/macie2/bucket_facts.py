"""What Macie knows of a bucket: encryption, access, tags, objects."""

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator

from botocore.exceptions import ClientError

from localaws.pii.discovery.selection import CLASSES, extension
from localaws.services.context import Context
from localaws.services.macie2.documents import Members

_TEXTS = ("csv", "tsv", "json", "jsonl", "ndjson", "txt", "log", "md", "html", "htm")
_READABLE = frozenset((*_TEXTS, "xml", "parquet", "avro", "gz", "zip"))
_PUBLIC = "http://acs.amazonaws.com/groups/global/AllUsers"
_BLOCKS = {
    "BlockPublicAcls": "blockPublicAcls",
    "BlockPublicPolicy": "blockPublicPolicy",
    "IgnorePublicAcls": "ignorePublicAcls",
    "RestrictPublicBuckets": "restrictPublicBuckets",
}


def _asked(call: Callable[..., Members], **given: str) -> Members:
    with contextlib.suppress(ClientError):
        return call(**given)
    return {}


def _encryption(context: Context, name: str) -> tuple[str, str | None]:
    call = context.aws.client("s3").get_bucket_encryption
    found = _asked(call, Bucket=name).get("ServerSideEncryptionConfiguration", {})
    for rule in found.get("Rules", []):
        default = rule.get("ApplyServerSideEncryptionByDefault", {})
        return default["SSEAlgorithm"], default.get("KMSMasterKeyID")
    return "AES256", None


def _tags(context: Context, name: str) -> list[Members]:
    call = context.aws.client("s3").get_bucket_tagging
    found = _asked(call, Bucket=name).get("TagSet", [])
    return [{"key": one["Key"], "value": one["Value"]} for one in found]


def _access(context: Context, name: str) -> Members:
    s3 = context.aws.client("s3")
    block = _asked(s3.get_public_access_block, Bucket=name)
    found = block.get("PublicAccessBlockConfiguration", {})
    blocks = {ours: found.get(theirs, False) for theirs, ours in _BLOCKS.items()}
    grants = _asked(s3.get_bucket_acl, Bucket=name).get("Grants", [])
    everyone = {g["Permission"] for g in grants if g["Grantee"].get("URI") == _PUBLIC}
    acl = {
        "allowsPublicReadAccess": bool(everyone & {"READ", "FULL_CONTROL"}),
        "allowsPublicWriteAccess": bool(everyone & {"WRITE", "FULL_CONTROL"}),
    }
    actions = set(_open_actions(_asked(s3.get_bucket_policy, Bucket=name)))
    policy = {
        "allowsPublicReadAccess": bool(actions & {"s3:GetObject", "s3:*", "*"}),
        "allowsPublicWriteAccess": bool(actions & {"s3:PutObject", "s3:*", "*"}),
    }
    by_acl = any(acl.values()) and not blocks["ignorePublicAcls"]
    by_policy = any(policy.values()) and not blocks["restrictPublicBuckets"]
    return {
        "effectivePermission": "PUBLIC" if by_acl or by_policy else "NOT_PUBLIC",
        "permissionConfiguration": {
            "bucketLevelPermissions": {
                "blockPublicAccess": blocks,
                "accessControlList": acl,
                "bucketPolicy": policy,
            }
        },
    }


def _open_actions(answer: Members) -> Iterator[str]:
    """Yield what a bucket policy lets everybody do, without a condition."""
    for one in json.loads(answer.get("Policy", "{}")).get("Statement", []):
        everybody = one.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        if one["Effect"] == "Allow" and everybody and "Condition" not in one:
            actions = one.get("Action", [])
            yield from [actions] if isinstance(actions, str) else actions


def shown_bucket(context: Context, name: str) -> Members:
    """Return a bucket as a finding shows it."""
    kind, key = _encryption(context, name)
    created = {
        one["Name"]: one["CreationDate"]
        for one in context.aws.client("s3").list_buckets()["Buckets"]
    }
    sealed = {"encryptionType": kind, "kmsMasterKeyId": key}
    return {
        "arn": f"arn:aws:s3:::{name}",
        "name": name,
        "createdAt": created.get(name),
        "defaultServerSideEncryption": sealed,
        "publicAccess": _access(context, name),
        "tags": _tags(context, name),
        "allowsUnencryptedObjectUploads": "FALSE",
    }


def inventory(context: Context, name: str) -> Members:
    """Return a bucket as DescribeBuckets shows it, its jobs aside."""
    kind, key = _encryption(context, name)
    shown = shown_bucket(context, name)
    versioning = _asked(context.aws.client("s3").get_bucket_versioning, Bucket=name)
    sealed = {"type": kind, "kmsMasterKeyId": key}
    return {
        "bucketName": name,
        "bucketArn": shown["arn"],
        "bucketCreatedAt": shown["createdAt"],
        "publicAccess": shown["publicAccess"],
        "tags": shown["tags"],
        "allowsUnencryptedObjectUploads": "FALSE",
        "serverSideEncryption": sealed,
        "versioning": versioning.get("Status") == "Enabled",
        "replicationDetails": {"replicated": False, "replicatedExternally": False},
        "sharedAccess": "NOT_SHARED",
        **_objects(context, name),
    }


def _objects(context: Context, name: str) -> Members:
    s3, count, size, packed = context.aws.client("s3"), Counter[str](), 0, 0
    sizes: Counter[str] = Counter()
    encryption = Counter[str]()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=name)
    for one in (item for page in pages for item in page.get("Contents", ())):
        why = _unclassifiable(one)
        count[why] += 1
        sizes[why] += one["Size"]
        size += one["Size"]
        packed += one["Size"] if extension(one["Key"]) in ("gz", "zip") else 0
        head = _asked(s3.head_object, Bucket=name, Key=one["Key"])
        encryption[_sealed(head)] += 1
    bad = {name: count[name] for name in ("fileType", "storageClass")}
    heavy = {name: sizes[name] for name in ("fileType", "storageClass")}
    return {
        "objectCount": count.total(),
        "sizeInBytes": size,
        "sizeInBytesCompressed": packed,
        "classifiableObjectCount": count[""],
        "classifiableSizeInBytes": sizes[""],
        "unclassifiableObjectCount": {**bad, "total": sum(bad.values())},
        "unclassifiableObjectSizeInBytes": {**heavy, "total": sum(heavy.values())},
        "objectCountByEncryptionType": dict(encryption),
    }


def _unclassifiable(one: Members) -> str:
    if one.get("StorageClass", "STANDARD") not in CLASSES:
        return "storageClass"
    ending = extension(one["Key"])
    return "" if not ending or ending in _READABLE else "fileType"


def _sealed(head: Members) -> str:
    if "SSECustomerAlgorithm" in head:
        return "customerManaged"
    kinds = {"AES256": "s3Managed", "aws:kms": "kmsManaged"}
    return kinds.get(head.get("ServerSideEncryption", ""), "unencrypted")
