"""Amazon S3: objects that are encrypted before moto, and the journal, see them."""

import base64
import dataclasses
import hashlib

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.s3_address import bucket_of
from localaws.services.s3_encryption import data_keys, wanted
from localaws.services.s3_encryption.answers import told
from localaws.services.s3_encryption.customer import PREFIX
from localaws.services.s3_encryption.envelope import KMS, Envelope, seal
from localaws.services.s3_encryption.rewriting import checksum, content, rewritten
from localaws.services.s3_encryption.stored import SEALED
from localaws.services.s3_encryption.wanted import (
    BUCKET_KEY,
    HEADER,
    KEY,
    PAIRS,
    Wanted,
)
from localaws.wire import Request, Response


def put(context: Context, request: Request) -> Response:
    """Store an object, encrypted as it is wanted."""
    how = wanted.read(request, bucket_of(request))
    if how.plain:
        return context.moto(request)
    body = content(request)
    _check_md5(request, body)
    data_key, envelope = data_keys.make(context, request, how)
    sealed, segment = seal(data_key, body)
    envelope = dataclasses.replace(envelope, segments=(segment,))
    headers = {**checksum(request), **stored_headers(envelope)}
    return told(context.moto(rewritten(request, sealed, headers)), envelope)


def stored_headers(envelope: Envelope) -> dict[str, str | None]:
    """Return the headers with which moto stores what is encrypted."""
    by_kms = envelope.kind == KMS
    return {
        SEALED: envelope.text(),
        HEADER: KMS if by_kms else None,
        KEY: envelope.key if by_kms else None,
        BUCKET_KEY: "true" if envelope.bucket_key else None,
        PAIRS: None,
        **forgotten(),
    }


def forgotten() -> dict[str, str | None]:
    """Return headers that take the customer's key away."""
    return dict.fromkeys(f"{PREFIX}{name}" for name in ("algorithm", "key", "key-md5"))


def _check_md5(request: Request, body: bytes) -> None:
    given = request.header("content-md5")
    digest = hashlib.md5(body, usedforsecurity=False).digest()
    if given and given != base64.b64encode(digest).decode():
        raise AwsError(
            "BadDigest", "The Content-MD5 you specified did not match what we received."
        )


def begun(context: Context, request: Request, how: Wanted, token: str) -> Response:
    """Begin an upload whose parts will be encrypted under one data key."""
    _, envelope = data_keys.make(context, request, how)
    envelope = dataclasses.replace(envelope, upload=token)
    headers = stored_headers(envelope)
    return told(context.moto(rewritten(request, b"", headers)), envelope)


HANDLERS = {("s3", "PutObject"): put}
