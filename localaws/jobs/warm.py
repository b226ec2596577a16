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

from localaws.jobs.errors import JobError
from localaws.jobs.parent import ENVIRON, LINUX, Parent

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
_ROOT = Path(__file__).resolve().parents[2]
_START = (
    "import sys; sys.path[0] = sys.argv[1]; from localaws.jobs.keeper import main;"
    " main(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])"
)


class WarmParent(Parent):
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
        theirs = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        super().__init__({**theirs, **ENVIRON})
        cold = os.environ.get("LOCALAWS_WARM") == "0"
        self._preload = () if cold else tuple(preload)
        self._changed = threading.Condition()
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._hello: dict[str, Any] | None = None
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

    def also(self, preload: Sequence[str]) -> Parent:
        """Return a second process, with other modules.

        Args:
            preload: modules to import.
        """
        return WarmParent(preload)

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
