"""Amazon S3: requests with other headers and another body, for moto."""

import io
import re
from collections.abc import Mapping

from localaws.wire import Request

# Of the body as it was sent, and of keys that nobody else may see.
_GONE = (
    "content-md5",
    "expect",
    "transfer-encoding",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
)
_SIGNED = re.compile(r"SignedHeaders=([^,\s]*)")
_CHECKSUM = re.compile(rb"x-amz-checksum-(\w+):([A-Za-z0-9+/=]+)")
_ALGORITHM = "x-amz-sdk-checksum-algorithm"


def rewritten(
    request: Request, body: bytes, headers: Mapping[str, str | None], **more: str
) -> Request:
    """Return a request with another body and other headers.

    Args:
        request: The request.
        body: What it is to carry, without marks of chunks.
        headers: Values by name in lower case; None takes a header away.
        more: Other members of its environment, such as REQUEST_METHOD.
    """
    environ = {**request.environ, **more}
    changes: dict[str, str | None] = {
        **dict.fromkeys(_GONE),
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        **_plain_encoding(request),
        **headers,
    }
    for name, value in changes.items():
        place = _place(name)
        if value is None:
            environ.pop(place, None)
        else:
            environ[place] = value
    scored = [name for name, value in headers.items() if "_" in name and value]
    if scored and "HTTP_AUTHORIZATION" in environ:
        environ["HTTP_AUTHORIZATION"] = _SIGNED.sub(
            lambda found: f"{found[0]};{';'.join(scored)}",
            environ["HTTP_AUTHORIZATION"],
        )
    environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    return Request.read(environ)


def _place(name: str) -> str:
    """Return where WSGI keeps a header."""
    place = name.upper().replace("-", "_")
    return place if place in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{place}"


def _plain_encoding(request: Request) -> dict[str, str | None]:
    given = request.header("content-encoding")
    kept = [one for one in given.split(",") if one.strip() not in ("", "aws-chunked")]
    return {"content-encoding": ",".join(kept) or None}


def content(request: Request) -> bytes:
    """Return the body of a request without marks of chunks."""
    sent = request.header("x-amz-content-sha256")
    chunked = "aws-chunked" in request.header("content-encoding")
    if not sent.startswith("STREAMING-") and not chunked:
        return request.body
    pieces, rest = [], io.BytesIO(request.body)
    while size := int(rest.readline().split(b";")[0].strip() or b"0", 16):
        pieces.append(rest.read(size))
        rest.readline()
    return b"".join(pieces)


def checksum(request: Request) -> dict[str, str | None]:
    """Return the headers of a checksum that came behind the body.

    moto would make one of what is stored, if none is told.
    """
    algorithm = request.header(_ALGORITHM).lower()
    if not algorithm or request.header(f"x-amz-checksum-{algorithm}"):
        return {}
    found = _CHECKSUM.search(request.body[-256:])
    if found is None:
        return {_ALGORITHM: None}
    return {f"x-amz-checksum-{found[1].decode()}": found[2].decode()}
