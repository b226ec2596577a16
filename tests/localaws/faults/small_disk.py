"""A disk of the endpoint's own that is small, and can be made full and free again.

`SmallDisk` is a file system of a megabyte that only the endpoint's process sees, in a
mount namespace. Where none can be had, `LimitedDisk` lets the system refuse to make a
file longer, which is the answer of a full disk too, but leaves room for other files.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from localaws import daemon
from localaws.home import ENDED, Connection
from tests.localaws.faults import killing

BYTES = 2**20
PAGE = b"x" * 4096
ROOT = os.geteuid() == 0
UNSHARE = ["unshare", "--mount", *([] if ROOT else ["--user", "--map-root-user"])]
ENTER = ["--mount", *([] if ROOT else ["--user", "--preserve-credentials"])]
MOUNT = f"mount -t tmpfs -o size={BYTES},mode=700 tmpfs"
HOLD = f'{MOUNT} "$1" && echo mounted && exec cat'
RUN = 'cd "$1" && shift && exec "$@"'
SERVE = 'cd "$1" && exec "$2" -m localaws serve --home "$3" >"$3/daemon.log" 2>&1'
CHECKOUT = Path(daemon.__file__).resolve().parents[1]


class SmallDisk:
    """The home of an endpoint, on a file system of `BYTES`.

    Args:
        home: Where it is mounted.
    """

    reason = "No space left on device"

    def __init__(self, home: Path) -> None:
        home.mkdir(mode=0o700)
        self.home = home
        self._server: subprocess.Popen[bytes] | None = None
        self._holder = subprocess.Popen(
            [*UNSHARE, "sh", "-c", HOLD, "sh", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"mounted\n"
        # as the endpoint sees it
        self.seen = Path(f"/proc/{self._holder.pid}/root{home}")

    def start(self) -> Connection:
        """Start an endpoint, and wait until it answers."""
        serve = ["sh", "-c", SERVE, "sh", str(CHECKOUT), sys.executable, str(self.home)]
        self._server = subprocess.Popen([*self._enter, *serve])
        end = time.monotonic() + 60
        while time.monotonic() < end and self._server.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                text = (self.seen / "daemon.json").read_text()
                self.connection = Connection(**json.loads(text))
                if self.connection.pid == self._server.pid:
                    assert self.connection.control("GET", "status")["ok"]
                    return self.connection
            time.sleep(0.02)
        raise AssertionError((self.seen / "daemon.log").read_text())

    def again(self) -> None:
        """Kill the endpoint, and start the next one."""
        self.end(signal.SIGKILL)
        connection = self.start()
        assert connection.note.startswith(ENDED)
        assert "could not" not in connection.note

    def command(self, name: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of localaws where the disk is."""
        arguments = [sys.executable, "-m", "localaws", name]
        return subprocess.run(
            [*self._enter, "sh", "-c", RUN, "sh", str(CHECKOUT), *arguments],
            env={**os.environ, "LOCALAWS_HOME": str(self.home)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def _enter(self) -> list[str]:
        return ["nsenter", f"--target={self._holder.pid}", *ENTER]

    def end(self, number: signal.Signals) -> None:
        """End the endpoint by a signal."""
        if self._server is not None:
            self._server.send_signal(number)
            self._server.wait(60)
            self._server = None

    @contextlib.contextmanager
    def full(self, left: int = 0) -> Iterator[None]:
        """Let the disk be full but for some bytes."""
        ballast = self.seen / "ballast"
        try:
            with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while self._free() > left:
                    file.write(PAGE)
            yield
        finally:
            ballast.unlink()

    def _free(self) -> int:
        found = os.statvfs(self.seen)
        return found.f_bavail * found.f_frsize

    def close(self) -> None:
        """End all of it."""
        self.end(signal.SIGTERM)
        self._holder.communicate()


class LimitedDisk:
    """The home of an endpoint that can be forbidden to write long files.

    Args:
        home: Where.
    """

    reason = "File too large"

    def __init__(self, home: Path) -> None:
        self.home = home

    def start(self) -> Connection:
        """Start an endpoint."""
        self.connection = daemon.start(self.home)
        return self.connection

    def again(self) -> None:
        """Kill the endpoint, and start the next one."""
        self.connection = killing.again()

    @contextlib.contextmanager
    def full(self, left: int = 0) -> Iterator[None]:
        """Let no file become longer than the journal is, and some bytes."""
        size = (self.home / "journal").stat().st_size + left
        kind, pid = resource.RLIMIT_FSIZE, self.connection.pid
        before = resource.prlimit(pid, kind)
        resource.prlimit(pid, kind, (size, before[1]))
        try:
            yield
        finally:
            resource.prlimit(pid, kind, before)

    def close(self) -> None:
        """End it."""
        daemon.stop(self.home)


def best() -> type[SmallDisk] | type[LimitedDisk]:
    """Return the better of both that this machine lets us have."""
    command = [*UNSHARE, *MOUNT.split(), "/mnt"]
    with contextlib.suppress(FileNotFoundError):
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        if done.returncode == 0:
            return SmallDisk
    return LimitedDisk
