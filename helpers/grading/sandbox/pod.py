"""A pod, seen from the grader: rooms with roles, and what became of them."""

import base64
import contextlib
import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from helpers.grading.sandbox.packets import Packets

_PATIENCE = 30.0


@dataclass(frozen=True)
class Usage:
    """What a pod uses, or used when it ended.

    Attributes:
        memory_bytes: Memory of all its processes together.
        peak_bytes: The most of it that was seen.
        cpu_seconds: CPU time, with that of processes that have ended.
        processes: How many there are.
        waited_seconds: How long a role, the longest of them, had no processor.
    """

    memory_bytes: int = 0
    peak_bytes: int = 0
    cpu_seconds: float = 0.0
    processes: int = 0
    waited_seconds: float = 0.0

    @property
    def memory_mb(self) -> float:
        """The most memory that was seen, in MB."""
        return self.peak_bytes / 1e6


class PodLost(RuntimeError):
    """The pod has ended; `Pod.stopped` tells why, if it was a limit."""


class Pod:
    """One run of one submission: namespaces that its roles share."""

    def __init__(self, owner: Packets, ended: Callable[[], None]) -> None:
        """Take charge of a pod.

        Args:
            owner: The connection to its first process.
            ended: Waits until nothing is left of the pod.
        """
        self._owner = owner
        self._await_end = ended
        self._usage = Usage()
        self._outputs: dict[str, bytes] = {}
        self._exits: dict[str, int] = {}
        self._told: str | None = None
        self._over = False
        self._closed = False
        self._lines: list[socket.socket] = []

    def spawn(
        self,
        role: str,
        settings: dict[str, Any],
        descriptors: Sequence[int] = (),
        room: str = "",
    ) -> socket.socket:
        """Start a role in a room of its own.

        Args:
            role: Its name.
            settings: What its function `run` is given, as JSON.
            descriptors: Open files that it gets too, as `settings["descriptors"]`.
            room: Another room than the role's own.

        Returns:
            A connected stream socket to it; the end of the pod closes it.

        Raises:
            PodLost: The pod has ended.
        """
        near, far = socket.socketpair()
        self._exits.pop(role, None)
        request = {"role": role, "settings": settings, "room": room}
        try:
            with far:
                self._owner.send(request, [far.fileno(), *descriptors], _PATIENCE)
            self._take_until("spawned")
        except (OSError, EOFError) as error:
            near.close()
            raise PodLost(self.stopped or "the pod could not be made") from error
        self._lines.append(near)
        return near

    def usage(self) -> Usage:
        """Tell what the pod uses, or used when it ended."""
        self._ask()
        return self._usage

    def output(self, role: str = "student") -> bytes:
        """Give the start of what a role wrote to its descriptors 1 and 2."""
        self._ask()
        return self._outputs.get(role, b"")

    def ended(self, role: str) -> int | None:
        """Give the exit code of a role, or None; a negative number is a signal."""
        self._take_what_came()
        return self._exits.get(role)

    @property
    def stopped(self) -> str:
        """Why the wall ended the pod, or nothing: the limit that was passed."""
        self._take_what_came()
        if self._told is None and self._over and not self._closed:
            return "lost"
        return self._told or ""

    @property
    def closed(self) -> bool:
        """Whether it was killed, and nothing is left."""
        return self._closed

    def kill(self) -> None:
        """End the pod; returns when nothing is left of it."""
        if self._closed:
            return
        why = self.stopped
        if not self._over:
            with contextlib.suppress(OSError):
                self._owner.send({"end": True}, seconds=_PATIENCE)
            with contextlib.suppress(OSError, EOFError):
                self._take_until("the end")
        self._told, self._closed = self._told or why, True
        for line in (self._owner, *self._lines):
            line.close()
        self._await_end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def _ask(self) -> None:
        self._take_what_came()
        if not self._over and not self._closed:
            with contextlib.suppress(OSError, EOFError):
                self._owner.send({"tell": True}, seconds=_PATIENCE)
                self._take_until("usage")

    def _take_until(self, word: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while word not in self._take(max(0.0, deadline - time.monotonic())):
            continue

    def _take_what_came(self) -> None:
        with contextlib.suppress(TimeoutError, BlockingIOError, EOFError):
            while not self._over and not self._closed:
                self._take(0)

    def _take(self, seconds: float) -> dict[str, Any]:
        try:
            message, descriptors = self._owner.receive(seconds)
        except EOFError:
            self._over = True
            raise
        for one in descriptors:
            os.close(one)
        if "exit" in message:
            self._exits[message["of"]] = message["exit"]
        elif "output" in message:
            self._outputs[message["of"]] = base64.b64decode(message["output"])
        elif "usage" in message:
            self._usage = Usage(**message["usage"])
        elif "stopped" in message:
            self._told = message["stopped"]
        return message
