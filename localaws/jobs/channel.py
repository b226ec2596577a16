"""The socket between a function and its owner.

Each message is a JSON header and a body, with their lengths in front.
"""

import json
import socket
import struct
from typing import Any

_LENGTHS = struct.Struct(">II")


class Channel:
    """One end of the socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        """Send one message."""
        head = json.dumps(header).encode()
        self.sock.sendall(_LENGTHS.pack(len(head), len(body)) + head + body)

    def receive(self) -> tuple[dict[str, Any], bytes]:
        """Wait for one message.

        Raises:
            EOFError: The other side has gone.
        """
        head, body = _LENGTHS.unpack(self._exactly(_LENGTHS.size))
        return json.loads(self._exactly(head)), self._exactly(body)

    def _exactly(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            piece = self.sock.recv(min(size - len(found), 1 << 20))
            if not piece:
                raise EOFError
            found += piece
        return bytes(found)
