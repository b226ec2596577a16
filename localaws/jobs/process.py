"""One job: a command in a child process, its output, its limits, its end."""

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localaws.jobs.contract import Cause, Command, Limits, Outcome
from localaws.jobs.disk import used_bytes
from localaws.jobs.lines import Lines
from localaws.jobs.memory import tree_bytes
from localaws.jobs.parent import Parent
from localaws.jobs.warm import WarmParent
from localaws.jobs.wire import Control

_TAIL = 50
_CHUNK = 65_536
_TICK = 0.25


class Job:
    """One command, run once, of which nothing is left when `run()` returns."""

    def __init__(
        self,
        command: Command,
        limits: Limits,
        on_line: Callable[[str], None],
        parent: Parent | None = None,
        disk: Path | None = None,
        *,
        publish: Callable[[str], str] = str,
    ) -> None:
        """Prepare a job; nothing starts yet.

        Args:
            command: what to run.
            limits: how far.
            on_line: called with each line of stdout and stderr, without its newline,
                in the thread that calls `run()`.
            parent: where to fork from; None starts the job cold.
            disk: the folder that `limits.disk_bytes` is about; default `command.cwd`.
            publish: applied to each line first (give `workspace.publish`).
        """
        self._command = command
        self._limits = limits
        self._on_line = on_line
        self._parent = parent
        self._disk = disk or command.cwd
        self._publish = publish
        self._lock = threading.Lock()
        self._control: Control | None = None
        self._stopped = False
        self._broken: Cause | None = None
        self._tail: deque[str] = deque(maxlen=_TAIL)
        self._lines = Lines()
        self._bytes = 0
        self._count = 0
        self._supervisor: int | None = None
        self._end: dict[str, Any] | None = None

    def run(self) -> Outcome:
        """Run the command and wait for its end. Call it once.

        Returns:
            How it ended. No process of the job is left.

        Raises:
            JobError: the parent is closed, or cannot be started.
            Exception: whatever `on_line` or `publish` raises; the job is ended.
        """
        parent = self._parent or WarmParent(preload=())
        try:
            return self._run(parent)
        finally:
            if self._parent is None:
                parent.close()

    def stop(self) -> None:
        """Ask the job to end: SIGTERM, then SIGKILL. Any thread, any time, returns."""
        with self._lock:
            self._stopped = True
            if self._control is not None:
                self._control.send(stop=self._limits.grace)

    def _run(self, parent: Parent) -> Outcome:
        reader, writer = os.pipe()
        try:
            with self._lock:
                if self._stopped:
                    return Outcome(None, "stopped")
                control = parent.spawn(self._command, self._limits, writer)
                self._control = control
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        try:
            self._follow(reader, control)
        finally:
            # where on_line raised, the job still runs
            control.send(kill=True)
            while control.receive() is not None:
                continue
            with self._lock:
                self._control = None
                control.close()
            os.close(reader)
        return self._outcome()

    def _follow(self, reader: int, control: Control) -> None:
        os.set_blocking(reader, False)
        poll = select.poll()
        poll.register(reader, select.POLLIN)
        poll.register(control, select.POLLIN)
        watch = _Watch(self._limits, self._disk)
        alive = True
        while alive:
            ready = dict(poll.poll(_TICK * 1000))
            if reader in ready and not self._read(reader):
                poll.unregister(reader)
            if control.fileno() in ready:
                alive = self._listen(control)
            if self._broken is None:
                broken = watch.check(self._supervisor, self._flooded())
                if broken is not None:
                    self._broken = broken
                    control.send(kill=True)
        while self._read(reader):
            continue
        self._say(self._lines.rest())

    def _read(self, reader: int) -> bool:
        try:
            chunk = os.read(reader, _CHUNK)
        except BlockingIOError:
            return False
        if not self._flooded():
            self._say(self._lines.feed(chunk))
        self._bytes += len(chunk)
        return bool(chunk)

    def _flooded(self) -> bool:
        limits = self._limits
        return self._bytes > limits.log_bytes or self._count > limits.log_lines

    def _say(self, lines: list[str]) -> None:
        for line in lines:
            text = self._publish(line)
            self._tail.append(text)
            self._on_line(text)
        self._count += len(lines)

    def _listen(self, control: Control) -> bool:
        messages = control.receive()
        for message in messages or []:
            self._supervisor = message.get("supervisor", self._supervisor)
            if "exit" in message:
                self._end = message
        return messages is not None

    def _outcome(self) -> Outcome:
        tail = list(self._tail)
        if self._broken is not None:
            return Outcome(self._end and self._end["exit"], self._broken, tail)
        if self._end is None or self._end["cause"] == "lost":
            return Outcome(None, "lost", tail)
        code, cause = self._end["exit"], self._end["cause"]
        if cause == "exited" and self._flooded():
            cause = "log"
        elif cause == "exited" and used_bytes(self._disk) >= self._limits.disk_bytes:
            cause = "disk"
        return Outcome(code, cause, tail)


class _Watch:
    def __init__(self, limits: Limits, disk: Path) -> None:
        self.limits = limits
        self.disk = disk
        self.next_look = 0.0

    def check(self, supervisor: int | None, flooded: bool) -> Cause | None:
        if flooded:
            return "log"
        start = time.monotonic()
        if start < self.next_look:
            return None
        broken: Cause | None = None
        if used_bytes(self.disk) >= self.limits.disk_bytes:
            broken = "disk"
        elif supervisor is not None and self._is_too_large(supervisor):
            broken = "memory"
        # a tree of many files is looked at less often: 5 % of the time at most
        now = time.monotonic()
        self.next_look = now + max(_TICK, 20 * (now - start))
        return broken

    def _is_too_large(self, supervisor: int) -> bool:
        limit = self.limits.memory_bytes
        return limit is not None and tree_bytes(supervisor, limit) is not None
