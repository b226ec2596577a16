"""Condition keys of S3: of a request's headers and query, and of what it means."""

from urllib.parse import parse_qs, parse_qsl
from xml.etree import ElementTree

from moto.s3.models import FakeBucket, FakeKey, s3_backends

from localaws.hosts import PLAIN
from localaws.services.access.keys import Keys
from localaws.services.access.s3_demands import WRITES, Demand
from localaws.services.access.who import ACCOUNT
from localaws.services.s3_address import option
from localaws.wire import Request

_HEADERS = (
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-write",
    "x-amz-metadata-directive",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
)
_LISTS = {"prefix": "prefix", "delimiter": "delimiter", "max-keys": "max-keys"}
_KMS = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_SSE = "s3:x-amz-server-side-encryption"
# That of an AWS client of today; nothing is encrypted on the way to 127.0.0.1.
_TLS = "1.3"
_PARTS = ("UploadPart", "UploadPartCopy", "CompleteMultipartUpload")


def of_request(request: Request, operation: str, bucket: str) -> Keys:
    """Return the condition keys that a request itself gives.

    Args:
        request: As it was sent.
        operation: What it asks for.
        bucket: Whose region is meant; empty for none.
    """
    presigned = "authorization" not in request.headers
    told = {f"s3:{name}": request.header(name) for name in _HEADERS}
    told["s3:authtype"] = "REST-QUERY-STRING" if presigned else "REST-HEADER"
    told["s3:signatureversion"] = "AWS4-HMAC-SHA256"
    told["s3:resourceaccount"] = ACCOUNT
    told["s3:tlsversion"] = "" if option(request, PLAIN) else "1.3"
    told["s3:tlsversion"] = "" if option(request, PLAIN) else _TLS
    if told["s3:x-amz-server-side-encryption"] and told[_KMS]:
        told[_KMS] = _arn(request, told[_KMS])
    found = s3_backends[ACCOUNT]["aws"].buckets.get(bucket)
    if found is not None:
        told["aws:requestedregion"] = found.region_name
        if operation in _PARTS:
            told |= _of_upload(found, option(request, "uploadId"))
    if operation.startswith("List"):
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        listed = {f"s3:{key}": query.get(name) for name, key in _LISTS.items()}
        told |= {key: text for key, text in listed.items() if text is not None}
    if operation == "CreateBucket":
        told["s3:locationconstraint"] = constraint(request.body)
    keys = {key: (text,) for key, text in told.items() if text or key == "s3:prefix"}
    return keys | _request_tags(request, operation)


def of_object(demand: Demand) -> Keys:
    """Return the condition keys of the object that is meant."""
    found = find(demand)
    if found is None:
        return {}
    tags = s3_backends[ACCOUNT]["aws"].tagger.get_tag_dict_for_resource(found.arn)
    keys = {f"s3:existingobjecttag/{key.lower()}": (tags[key],) for key in tags}
    if demand.version:
        keys["s3:versionid"] = (demand.version,)
    return keys


def find(demand: Demand) -> FakeKey | None:
    """Return the object that is meant, or None."""
    bucket = s3_backends[ACCOUNT]["aws"].buckets.get(demand.bucket)
    versions = bucket.keys.getlist(demand.key, []) if bucket and demand.key else []
    for found in reversed(versions):
        if not demand.version or str(found.version_id) == demand.version:
            return found if isinstance(found, FakeKey) else None
    return None


def constraint(body: bytes) -> str:
    """Return the region that the body of CreateBucket asks for, or nothing."""
    try:
        root = ElementTree.fromstring(body) if body else None
    except ElementTree.ParseError:
        return ""
    for element in [] if root is None else root.iter():
        if element.tag.rpartition("}")[2] in ("LocationConstraint", "Location"):
            return (element.text or "").strip()
    return ""


def _arn(request: Request, key: str) -> str:
    assert request.scope is not None
    if key.startswith(("arn:", "alias/")):
        return key
    return f"arn:aws:kms:{request.scope[1]}:{ACCOUNT}:key/{key}"


def _of_upload(bucket: FakeBucket, upload: str) -> dict[str, str]:
    """Return how an upload was begun: its parts carry no headers of their own."""
    found = bucket.multiparts.get(upload)
    if found is None or not found.sse_encryption:
        return {}
    return {_SSE: found.sse_encryption, _KMS: found.kms_key_id or ""}


def _request_tags(request: Request, operation: str) -> Keys:
    if operation in WRITES:
        given = parse_qs(request.header("x-amz-tagging"), keep_blank_values=True)
        tags = {key: values[0] for key, values in given.items()}
    elif operation == "PutObjectTagging":
        tags = _tags(request.body)
    else:
        return {}
    keys = {f"s3:requestobjecttag/{key.lower()}": (tags[key],) for key in tags}
    return keys | ({"s3:requestobjecttagkeys": tuple(tags)} if tags else {})


def _tags(body: bytes) -> dict[str, str]:
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return {}
    texts = [
        (element.tag.rpartition("}")[2], element.text or "") for element in root.iter()
    ]
    keys = [text for name, text in texts if name == "Key"]
    return dict(
        zip(keys, [text for name, text in texts if name == "Value"], strict=False)
    )
