"""Amazon S3: multipart uploads whose parts are encrypted."""

import secrets
from xml.etree import ElementTree

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.s3_address import bucket_of, option, tree
from localaws.services.s3_encryption import (
    customer,
    data_keys,
    segments,
    stored,
    wanted,
    writing,
)
from localaws.services.s3_encryption.answers import told
from localaws.services.s3_encryption.envelope import CUSTOMER, Envelope, seal
from localaws.services.s3_encryption.rewriting import checksum, content, rewritten
from localaws.wire import Request, Response


def create(context: Context, request: Request) -> Response:
    """Begin an upload."""
    how = wanted.read(request, bucket_of(request))
    if how.plain:
        # said now, so that a new default of the bucket does not name another key
        return context.moto(rewritten(request, b"", {wanted.HEADER: "AES256"}))
    return writing.begun(context, request, how, secrets.token_hex(8))


def envelope_of(request: Request) -> Envelope | None:
    """Return how the object of an upload is encrypted, or None."""
    text = stored.of_upload(bucket_of(request), option(request, "uploadId"))
    return Envelope.read(text) if text else None


def part(context: Context, request: Request) -> Response:
    """Store a part."""
    envelope = envelope_of(request)
    if envelope is None:
        return context.moto(request)
    response = part_of(context, request, envelope, content(request))
    return told(response, envelope)


def part_of(
    context: Context, request: Request, envelope: Envelope, body: bytes
) -> Response:
    """Encrypt a part under the data key of its upload, and store it."""
    own = customer.read(request)
    if (envelope.kind == CUSTOMER) != (own is not None):
        raise AwsError(
            "InvalidRequest",
            "The multipart upload initiate requested encryption. Subsequent part "
            "requests must include the appropriate encryption parameters.",
        )
    bucket = bucket_of(request)
    data_key = data_keys.opened(context, request, bucket, envelope, own)
    sealed, segment = seal(data_key, body)
    number = option(request, "partNumber")
    if number.isdigit():
        segments.keep(context, envelope.upload, int(number), segment)
    headers = {**checksum(request), **writing.forgotten()}
    return context.moto(rewritten(request, sealed, headers))


def complete(context: Context, request: Request) -> Response:
    """Make an object of the parts."""
    envelope = envelope_of(request)
    if envelope is None:
        return context.moto(request)
    bucket, upload = bucket_of(request), option(request, "uploadId")
    known = stored.parts(bucket, upload)
    listed = tree(request.body).iter("Part")
    given = [one.findtext("PartNumber") or "" for one in listed]
    numbers = [int(one) for one in given if one.isdigit()]
    segments.complete(context, envelope.upload, numbers)
    headers = writing.forgotten()
    response = context.moto(rewritten(request, request.body, headers))
    if response.status == 200 and not _failed(response):
        segments.forget(context, envelope.upload, known)
    return told(response, envelope)


def _failed(response: Response) -> bool:
    return ElementTree.fromstring(response.body).tag.rpartition("}")[2] == "Error"


def abort(context: Context, request: Request) -> Response:
    """Give an upload up."""
    envelope = envelope_of(request)
    known = stored.parts(bucket_of(request), option(request, "uploadId"))
    response = context.moto(request)
    if envelope is not None and response.status < 300:
        segments.forget(context, envelope.upload, known)
    return response


HANDLERS = {
    ("s3", "CreateMultipartUpload"): create,
    ("s3", "UploadPart"): part,
    ("s3", "CompleteMultipartUpload"): complete,
    ("s3", "AbortMultipartUpload"): abort,
}
