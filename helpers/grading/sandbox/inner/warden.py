"""The first process of a pod: it opens rooms, watches them, and ends the pod.

When it ends, the kernel kills whatever the pod has started, without exception.
"""

import base64
import contextlib
import os
import select
import signal
from dataclasses import dataclass, field
from typing import Any

from helpers.grading.sandbox import kernel
from helpers.grading.sandbox.inner import room
from helpers.grading.sandbox.inner.watch import Watch
from helpers.grading.sandbox.packets import Packets

_CHUNK = 65_536
_PATIENCE = 5.0


@dataclass
class _Opened:
    role: str
    first: int
    output: int
    kept: bytearray = field(default_factory=bytearray)
    code: int | None = None


class Warden:
    """Keeps one pod until its owner is content, gone, or a limit is reached."""

    def __init__(self, limits: dict[str, Any], owner: Packets) -> None:
        self._limits = limits
        self._owner = owner
        self._rooms: dict[int, _Opened] = {}
        self._printed = 0
        self._poll = select.poll()
        kernel.mount("proc", "/proc", "proc", kernel.NO_SUID | kernel.NO_DEV)
        kernel.loopback_up()
        self._namespace = os.open("/proc/self/ns/pid", os.O_RDONLY)
        self._ended = wake_on_children()
        self._poll.register(owner, select.POLLIN)
        self._poll.register(self._ended, select.POLLIN)
        self._watch = Watch(limits)

    def keep(self) -> int:
        """Serve the owner until the pod shall end; returns the exit code."""
        why = None
        while why is None:
            ready = [one for one, _ in self._poll.poll(self._watch.patience() * 1000)]
            if self._ended in ready:
                os.read(self._ended, 512)
                self._bury(os.WNOHANG)
            for opened in list(self._rooms.values()):
                if opened.output in ready:
                    self._drain(opened)
            if self._owner.fileno() in ready:
                why = self._obey()
            why = self._judge() if why is None else why
        self._end(why)
        return 0

    def _judge(self) -> str | None:
        if self._printed > self._limits["output_bytes"]:
            return "output"
        return self._watch.look(self._roles())

    def _roles(self) -> list[int]:
        return [pid for pid, one in self._rooms.items() if one.code is None]

    def _obey(self) -> str | None:
        try:
            request, descriptors = self._owner.receive()
        except EOFError:
            return ""
        if "role" in request:
            self._open(request, descriptors)
        elif "tell" in request:
            self._tell(self._watch.usage(self._roles()))
        else:
            return ""
        return None

    def _open(self, request: dict[str, Any], given: list[int]) -> None:
        reader, writer = os.pipe()
        kernel.unshare(kernel.NEW_PID)
        first = os.posix_spawn(room.FIRST[0], room.FIRST, {"PATH": os.defpath})
        pid = os.fork()
        if pid == 0:
            room.furnish(request, self._limits, writer, given)
        # the next one shall have a namespace of its own again
        kernel.enter(self._namespace, kernel.NEW_PID)
        for one in (writer, *given):
            os.close(one)
        os.set_blocking(reader, False)
        self._poll.register(reader, select.POLLIN)
        self._rooms[pid] = _Opened(request["role"], first, reader)
        self._say({"spawned": request["role"]})

    def _drain(self, opened: _Opened) -> None:
        try:
            data = os.read(opened.output, _CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._poll.unregister(opened.output)
            os.close(opened.output)
            opened.output = -1
        self._printed += len(data)
        opened.kept += data[: self._limits["kept_bytes"] - len(opened.kept)]

    def _bury(self, how: int) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status, used = os.wait4(-1, how)
                if pid == 0:
                    return
                opened = self._rooms.get(pid)
                if opened is not None:
                    opened.code = os.waitstatus_to_exitcode(status)
                    os.kill(opened.first, signal.SIGKILL)
                    self._watch.account(used.ru_utime + used.ru_stime)
                    self._say({"exit": opened.code, "of": opened.role})

    def _tell(self, usage: dict[str, Any]) -> None:
        for opened in self._rooms.values():
            while opened.output >= 0 and opened.output in self._readable():
                self._drain(opened)
            kept = base64.b64encode(opened.kept).decode()
            self._say({"output": kept, "of": opened.role})
        self._say({"usage": usage})

    def _readable(self) -> list[int]:
        return [one for one, _ in self._poll.poll(0)]

    def _end(self, why: str) -> None:
        self._say({"stopped": why})
        # the killed leave no account of their time
        usage = self._watch.usage(self._roles(), last=True)
        for pid in self._roles():
            os.kill(self._rooms[pid].first, signal.SIGKILL)
        self._bury(0)
        self._tell(usage)

    def _say(self, message: dict[str, Any]) -> None:
        # an owner that has gone, or does not listen, is not waited for
        with contextlib.suppress(OSError):
            self._owner.send(message, seconds=_PATIENCE)


def wake_on_children() -> int:
    """Have the end of a child make a descriptor readable, which is returned."""
    reader, writer = os.pipe()
    for one in (reader, writer):
        os.set_blocking(one, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    return reader
