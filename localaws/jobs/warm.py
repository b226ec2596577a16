"""The owner's side of the process from which jobs are forked."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from localaws.jobs.contract import Command, Limits
from localaws.jobs.errors import JobError
from localaws.jobs.runner import needs_fresh_interpreter
from localaws.jobs.wire import Control

PRELOAD = (
    "numpy",
    "pandas",
    "scipy",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.preprocessing",
    "sklearn.compose",
    "sklearn.pipeline",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.cluster",
    "sklearn.decomposition",
    "sklearn.neighbors",
    "sklearn.neural_network",
    "joblib",
    "xgboost",
    # what a query of Athena needs; duckdb itself starts a thread
    "fastavro",
    "sqlglot.optimizer.scope",
    "sqlglot.dialects.athena",
    "sqlglot.dialects.duckdb",
)
# A thread that is alive at a fork hangs the child; a pool of one makes none.
_NO_THREADS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    # pandas imports pyarrow, whose allocator keeps a thread
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
_ROOT = Path(__file__).resolve().parents[2]
_START = (
    "import sys; sys.path[0] = sys.argv[1]; from localaws.jobs.keeper import main;"
    " main(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])"
)
LINUX = sys.platform == "linux"


class WarmParent:
    """A process with the heavy imports done, which forks a job in milliseconds.

    Construction returns at once. One parent serves any number of jobs, from any
    thread, until `close()`. If it is killed, its jobs are lost and it is started
    again. With LOCALAWS_WARM=0, and for commands that a fork would run differently
    (`runner.needs_fresh_interpreter`), jobs are supervised all the same but start a
    new interpreter.

    Only Linux has the means: elsewhere (macOS) a job is a plain child in a process
    group of its own. A grandchild that leaves the group, or a daemon that is killed
    with SIGKILL, can then leave processes behind.
    """

    def __init__(self, preload: Sequence[str] = PRELOAD) -> None:
        """Start the process in the background.

        Args:
            preload: modules to import; those that are missing are skipped.
        """
        cold = os.environ.get("LOCALAWS_WARM") == "0"
        self._preload = () if cold else tuple(preload)
        self._changed = threading.Condition()
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._hello: dict[str, Any] | None = None
        theirs = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        self._environ = {**theirs, **_NO_THREADS, "PYTHONHASHSEED": "0"}
        self._manager: threading.Thread | None = None
        if LINUX:
            self._manager = threading.Thread(
                target=self._manage, name="warm-parent", daemon=True
            )
            self._manager.start()

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    @property
    def warm(self) -> bool:
        """Whether the preloading is done and jobs are forked (not started cold)."""
        hello = self._hello
        return bool(hello and hello["warm"])

    def ready(self, timeout: float) -> bool:
        """Wait until jobs can start; False when `timeout` seconds were not enough."""
        if not LINUX:
            return True
        with self._changed:
            return self._changed.wait_for(lambda: self._hello is not None, timeout)

    def close(self) -> None:
        """End the process and every job that it holds."""
        with self._changed:
            self._closed = True
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
            elif self._process is not None:
                self._process.terminate()
            self._changed.notify_all()
        if self._manager is not None:
            self._manager.join()

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
                control = _hand_over(sock, request, [output, *inherited])
            except (BrokenPipeError, ConnectionResetError):
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
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or (self._hello and self._socket is not broken)
            )
            if self._closed or self._socket is None or self._hello is None:
                raise JobError("the warm parent is closed")
            return self._socket, self._hello

    def _manage(self) -> None:
        # the kernel ends the process when this thread ends: it stays for its whole life
        failures = 0
        while not self._closed:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            preload = self._preload if failures < 2 else ()
            arguments = [str(_ROOT), str(theirs.fileno()), str(os.getpid()), *preload]
            process = subprocess.Popen(
                [sys.executable, "-c", _START, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=self._environ,
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
            theirs.close()
            with self._changed:
                self._process = process
                if self._closed:
                    process.terminate()
            hello = b""
            with contextlib.suppress(ConnectionResetError):
                hello = ours.recv(1 << 20)
            failures = 0 if hello else failures + 1
            with self._changed:
                if hello:
                    self._socket, self._hello = ours, json.loads(hello)
                    self._changed.notify_all()
                if self._closed:
                    ours.shutdown(socket.SHUT_RDWR)
            process.wait()
            with self._changed:
                self._socket = self._hello = None
            ours.close()
            if failures > 3:
                with self._changed:
                    self._closed = True
                    self._changed.notify_all()


def _name(script: Path, folder: Path) -> str:
    script = script.absolute()
    if script.is_relative_to(folder.absolute()):
        return str(script.relative_to(folder.absolute()))
    return str(script)


def _hand_over(
    keeper: socket.socket, request: dict[str, Any], descriptors: list[int]
) -> Control | None:
    """Give the keeper a job; None when its supervisor died before the job began.

    Raises:
        BrokenPipeError, ConnectionResetError: the keeper is gone.
    """
    ours, theirs = socket.socketpair()
    control = Control(ours)
    with theirs:
        output, *inherited = descriptors
        try:
            socket.send_fds(keeper, [b"j"], [output, theirs.fileno(), *inherited])
        except (BrokenPipeError, ConnectionResetError):
            control.close()
            raise
    control.send(**request)
    if control.begins():
        return control
    control.close()
    return None
