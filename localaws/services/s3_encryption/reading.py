"""Amazon S3: encrypted objects, opened for who may read them."""

import re

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.context import Context
from localaws.services.s3_address import bucket_of, key_of, option
from localaws.services.s3_encryption import customer, data_keys, segments, stored
from localaws.services.s3_encryption.answers import told
from localaws.services.s3_encryption.envelope import CUSTOMER, Envelope, unseal
from localaws.services.s3_encryption.rewriting import rewritten
from localaws.services.s3_encryption.writing import forgotten
from localaws.wire import Request, Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_CHECKSUMS = tuple(
    f"x-amz-checksum-{name}"
    for name in ("crc32", "crc32c", "crc64nvme", "sha1", "sha256", "type")
)


def _envelope(request: Request) -> Envelope | None:
    text = stored.of_object(
        bucket_of(request), key_of(request), option(request, "versionId")
    )
    return Envelope.read(text) if text else None


def get(context: Context, request: Request) -> Response:
    """Return an object, or a range of it, opened."""
    envelope, own = _envelope(request), customer.read(request)
    if envelope is None:
        _refuse_key(request, own)
        return context.moto(request)
    customer.demand(own, envelope.kind == CUSTOMER)
    if option(request, "partNumber"):
        raise NotImplementedHere(
            "s3:GetObject PartNumber of an object under a key of KMS or of yours",
            "returns that part",
        )
    bucket = bucket_of(request)
    data_key = data_keys.opened(context, request, bucket, envelope, own)
    response = context.moto(rewritten(request, b"", {"range": None, **forgotten()}))
    changes: dict[str, str | None] = {}
    if envelope.upload:
        changes = dict.fromkeys(_CHECKSUMS)
    if response.status == 200:
        body = unseal(data_key, response.body, segments.of(context, envelope))
        response.body = body
        if request.header("range"):
            changes |= _cut(response, request.header("range"))
        changes["content-length"] = str(len(response.body))
    return told(response, envelope, changes)


def _refuse_key(request: Request, own: customer.CustomerKey | None) -> None:
    """Refuse a key for an object that is there, and needs none."""
    if own is not None:
        customer.demand(own, needed=False)


def _cut(response: Response, wanted: str) -> dict[str, str | None]:
    """Cut a range out of an answer, and return what its headers say of it."""
    found, size = _RANGE.fullmatch(wanted.strip()), len(response.body)
    if found is None or found[0] == "bytes=-":
        return {}
    first, last = found[1], found[2]
    begin = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if begin >= size:
        raise AwsError("InvalidRange", "The requested range is not satisfiable", 416)
    if begin > end:
        return {}
    response.status, response.body = 206, response.body[begin : end + 1]
    told_range = {"content-range": f"bytes {begin}-{end}/{size}"}
    return {**dict.fromkeys(_CHECKSUMS), **told_range}


def head(context: Context, request: Request) -> Response:
    """Say what an object is; a key of the customer's is needed for that too."""
    envelope, own = _envelope(request), customer.read(request)
    if envelope is None:
        _refuse_key(request, own)
        return context.moto(request)
    customer.demand(own, envelope.kind == CUSTOMER)
    if own is not None or request.header("x-amz-checksum-mode"):
        data_keys.opened(context, request, bucket_of(request), envelope, own)
    response = context.moto(rewritten(request, b"", forgotten()))
    changes = dict.fromkeys(_CHECKSUMS) if envelope.upload else {}
    return told(response, envelope, changes)


def attributes(context: Context, request: Request) -> Response:
    """Say what an object is, in parts that are asked for."""
    envelope, own = _envelope(request), customer.read(request)
    if envelope is None:
        _refuse_key(request, own)
        return context.moto(request)
    customer.demand(own, envelope.kind == CUSTOMER)
    data_keys.opened(context, request, bucket_of(request), envelope, own)
    response = context.moto(rewritten(request, b"", forgotten()))
    if envelope.upload:
        response.body = re.sub(b"<Checksum>.*</Checksum>", b"", response.body)
    return response


HANDLERS = {
    ("s3", "GetObject"): get,
    ("s3", "HeadObject"): head,
    ("s3", "GetObjectAttributes"): attributes,
}
