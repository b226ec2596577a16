"""Amazon S3: copies from or to what is encrypted, opened and encrypted anew."""

import base64
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode
from xml.etree import ElementTree

from botocore.exceptions import ClientError

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.s3_address import bucket_of, xml_response
from localaws.services.s3_encryption import (
    customer,
    data_keys,
    stored,
    uploads,
    wanted,
    writing,
)
from localaws.services.s3_encryption.answers import header
from localaws.services.s3_encryption.customer import CustomerKey
from localaws.services.s3_encryption.envelope import CUSTOMER, Envelope
from localaws.services.s3_encryption.rewriting import rewritten
from localaws.wire import Request, Response

_SOURCE = "x-amz-copy-source"
_CONDITIONS = {
    "if-match": "IfMatch",
    "if-none-match": "IfNoneMatch",
    "if-modified-since": "IfModifiedSince",
    "if-unmodified-since": "IfUnmodifiedSince",
}
_CONTENT = {
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "content-type": "ContentType",
}
_META = "x-amz-meta-"


class Source:
    """What a copy reads.

    Args:
        request: The copy.
    """

    def __init__(self, request: Request) -> None:
        path, _, query = request.header(_SOURCE).partition("?")
        self.bucket, _, self.key = unquote(path).lstrip("/").partition("/")
        self.version = parse_qs(query).get("versionId", [""])[0]
        self._request = request
        self.own = customer.read(request, customer.SOURCE)
        text = stored.of_object(self.bucket, self.key, self.version)
        self.envelope = Envelope.read(text) if text else None
        if self.envelope is not None or self.own is not None:
            needed = bool(self.envelope and self.envelope.kind == CUSTOMER)
            customer.demand(self.own, needed)

    @property
    def address(self) -> dict[str, str]:
        """Where it is, as boto3 is told."""
        where = {"Bucket": self.bucket, "Key": self.key}
        return where | ({"VersionId": self.version} if self.version else {})

    def read(self, context: Context) -> dict[str, Any]:
        """Return the object, opened for the caller, as boto3 does.

        Raises:
            AwsError: The caller may not use its key, or a condition is not met.
        """
        if self.envelope is not None:
            data_keys.opened(
                context, self._request, self.bucket, self.envelope, self.own
            )
        more = _customer(self.own) | {
            member: self._request.header(f"{_SOURCE}-{name}")
            for name, member in _CONDITIONS.items()
            if self._request.header(f"{_SOURCE}-{name}")
        }
        part = self._request.header(f"{_SOURCE}-range")
        if part:
            more["Range"] = part
        try:
            return context.aws.client("s3").get_object(**self.address, **more)
        except ClientError as error:
            raise _told(error) from error


def _customer(own: CustomerKey | None) -> dict[str, str]:
    if own is None:
        return {}
    secret = base64.b64encode(own.secret).decode()
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": secret} | {
        "SSECustomerKeyMD5": own.md5
    }


def _told(error: ClientError) -> AwsError:
    found, status = error.response["Error"], error.response["ResponseMetadata"]
    if status["HTTPStatusCode"] in (304, 412):
        return AwsError(
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            412,
        )
    return AwsError(found["Code"], found["Message"], status["HTTPStatusCode"])


def copy(context: Context, request: Request) -> Response:
    """Copy an object; what is encrypted is stored under a data key of its own."""
    source, how = Source(request), wanted.read(request, bucket_of(request))
    if source.envelope is None and how.plain:
        return context.moto(request)
    found = source.read(context)
    put = rewritten(
        request, found["Body"].read(), _headers(context, request, source, found)
    )
    response = writing.put(context, put)
    if response.status != 200:
        return response
    return _result("CopyObjectResult", context, response, source, found)


def _headers(
    context: Context, request: Request, source: Source, found: dict[str, Any]
) -> dict[str, str | None]:
    """Return the headers of the object that is stored instead of copied."""
    headers = _without_source(request)
    if request.header("x-amz-metadata-directive") != "REPLACE":
        own = [name for name in request.headers if name.startswith(_META)]
        headers |= dict.fromkeys(own)
        headers |= {name: found.get(member) for name, member in _CONTENT.items()}
        kept = found["Metadata"].items()
        headers |= {f"{_META}{name}": value for name, value in kept}
    if request.header("x-amz-tagging-directive") != "REPLACE":
        tags = context.aws.client("s3").get_object_tagging(**source.address)["TagSet"]
        text = urlencode({tag["Key"]: tag["Value"] for tag in tags})
        headers["x-amz-tagging"] = text or None
    return headers


def _without_source(request: Request) -> dict[str, str | None]:
    gone = [name for name in request.headers if name.startswith(_SOURCE)]
    gone += ["x-amz-metadata-directive", "x-amz-tagging-directive"]
    return dict.fromkeys(gone)


def part(context: Context, request: Request) -> Response:
    """Copy an object, or a range of it, into a part of an upload."""
    source, envelope = Source(request), uploads.envelope_of(request)
    if source.envelope is None and envelope is None:
        return context.moto(request)
    found = source.read(context)
    put = rewritten(request, found["Body"].read(), _without_source(request))
    if envelope is None:
        response = context.moto(put)
    else:
        response = uploads.part_of(context, put, envelope, put.body)
    if response.status != 200:
        return response
    return _result("CopyPartResult", context, response, source, found)


def _result(
    name: str,
    context: Context,
    response: Response,
    source: Source,
    found: dict[str, Any],
) -> Response:
    root = ElementTree.Element(name)
    now = context.clock.now()
    ElementTree.SubElement(root, "LastModified").text = f"{now:%Y-%m-%dT%H:%M:%S.000Z}"
    ElementTree.SubElement(root, "ETag").text = header(response, "etag")
    answer = xml_response(ElementTree.tostring(root))
    assert isinstance(answer.headers, dict)
    for one in ("x-amz-version-id", *_encryption_headers(response)):
        if header(response, one):
            answer.headers[one] = header(response, one)
    if "VersionId" in found:
        answer.headers["x-amz-copy-source-version-id"] = found["VersionId"]
    return answer


def _encryption_headers(response: Response) -> list[str]:
    assert isinstance(response.headers, dict) or response.headers is not None
    names = dict(response.headers)
    return [one.lower() for one in names if one.lower().startswith(wanted.HEADER)]


HANDLERS = {("s3", "CopyObject"): copy, ("s3", "UploadPartCopy"): part}
