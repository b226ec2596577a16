"""boto3 requests that this process answers itself, without a socket.

A request of the endpoint to itself over a socket would wait for a thread of its own
server, and enough requests at once would wait for each other for ever.
"""

import io
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from urllib3 import HTTPResponse
from werkzeug.test import run_wsgi_app

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def answer(application: WSGI, request: AWSPreparedRequest) -> AWSResponse:
    """Send a prepared request to a WSGI application.

    Args:
        application: Called in this thread.
        request: As botocore's event `before-send` gives it.
    """
    body, status, headers = run_wsgi_app(application, _environ(request), buffered=True)
    raw = HTTPResponse(
        io.BytesIO(b"".join(body)),
        headers=list(headers),
        status=int(status.split()[0]),
        preload_content=False,
        decode_content=False,
        request_method=request.method,
    )
    answered = AWSResponse(request.url, raw.status, raw.headers, raw)
    if not request.stream_output:
        # read at once, as botocore does
        _ = answered.content
    return answered


def _environ(request: AWSPreparedRequest) -> dict[str, Any]:
    url = urlsplit(request.url)
    target = url.path + (f"?{url.query}" if url.query else "")
    body = _body(request.body)
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path, "latin-1"),
        "QUERY_STRING": url.query,
        "REQUEST_URI": target,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": url.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        known = key in ("CONTENT_TYPE", "CONTENT_LENGTH")
        environ[key if known else f"HTTP_{key}"] = text
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return body.read() if hasattr(body, "read") else bytes(body)
