"""The owner's side of a function's execution environment."""

import os
import select
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from localaws.jobs.channel import Channel
from localaws.jobs.contract import Command, Limits
from localaws.jobs.lines import Lines
from localaws.jobs.memory import own_bytes
from localaws.jobs.parent import Parent
from localaws.jobs.wire import Control

Kind = Literal["ready", "result", "error", "init error", "timeout", "memory", "exit"]
_ROOT = str(Path(__file__).resolve().parents[2])
_TICK = 0.25
_CHUNK = 65_536
_SEND_SECONDS = 30.0


@dataclass(frozen=True)
class Reply:
    """What became of an initialisation or of one event.

    Attributes:
        kind: `ready` or `result` if it went well; else what ended it.
        body: JSON: the result, or the error.
        seconds: Real time that it took.
        slept: The part of it that the function asked to sleep.
        memory: The most memory of its own that was seen, in bytes.
        exit_code: Of the process, if that has ended by itself.
    """

    kind: Kind
    body: bytes
    seconds: float
    slept: float
    memory: int
    exit_code: int | None = None


class FunctionProcess:
    """A process that holds one function and answers one event at a time.

    Args:
        handler: `module.function`.
        folders: Where its modules are; the first is the working directory.
        env: The whole environment of the process.
        memory_bytes: What it may take; past that it is killed.
        disk_bytes: Its largest file.
        parent: Where to fork from.
    """

    def __init__(
        self,
        handler: str,
        folders: Sequence[Path],
        env: Mapping[str, str],
        *,
        memory_bytes: int,
        disk_bytes: int,
        parent: Parent,
    ) -> None:
        self._memory_bytes = memory_bytes
        self._peak = 0
        self._pid: int | None = None
        self._exit: int | None = None
        self._lines = Lines()
        path = [str(one) for one in folders if one.is_dir()] + [_ROOT]
        command = Command(
            env={
                **env,
                "_HANDLER": handler,
                "LOCALAWS_ROOT": _ROOT,
                "PYTHONPATH": os.pathsep.join(path),
                "PYTHONUNBUFFERED": "1",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            cwd=folders[0],
            module="localaws.jobs.function_host",
        )
        self._output, writer = os.pipe()
        ours, theirs = socket.socketpair()
        try:
            self._control: Control = parent.spawn(
                command,
                Limits(disk_bytes=disk_bytes),
                writer,
                [theirs.fileno()],
                endless=True,
            )
        except BaseException:
            os.close(self._output)
            ours.close()
            raise
        finally:
            os.close(writer)
            theirs.close()
        os.set_blocking(self._output, False)
        ours.settimeout(_SEND_SECONDS)
        self._channel = Channel(ours)
        self._closed = False

    def start(self, seconds: float, on_line: Callable[[str], None]) -> Reply:
        """Wait until the function's module has been imported.

        Args:
            seconds: How long that may take.
            on_line: Called with each line that it prints.
        """
        return self._await(("ready", "init error"), seconds, on_line)

    def ask(
        self,
        header: Mapping[str, Any],
        event: bytes,
        seconds: float,
        on_line: Callable[[str], None],
    ) -> Reply:
        """Hand over one event and wait for what becomes of it.

        Args:
            header: What the context object is made of.
            event: JSON.
            seconds: How long the function may take; past that it is killed.
            on_line: Called with each line that it prints.
        """
        try:
            self._channel.send(dict(header), event)
        except OSError:
            return self._ended("exit", 0.0, on_line)
        reply = self._await(("result", "error"), seconds, on_line)
        if reply.kind not in ("result", "error"):
            return reply
        if self._grown():
            return self._kill("memory", reply.seconds, on_line)
        after = self._await(("ready",), _SEND_SECONDS, on_line)
        return replace(reply, slept=after.slept, memory=self._peak)

    @property
    def alive(self) -> bool:
        """Whether it can take another event."""
        if self._closed:
            return False
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        while poll.poll(0):
            if not self._listen():
                return False
        return True

    def kill(self) -> None:
        """Ask for the end of the process; any thread, returns at once."""
        self._control.send(kill=True)

    def close(self) -> None:
        """End the process and everything that it started. Once is enough."""
        if self._closed:
            return
        self._closed = True
        self._control.send(kill=True)
        while self._control.receive() is not None:
            continue
        self._control.close()
        self._channel.sock.close()
        os.close(self._output)

    def _await(
        self, kinds: Sequence[str], seconds: float, on_line: Callable[[str], None]
    ) -> Reply:
        began = time.monotonic()
        look = began + _TICK
        poll = select.poll()
        for one in (self._output, self._channel.sock, self._control):
            poll.register(one, select.POLLIN)
        while True:
            now = time.monotonic()
            if now - began >= seconds:
                return self._kill("timeout", now - began, on_line)
            patience = min(look, began + seconds) - now
            ready = {number for number, _ in poll.poll(max(0.0, patience) * 1000 + 1)}
            if self._output in ready and not self._read(on_line):
                poll.unregister(self._output)
            if self._channel.sock.fileno() in ready:
                try:
                    header, body = self._channel.receive()
                except (EOFError, OSError):
                    return self._ended("exit", time.monotonic() - began, on_line)
                if header["kind"] in kinds:
                    taken = time.monotonic() - began
                    self._drain(on_line)
                    slept = header.get("slept", 0.0)
                    return Reply(header["kind"], body, taken, slept, self._peak)
            if self._control.fileno() in ready and not self._listen():
                return self._ended("exit", time.monotonic() - began, on_line)
            if time.monotonic() >= look:
                look = time.monotonic() + _TICK
                if self._grown():
                    return self._kill("memory", time.monotonic() - began, on_line)

    def _grown(self) -> bool:
        if self._pid is None:
            self._listen()
        if self._pid is not None:
            self._peak = max(self._peak, own_bytes(self._pid))
        return self._peak > self._memory_bytes

    def _kill(self, kind: Kind, taken: float, on_line: Callable[[str], None]) -> Reply:
        self._control.send(kill=True)
        return self._ended(kind, taken, on_line)

    def _ended(self, kind: Kind, taken: float, on_line: Callable[[str], None]) -> Reply:
        while self._listen():
            continue
        self._drain(on_line)
        for line in self._lines.rest():
            on_line(line)
        peak, code = self._peak, self._exit
        self.close()
        return Reply(kind, b"", taken, 0.0, peak, code)

    def _listen(self) -> bool:
        messages = self._control.receive()
        for message in messages or []:
            self._pid = message.get("pid", self._pid)
            self._exit = message.get("exit", self._exit)
        return messages is not None

    def _drain(self, on_line: Callable[[str], None]) -> None:
        while self._read(on_line):
            continue

    def _read(self, on_line: Callable[[str], None]) -> bool:
        try:
            chunk = os.read(self._output, _CHUNK)
        except BlockingIOError:
            return False
        for line in self._lines.feed(chunk):
            on_line(line)
        return bool(chunk)
