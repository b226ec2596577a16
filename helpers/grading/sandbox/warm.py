"""The warm process, seen from the grader: started once, it gives pods in no time."""

import base64
import contextlib
import dataclasses
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from helpers.grading.limits import Limits
from helpers.grading.sandbox import bubble, preload, seccomp
from helpers.grading.sandbox.packets import Packets
from helpers.grading.sandbox.pod import Pod
from helpers.grading.sandbox.tier import Tier

_LAUNCHER = Path(__file__).with_name("launcher.py")
_ZYGOTE = "helpers.grading.sandbox.inner.zygote"
_START, _STOP, _BURY, _KILL = 600.0, 10.0, 10.0, 20.0
_KEPT = 4000


class NotStarted(RuntimeError):
    """The warm process did not come up; the message holds what it printed."""


class Warm:
    """A process behind the outer wall that forks pods; ends with its owner."""

    def __init__(
        self,
        tier: Tier,
        folder: Path | None = None,
        imports: Sequence[str] = (*preload.LIBRARIES, *preload.ROLES),
    ) -> None:
        """Choose what to start.

        Args:
            tier: How much this machine isolates, and by what.
            folder: A lab's folder; probers see it at /lab.
            imports: What it imports before it forks.
        """
        self._tier = tier
        self._folder = folder
        self._imports = list(imports)
        self._pods = 0
        self._gone: set[int] = set()
        self._open: list[Pod] = []

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            made = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            made.chmod(0o755)
            self._log = stack.enter_context(tempfile.TemporaryFile())
            self._owner, far = Packets.pair()
            stack.callback(self._owner.close)
            with far:
                self._launched = self._launch(far, made)
            stack.callback(self._end)
            self._begin()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._stack:
            for pod in self._open:
                pod.kill()

    def pod(self, limits: Limits | None = None) -> Pod:
        """Fork a pod.

        Raises:
            NotStarted: The warm process has ended.
        """
        self._pods += 1
        number = self._pods
        near, far = Packets.pair()
        told = dataclasses.asdict(limits or Limits())
        try:
            with far:
                self._owner.send({"pod": number, "limits": told}, [far.fileno()], _BURY)
        except OSError as error:
            near.close()
            raise NotStarted(self.log()) from error
        self._open = [one for one in self._open if not one.closed]
        pod = Pod(near, lambda: self._await_end(number))
        self._open.append(pod)
        return pod

    @property
    def pid(self) -> int:
        """The process that stands between this one and the wall."""
        return self._launched.pid

    def log(self) -> str:
        """Give the last of what the warm process printed."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _KEPT))
        return self._log.read().decode(errors="replace").strip()

    def _launch(self, far: socket.socket, made: Path) -> subprocess.Popen[bytes]:
        life = os.pidfd_open(os.getpid())
        passed = (far.fileno(), life)
        program = [sys.executable, "-P", "-m", _ZYGOTE, *map(str, passed)]
        files = bubble.write_made(made)
        argv = bubble.command(self._tier.bwrap, program, files, self._folder)
        launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(life), *argv]
        try:
            return subprocess.Popen(
                launcher,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                pass_fds=passed,
                env={},
                cwd="/",
            )
        finally:
            os.close(life)

    def _begin(self) -> None:
        filters: dict[str, Any] = {}
        for room in seccomp.ROOMS:
            programs = seccomp.compiled(room)
            filters[room] = [base64.b64encode(one).decode() for one in programs]
        order = {"filters": filters, "preload": self._imports}
        try:
            self._owner.send(order, seconds=_BURY)
            self._owner.receive(_START)
        except (OSError, EOFError) as error:
            self._launched.kill()
            self._launched.wait()
            raise NotStarted(self.log() or f"it printed nothing ({error})") from error

    def _await_end(self, number: int) -> None:
        try:
            if not self._hear(number, _BURY):
                self._owner.send({"kill": number}, seconds=_BURY)
                if not self._hear(number, _KILL):
                    raise RuntimeError(f"pod {number} does not end")
        except (OSError, EOFError):
            # with the warm process, all its pods have ended
            self._end()

    def _hear(self, number: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while number not in self._gone:
            try:
                message, _ = self._owner.receive(max(0, deadline - time.monotonic()))
            except (TimeoutError, BlockingIOError):
                return False
            self._gone.add(message["ended"])
        return True

    def _end(self) -> None:
        self._owner.close()
        try:
            self._launched.wait(_STOP)
        except subprocess.TimeoutExpired:
            # bubblewrap dies with the launcher, and all within with bubblewrap
            self._launched.kill()
            self._launched.wait()
