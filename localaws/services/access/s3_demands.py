"""What S3's operations demand: actions, and the buckets and objects they mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from localaws.services.s3_address import bucket_of, key_of, option, tree
from localaws.wire import Request

# Operations on a bucket whose action has another name, or demands more than one.
_BUCKET = {
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
_OBJECT = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
    "HeadObject": "GetObject",
    "ListParts": "ListMultipartUploadParts",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}
# Actions that have a name of their own for a version that is asked for.
VERSIONED = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAttributes": "GetObjectVersionAttributes",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectTagging": "PutObjectVersionTagging",
}
# Every action that is demanded here: of objects, and all.
OBJECTS = {
    *_OBJECT.values(),
    *VERSIONED,
    *VERSIONED.values(),
    *("AbortMultipartUpload", "RestoreObject", "PutObjectAcl", "GetObjectAcl"),
}
ACTIONS = OBJECTS | {
    *_BUCKET.values(),
    *("CreateBucket", "DeleteBucket", "DeleteBucketPolicy", "GetBucketLocation"),
    *("GetBucketPolicy", "GetBucketPolicyStatus", "GetBucketTagging"),
    *("GetBucketVersioning", "PutBucketPolicy", "PutBucketTagging"),
    *("PutBucketVersioning",),
}
WRITES = ("PutObject", "CopyObject", "CreateMultipartUpload")


@dataclass(frozen=True)
class Demand:
    """One action on one bucket or object.

    Attributes:
        action: Without `s3:`.
        bucket: Its name.
        key: Of the object; empty for the bucket itself.
        version: That is asked for, or empty.
        reads: Whether an object is read, so that there has to be one.
    """

    action: str
    bucket: str
    key: str = ""
    version: str = ""
    reads: bool = False

    @property
    def resource(self) -> str:
        """The ARN that policies name."""
        if not self.bucket:
            return "*"
        return f"arn:aws:s3:::{self.bucket}{'/' if self.key else ''}{self.key}"


def demands(request: Request, operation: str) -> Iterator[Demand]:
    """Yield what an operation demands; `DeleteObjects` of each key by itself.

    Args:
        request: As it was sent.
        operation: What it asks for.
    """
    bucket, key = bucket_of(request), key_of(request)
    if operation == "ListBuckets":
        yield Demand("ListAllMyBuckets", "")
    elif operation == "DeleteObjects":
        for one in tree(request.body).iter("Object"):
            version = one.findtext("VersionId") or ""
            yield _object(operation, bucket, one.findtext("Key") or "", version)
    elif key:
        version = option(request, "versionId")
        yield _object(operation, bucket, key, version)
        yield from _more(request, operation, bucket, key, version)
    else:
        yield Demand(_BUCKET.get(operation, operation), bucket)


def _object(operation: str, bucket: str, key: str, version: str) -> Demand:
    action = _OBJECT.get(operation, operation)
    if version:
        action = VERSIONED.get(action, action)
    return Demand(
        action, bucket, key, version, operation in ("GetObject", "HeadObject")
    )


def _more(
    request: Request, operation: str, bucket: str, key: str, version: str
) -> Iterator[Demand]:
    source = source_of(request)
    if source:
        yield source
    if operation == "GetObjectAttributes":
        yield _object("GetObject", bucket, key, version)
    if operation in WRITES and request.header("x-amz-tagging"):
        yield Demand("PutObjectTagging", bucket, key)
    if operation in WRITES and request.header("x-amz-acl"):
        yield Demand("PutObjectAcl", bucket, key)


def source_of(request: Request) -> Demand | None:
    """Return what a copy reads, or None."""
    path, _, query = request.header("x-amz-copy-source").partition("?")
    if not path:
        return None
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    version = parse_qs(query).get("versionId", [""])[0]
    return _object("GetObject", bucket, key, version)
