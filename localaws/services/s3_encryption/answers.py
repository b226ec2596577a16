"""Amazon S3: answers that say how an object is encrypted, and not how it is stored."""

from collections.abc import Mapping

from localaws.services.s3_encryption.customer import PREFIX
from localaws.services.s3_encryption.envelope import CUSTOMER, Envelope
from localaws.services.s3_encryption.stored import SEALED
from localaws.services.s3_encryption.wanted import BUCKET_KEY, HEADER, KEY
from localaws.wire import Response

_OWN = (SEALED, HEADER, KEY, BUCKET_KEY)


def told(
    response: Response,
    envelope: Envelope,
    changes: Mapping[str, str | None] | None = None,
) -> Response:
    """Return moto's answer with the headers that AWS gives.

    Args:
        response: Of moto; one that is an error is left alone.
        envelope: How the object is encrypted.
        changes: Other headers; None takes one away.
    """
    if response.status >= 400:
        return response
    headers = {name.lower(): value for name, value in _pairs(response)}
    for name in _OWN:
        headers.pop(name, None)
    for name, value in {**_encryption(envelope), **(changes or {})}.items():
        if value is None:
            headers.pop(name, None)
        else:
            headers[name] = value
    response.headers = headers
    return response


def _encryption(envelope: Envelope) -> dict[str, str]:
    if envelope.kind == CUSTOMER:
        return {f"{PREFIX}algorithm": "AES256", f"{PREFIX}key-md5": envelope.key}
    said = {HEADER: "aws:kms", KEY: envelope.key}
    return said | ({BUCKET_KEY: "true"} if envelope.bucket_key else {})


def _pairs(response: Response) -> list[tuple[str, str]]:
    headers = response.headers
    return [*headers.items()] if isinstance(headers, dict) else headers


def header(response: Response, name: str) -> str:
    """Return a header of an answer, or the empty string."""
    found = {key.lower(): value for key, value in _pairs(response)}
    return found.get(name, "")
