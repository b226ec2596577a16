"""JSON lines over a socket, with a limit on time and size."""

import json
import socket
import time
from typing import Any, NoReturn

JSON = dict[str, Any]
CHUNK = 1 << 16


class Broken(Exception):
    """Says why nothing more is to be had from the other side."""


class Gone(Broken):
    """The other side has ended."""


class Late(Broken):
    """The other side did not answer in time."""


class Unfit(Broken):
    """What came is too long, or not a JSON object."""


class Lines:
    """One side of a connection on which each line is a JSON object."""

    def __init__(self, sock: socket.socket, most: int = 48 << 20) -> None:
        self.sock, self.most = sock, most
        self._held = bytearray()

    def send(self, document: JSON, seconds: float | None = None) -> None:
        """Send an object.

        Raises:
            Broken: if the other side has gone, or does not take it in time.
        """
        line = json.dumps(document).encode() + b"\n"
        self.sock.settimeout(seconds)
        try:
            self.sock.sendall(line)
        except TimeoutError:
            raise Late("it takes nothing more") from None
        except OSError as error:
            raise Gone(str(error)) from None

    def receive(self, seconds: float | None = None) -> JSON:
        """Wait for the next object.

        Raises:
            Broken: if none comes in time, or what comes is not one.
        """
        end = None if seconds is None else time.monotonic() + seconds
        seen = 0
        while (at := self._held.find(b"\n", seen)) < 0:
            seen = len(self._held)
            if seen > self.most:
                raise Unfit(f"a line of more than {self.most >> 20} MiB")
            self._held += self._chunk(end)
        line = bytes(self._held[:at])
        del self._held[: at + 1]
        return read(line)

    def _chunk(self, end: float | None) -> bytes:
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0:
            raise Late("no answer in time")
        self.sock.settimeout(left)
        try:
            chunk = self.sock.recv(CHUNK)
        except TimeoutError:
            raise Late("no answer in time") from None
        except OSError as error:
            raise Gone(str(error)) from None
        if not chunk:
            raise Gone("the connection was closed")
        return chunk


def read(line: bytes) -> JSON:
    """Read a line of JSON.

    Raises:
        Unfit: if it is not an object, or is none that JSON allows.
    """
    try:
        document = json.loads(line, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Unfit(f"no JSON: {str(error)[:200]}") from None
    if not isinstance(document, dict):
        raise Unfit(f"a {type(document).__name__}, not an object")
    return document


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
