"""A keeper that somebody else has forked, in a process namespace of its own.

A sealed endpoint starts no interpreter: its keeper stands behind walls before a line of
a learner's code runs, and a second one would stand outside of them. So a keeper that
was killed is not replaced.

The keeper and its jobs number processes as their namespace does. The kernel tells the
owner which of its own numbers a message comes from.
"""

import contextlib
import json
import socket
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from localaws.jobs.errors import JobError
from localaws.jobs.parent import Parent
from localaws.jobs.wire import Control

KILLED = (
    "the process that holds the jobs of this sealed endpoint was killed: none of them "
    "runs any more, and no other can start"
)
_CREDENTIALS = struct.Struct("3i")


class Translated(Control):
    """A control socket whose peer lives in a process namespace below this one."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._sender = 0

    def read(self, size: int) -> bytes:
        """Wait for bytes, and note which process has sent them."""
        room = socket.CMSG_SPACE(_CREDENTIALS.size)
        data, told, *_ = self.sock.recvmsg(size, room)
        for _, kind, payload in told:
            if kind == socket.SCM_CREDENTIALS:
                self._sender, *_ = _CREDENTIALS.unpack(payload)
        return data

    def receive(self) -> list[dict[str, Any]] | None:
        """Wait for something to arrive, with the process ids as they are here."""
        messages = super().receive()
        for message in messages or []:
            if "pid" in message:
                message["pid"] = _child(self._sender, message["pid"])
            if "supervisor" in message:
                message["supervisor"] = self._sender
        return messages


class AdoptedParent(Parent):
    """Starts jobs by the one keeper that there is.

    Args:
        keeper: The owner's end of its socket.
        environ: The environment that its interpreter started with.
    """

    control = Translated

    def __init__(self, keeper: socket.socket, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._keeper = keeper
        hello = keeper.recv(1 << 20)
        if not hello:
            raise JobError(KILLED)
        self._hello: dict[str, Any] = json.loads(hello)

    @property
    def warm(self) -> bool:
        """Whether jobs are forked, not started cold."""
        return bool(self._hello["warm"])

    def ready(self, timeout: float) -> bool:
        """Return that jobs can start."""
        return True

    def also(self, preload: Sequence[str]) -> Parent:
        """Return a parent whose keeper is the same: it has what it has imported.

        Args:
            preload: Not heeded.
        """
        return _Lent(self)

    def close(self) -> None:
        """End the keeper and every job that it holds."""
        with contextlib.suppress(OSError):
            self._keeper.shutdown(socket.SHUT_RDWR)

    def _await(
        self, broken: socket.socket | None
    ) -> tuple[socket.socket, dict[str, Any]]:
        if broken is not None:
            raise JobError(KILLED)
        return self._keeper, self._hello


class _Lent(AdoptedParent):
    """The same keeper for another holder, who does not end it."""

    def __init__(self, parent: AdoptedParent) -> None:
        Parent.__init__(self, parent._environ)
        self._keeper, self._hello = parent._keeper, parent._hello

    def close(self) -> None:
        """Leave the keeper to its owner."""


def _child(parent: int, inner: int) -> int | None:
    """Return the number here of a process's child, known below by another."""
    with contextlib.suppress(OSError):
        listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for child in listed:
            status = Path(f"/proc/{child}/status").read_text()
            numbers = status.partition("\nNSpid:")[2].partition("\n")[0].split()
            if numbers and int(numbers[-1]) == inner:
                return int(child)
    return None
