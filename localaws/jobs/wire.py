"""The words between a job's owner, the keeper, and the job's supervisor.

The owner sends the keeper one byte and the file descriptors `OUTPUT`, `CONTROL` and
any that the job shall inherit from number 3 on. All else goes over the control socket
as JSON lines: first the request, then {"stop": grace} or {"kill": true}; back come
{"pid": n} and at the end {"exit": code, "cause": "..."}. The control socket reaches
its end only when no process of the job is left.
"""

import json
import socket
from typing import Any

MAX_DESCRIPTORS = 8
# of a model server: its orders in the environment, the header with its secret
ORDERS = "LOCALAWS_SERVER"
SECRET_HEADER = "x-localaws-server"
# where the descriptors do not start at number 3: which numbers they have
INHERITED = "LOCALAWS_INHERITED"
_CHUNK = 65_536


class Control:
    """One end of the control socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._pending = b""

    def fileno(self) -> int:
        """The file descriptor, for polling."""
        return self.sock.fileno()

    def send(self, **message: Any) -> None:
        """Send one message; a peer that is gone is not an error."""
        try:
            self.sock.sendall(json.dumps(message).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            return

    def read(self, size: int) -> bytes:
        """Wait for bytes; none at the end of the conversation."""
        return self.sock.recv(size)

    def receive(self) -> list[dict[str, Any]] | None:
        """Wait for something to arrive; None at the end of the conversation."""
        try:
            data = self.read(_CHUNK)
        except ConnectionResetError:
            data = b""
        if not data:
            return None
        *lines, self._pending = (self._pending + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def begins(self) -> bool:
        """Wait for the first word; False when the other side ends without one."""
        try:
            return bool(self.sock.recv(1, socket.MSG_PEEK))
        except ConnectionResetError:
            return False

    def close(self) -> None:
        """Close this end."""
        self.sock.close()
