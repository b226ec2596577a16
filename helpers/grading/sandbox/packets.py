"""Messages that keep their borders and carry descriptors: JSON over SEQPACKET."""

import json
import os
import socket
from collections.abc import Sequence
from typing import Any

MAXIMUM = 128 << 10
_DESCRIPTORS = 16


class Packets:
    """One end of a connection between two trusted processes."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    @classmethod
    def pair(cls) -> tuple["Packets", socket.socket]:
        """Make a connection: one end, and the bare socket of the other."""
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for one in (near, far):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MAXIMUM)
        return cls(near), far

    def fileno(self) -> int:
        """The descriptor, for polling."""
        return self._sock.fileno()

    def send(
        self,
        message: dict[str, Any],
        descriptors: Sequence[int] = (),
        seconds: float | None = None,
    ) -> None:
        """Send a message; its descriptors are duplicated.

        Raises:
            OSError: The other side is gone, or the message is too long.
        """
        self._sock.settimeout(seconds)
        socket.send_fds(self._sock, [json.dumps(message).encode()], list(descriptors))

    def receive(self, seconds: float | None = None) -> tuple[dict[str, Any], list[int]]:
        """Wait for a message, and for the descriptors that came with it.

        Raises:
            EOFError: The other side is gone.
            TimeoutError: Nothing came in time.
        """
        self._sock.settimeout(seconds)
        try:
            data, descriptors, *_ = socket.recv_fds(self._sock, MAXIMUM, _DESCRIPTORS)
        except ConnectionResetError:
            # told once, before what the other side had sent until then
            data, descriptors, *_ = socket.recv_fds(self._sock, MAXIMUM, _DESCRIPTORS)
        for one in descriptors:
            os.set_inheritable(one, False)
        if not data:
            for one in descriptors:
                os.close(one)
            raise EOFError
        return json.loads(data), descriptors

    def close(self) -> None:
        """Close this end."""
        self._sock.close()
