"""From where jobs are started: what every keeper is asked for, and how."""

import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from localaws.jobs.contract import Command, Limits
from localaws.jobs.errors import JobError
from localaws.jobs.runner import needs_fresh_interpreter
from localaws.jobs.wire import Control

# A thread that is alive at a fork hangs the child; a pool of one makes none.
ENVIRON = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    # pandas imports pyarrow, whose allocator keeps a thread
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYTHONHASHSEED": "0",
}
LINUX = sys.platform == "linux"


class Parent:
    """Starts jobs by a keeper; a subclass says where that is.

    Args:
        environ: The environment that the keeper's interpreter started with.
    """

    control: type[Control] = Control

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ

    def also(self, preload: Sequence[str]) -> "Parent":
        """Return a parent of jobs that need other modules; it is closed by itself.

        Args:
            preload: Modules to import.
        """
        raise NotImplementedError

    def close(self) -> None:
        """End the keeper and every job that it holds."""
        raise NotImplementedError

    def spawn(
        self,
        command: Command,
        limits: Limits,
        output: int,
        inherited: Sequence[int] = (),
        *,
        endless: bool = False,
    ) -> Control:
        """Start a command.

        Args:
            command: what to run.
            limits: its wall time, grace and largest file.
            output: descriptor for its stdout and stderr; stays open here.
            inherited: descriptors that it gets as 3, 4 ...; stay open here.
            endless: leave the wall time out (a server).

        Returns:
            The control socket (`wire`).

        Raises:
            JobError: the parent is closed, or cannot be started.
        """
        if not LINUX:
            from localaws.jobs.portable import supervise

            if command.isolated:
                raise JobError("only Linux can cut a job off the network")
            if command.mounts:
                raise JobError("only Linux can mount a folder for one job")
            ours, theirs = socket.socketpair()
            request = self._request(command, limits, endless, warm=False)
            supervise(request, theirs, os.dup(output), list(inherited))
            return Control(ours)
        broken: socket.socket | None = None
        for _ in range(4):
            sock, hello = self._await(broken)
            warm = hello["warm"] and not self._fresh(command, hello["loaded"])
            request = self._request(command, limits, endless, warm=warm)
            try:
                control = self._hand_over(sock, request, [output, *inherited])
            except OSError:
                # its end was seen here, or by the thread that has closed the socket
                broken = sock
                continue
            if control is not None:
                return control
        raise JobError("the job's processes were killed before it began, four times")

    def _request(
        self, command: Command, limits: Limits, endless: bool, *, warm: bool
    ) -> dict[str, Any]:
        kind = "script" if command.script else "module" if command.module else None
        argv = [str(one) for one in command.argv]
        if command.script:
            argv.insert(0, _name(command.script, command.cwd))
        elif command.module:
            argv.insert(0, command.module)
        if kind and not warm:
            argv[0:0] = [sys.executable, "-m"] if kind == "module" else [sys.executable]
        environ = {"PYTHONHASHSEED": "0", **command.env} if kind else command.env
        return {
            "argv": argv,
            "env": dict(environ),
            "cwd": str(command.cwd),
            "python": kind if warm else None,
            "seconds": None if endless else limits.seconds,
            "grace": limits.grace,
            "file_bytes": limits.disk_bytes,
            "isolated": command.isolated,
            "stdin": str(command.stdin or os.devnull),
            "stop_signal": int(command.stop_signal),
            "mounts": [
                [str(one.source), str(one.target), one.readonly]
                for one in command.mounts
            ],
        }

    def _fresh(self, command: Command, loaded: list[str]) -> bool:
        path = command.env.get("PYTHONPATH", "").split(os.pathsep)
        search = [Path(one) for one in path if one]
        search.append(command.script.parent if command.script else command.cwd)
        return needs_fresh_interpreter(command.env, search, self._environ, loaded)

    def _await(
        self, broken: socket.socket | None
    ) -> tuple[socket.socket, dict[str, Any]]:
        """Return the keeper's socket, another than a broken one, and its first word.

        Raises:
            JobError: There is none.
        """
        raise NotImplementedError

    def _hand_over(
        self, keeper: socket.socket, request: dict[str, Any], descriptors: list[int]
    ) -> Control | None:
        """Give the keeper a job; None when its supervisor died before the job began.

        Raises:
            BrokenPipeError, ConnectionResetError: the keeper is gone.
        """
        ours, theirs = socket.socketpair()
        control = self.control(ours)
        with theirs:
            output, *inherited = descriptors
            try:
                socket.send_fds(keeper, [b"j"], [output, theirs.fileno(), *inherited])
            except OSError:
                # its end was seen here, or by the thread that has closed the socket
                control.close()
                raise
        control.send(**request)
        if control.begins():
            return control
        control.close()
        return None


def _name(script: Path, folder: Path) -> str:
    script = script.absolute()
    if script.is_relative_to(folder.absolute()):
        return str(script.relative_to(folder.absolute()))
    return str(script)
