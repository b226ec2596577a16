"""Amazon S3: lifecycles, run each midnight of the endpoint's clock."""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from localaws.services import s3_keys
from localaws.services.context import Context
from localaws.services.s3_address import bucket_of, malformed, tree, xml_response
from localaws.services.s3_rules import Rule, Version, midnight_after
from localaws.wire import Request, Response

_RECORD, _MOVED = "s3-lifecycle", "s3-transition"
_MINIMUM = "x-amz-transition-default-minimum-object-size"
_DEFAULT_MINIMUM = "all_storage_classes_128K"
_RULES = 1000


@dataclass(frozen=True)
class Lifecycle:
    """The configuration of one bucket.

    Attributes:
        document: As it was put.
        minimum: Which small objects move.
        rules: Its rules.
    """

    document: bytes
    minimum: str
    rules: list[Rule]


class Lifecycles:
    """The configurations of all buckets, and when they ran.

    Args:
        context: Where journal and clock are.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.found: dict[str, Lifecycle] = {}
        self.due = midnight_after(context.clock.now())

    def set(self, bucket: str, document: bytes, minimum: str) -> None:
        """Give a bucket a configuration; an empty document takes it away."""
        payload = {"bucket": bucket, "minimum": minimum}
        self._context.journal.record(_RECORD, payload, document)
        self.restore(payload, document)

    def restore(self, payload: dict[str, Any], body: bytes) -> None:
        """Take a configuration as it was written down."""
        if body:
            lifecycle = Lifecycle(body, payload["minimum"], _rules(body))
            self.found[payload["bucket"]] = lifecycle
        else:
            self.found.pop(payload["bucket"], None)

    def move(self, bucket: str, version: Version, storage: str) -> None:
        """Give a version another storage class."""
        payload = {"place": [bucket, version.key, version.id], "class": storage}
        self._context.journal.record(_MOVED, payload)
        s3_keys.set_storage_class(*payload["place"], storage)


def _rules(document: bytes) -> list[Rule]:
    if not document:
        return []
    elements = tree(document).findall("Rule")
    if not 1 <= len(elements) <= _RULES:
        raise malformed()
    return [Rule(element) for element in elements]


def put(context: Context, request: Request) -> Response:
    """Keep a bucket's configuration, which moto checks; it drops sizes."""
    _rules(request.body)
    response = context.moto(request)
    if response.status == 200:
        minimum = request.header(_MINIMUM) or _DEFAULT_MINIMUM
        context.part(Lifecycles).set(bucket_of(request), request.body, minimum)
    return response


def get(context: Context, request: Request) -> Response:
    """Return a bucket's configuration as it was put."""
    response = context.moto(request)
    found = context.part(Lifecycles).found.get(bucket_of(request))
    if response.status != 200 or found is None:
        return response
    answer = xml_response(found.document)
    answer.headers = {"Content-Type": "application/xml", _MINIMUM: found.minimum}
    return answer


def delete(context: Context, request: Request) -> Response:
    """Take a bucket's configuration away."""
    response = context.moto(request)
    if response.status < 300:
        context.part(Lifecycles).set(bucket_of(request), b"", "")
    return response


def tick(context: Context) -> dt.datetime | None:
    """Run every lifecycle at midnight, and return when the next midnight is."""
    lifecycles, now = context.part(Lifecycles), context.clock.now()
    if now >= lifecycles.due:
        lifecycles.due = midnight_after(now)
        for bucket, lifecycle in list(lifecycles.found.items()):
            try:
                _run(context, bucket, lifecycle, now)
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchBucket":
                    raise
                lifecycles.set(bucket, b"", "")
    return lifecycles.due if lifecycles.found else None


def _run(context: Context, bucket: str, lifecycle: Lifecycle, now: dt.datetime) -> None:
    rules = [rule for rule in lifecycle.rules if rule.enabled]
    for rule in rules:
        if rule.abort is not None:
            _abort(context, bucket, rule, now)
    small = lifecycle.minimum != _DEFAULT_MINIMUM
    for version in list(_versions(context, bucket)):
        fitting = [r for r in rules if r.covers(version)]
        fitting = [r for r in fitting if _tagged(context, bucket, version, r)]
        if any(rule.expires(version, now) for rule in fitting):
            _expire(context, bucket, version)
            continue
        targets = [rule.target(version, now, small=small) for rule in fitting]
        found = [target for target in targets if target]
        if found:
            context.part(Lifecycles).move(bucket, version, found[-1])


def _expire(context: Context, bucket: str, version: Version) -> None:
    """Delete a version; of the current one in a bucket with versions, hide it."""
    s3 = context.aws.client("s3")
    if version.since is None and not version.marker:
        s3.delete_object(Bucket=bucket, Key=version.key)
    else:
        s3.delete_object(Bucket=bucket, Key=version.key, VersionId=version.id)


def _tagged(context: Context, bucket: str, version: Version, rule: Rule) -> bool:
    if not rule.tags:
        return True
    if version.marker:
        return False
    known = {"VersionId": version.id} if version.id != "null" else {}
    found = context.aws.client("s3").get_object_tagging(
        Bucket=bucket, Key=version.key, **known
    )["TagSet"]
    return rule.tags.items() <= {tag["Key"]: tag["Value"] for tag in found}.items()


def _abort(context: Context, bucket: str, rule: Rule, now: dt.datetime) -> None:
    s3 = context.aws.client("s3")
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket)
    life = dt.timedelta(days=rule.abort or 0)
    for upload in itertools.chain.from_iterable(p.get("Uploads", ()) for p in pages):
        begun = upload["Initiated"]
        if upload["Key"].startswith(rule.prefix) and now >= midnight_after(
            begun + life
        ):
            s3.abort_multipart_upload(
                Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
            )


def _versions(context: Context, bucket: str) -> Iterator[Version]:
    """Yield every version of a bucket, with what came after it."""
    pages = context.aws.client("s3").get_paginator("list_object_versions")
    by_key: dict[str, list[dict[str, Any]]] = {}
    for page in pages.paginate(Bucket=bucket):
        for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            by_key.setdefault(version["Key"], []).append(version)
    for key, versions in by_key.items():
        # of one second, the one that S3 calls the latest is the newest
        versions.sort(key=lambda v: (v["IsLatest"], v["LastModified"]), reverse=True)
        newer = None
        for place, version in enumerate(versions):
            yield Version(
                key,
                version["VersionId"],
                version.get("Size", 0),
                version["LastModified"],
                version.get("StorageClass", "STANDARD"),
                "Size" not in version,
                newer,
                max(0, place - 1),
                len(versions) == 1,
            )
            newer = version["LastModified"]


HANDLERS = {
    ("s3", "PutBucketLifecycleConfiguration"): put,
    ("s3", "GetBucketLifecycleConfiguration"): get,
    ("s3", "DeleteBucketLifecycle"): delete,
}
RESTORERS = {
    _RECORD: lambda context, payload, body: context.part(Lifecycles).restore(
        payload, body
    ),
    _MOVED: lambda context, payload, body: s3_keys.set_storage_class(
        *payload["place"], payload["class"]
    ),
}
