"""The little of HTTP/1.1 that a model server and its client speak with each other.

Bodies have a Content-Length, connections stay open. The standard library's server and
client parse headers as mail, which costs more than a small model's prediction.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

_LINE = 65_536
_HEADERS = 200
BODY_LIMIT = 256 * 2**20
_TOGETHER = 65_536
_REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 403: "Forbidden"}


class ProtocolError(ValueError):
    """The other side does not speak HTTP/1.1 as agreed."""


@dataclass(frozen=True)
class Message:
    """A request or a response.

    Attributes:
        start: the three words of the first line.
        headers: names in lower case.
        body: the bytes.
    """

    start: tuple[str, str, str]
    headers: Mapping[str, str]
    body: bytes


def read(stream: BinaryIO) -> Message | None:
    """Read one message; None when the other side has closed.

    Raises:
        ProtocolError: what arrives is not HTTP, or too large.
    """
    first = stream.readline(_LINE)
    if not first:
        return None
    words = first.decode("latin-1").rstrip("\r\n").split(" ", 2)
    if len(words) != 3:
        raise ProtocolError("the first line is not HTTP/1.1")
    headers: dict[str, str] = {}
    while (line := stream.readline(_LINE)) not in (b"\r\n", b"\n"):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or len(headers) > _HEADERS:
            raise ProtocolError("a header line is not HTTP/1.1")
        headers[name.lower()] = value.strip()
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > BODY_LIMIT:
        raise ProtocolError(f"Content-Length is {length[:20]!r}")
    if "transfer-encoding" in headers:
        raise ProtocolError("Transfer-Encoding is not spoken here")
    body = stream.read(int(length))
    if len(body) < int(length):
        raise ProtocolError("the message is cut short")
    return Message((words[0], words[1], words[2]), headers, body)


def send(
    sock: socket.socket, first: str, headers: Mapping[str, str], body: bytes
) -> None:
    """Send one message.

    Raises:
        ProtocolError: a header would break out of its line.
    """
    lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
    lines.append(f"Content-Length: {len(body)}")
    if any("\n" in line or "\r" in line for line in lines):
        raise ProtocolError("a header holds a line break")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
    if len(body) <= _TOGETHER:
        sock.sendall(head + body)
    else:
        sock.sendall(head)
        sock.sendall(body)


def send_response(
    sock: socket.socket, status: int, body: bytes, content_type: str
) -> None:
    """Send a response."""
    reason = _REASONS.get(status, "Error")
    send(sock, f"HTTP/1.1 {status} {reason}", {"Content-Type": content_type}, body)
