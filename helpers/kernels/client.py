"""Find or start the parent, and hold one of its kernels as if it were a `Popen`."""

import array
import atexit
import contextlib
import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from helpers.kernels.identity import environment, identity

START_SECONDS = 120.0
LOST = -signal.SIGKILL


class UnavailableError(Exception):
    """No forked kernel can be had; the message says why."""


class ForkedProcess:
    """A kernel forked by the parent, with the part of `Popen` that Jupyter uses.

    Attributes:
        pid: The kernel's process, which leads a process group of its own.
        returncode: Its exit code, negative for a signal; None while it runs.
    """

    stdin = stdout = stderr = None

    def __init__(self, line: socket.socket, pid: int) -> None:
        self._line = line
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while the kernel runs."""
        if self.returncode is None:
            with contextlib.suppress(BlockingIOError):
                self._hear(socket.MSG_DONTWAIT)
        return self.returncode

    def wait(self) -> int:
        """Return the exit code once the kernel has ended."""
        while self.returncode is None:
            self._hear(0)
        return self.returncode

    def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)

    def _hear(self, flags: int) -> None:
        message = _receive(self._line, flags)
        self.returncode = message["exit"] if message else LOST
        self._line.close()
        if not message:
            # The parent is gone and its kernel with it; sweep up the kernel's children.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


def fork_kernel(
    interpreter: Sequence[str],
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
    streams: Sequence[int],
) -> ForkedProcess:
    """Fork a kernel from the parent of this environment, started if need be.

    Args:
        interpreter: The Python executable and its options.
        argv: The arguments of ``ipykernel_launcher``.
        env: The kernel's whole environment.
        cwd: Its working folder.
        streams: File descriptors of its standard input, output and error.

    Raises:
        UnavailableError: If there is no parent, or it did not answer.
    """
    variables = environment(env)
    name = identity(interpreter, variables)
    if name in _refused:
        raise UnavailableError(_refused[name])
    try:
        folder = parents_folder()
        _hold(folder, name, interpreter, variables)
        line = _connect(folder, name, interpreter, variables)
    except OSError as error:
        raise UnavailableError(str(error)) from error
    try:
        request = {"argv": list(argv), "env": dict(env), "cwd": cwd}
        descriptors = array.array("i", streams)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
        line.sendmsg([json.dumps(request).encode()], rights)
        reply = _receive(line)
    except OSError as error:
        line.close()
        raise UnavailableError(str(error)) from error
    if not reply:
        line.close()
        raise UnavailableError("the parent ended before the kernel began")
    line.settimeout(None)
    return ForkedProcess(line, reply["pid"])


def parents_folder() -> Path:
    """Return the folder of this user's sockets: private, or refused.

    Raises:
        UnavailableError: If somebody else owns the folder or may enter it.
    """
    folder = Path(tempfile.gettempdir()) / f"mla-kernels-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    if not private or found.st_uid != os.getuid():
        raise UnavailableError(f"{folder} is not a private folder of this user")
    return folder


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock under which parents are found, started and ended."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


_held: dict[str, socket.socket] = {}
_refused: dict[str, str] = {}


@atexit.register
def _let_go() -> None:
    for line in _held.values():
        line.close()


def _hold(
    folder: Path, name: str, interpreter: Sequence[str], variables: Mapping[str, str]
) -> None:
    """Keep one connection for the life of this process, so the parent lives as long."""
    line = _held.get(name)
    if line is not None:
        with contextlib.suppress(BlockingIOError):
            line.recv(1, socket.MSG_DONTWAIT)
            line.close()
            line = None
    if line is None:
        _held[name] = _connect(folder, name, interpreter, variables)
        _held[name].settimeout(None)


def _connect(
    folder: Path, name: str, interpreter: Sequence[str], variables: Mapping[str, str]
) -> socket.socket:
    """Return a connection on which the parent has said that it is ready."""
    path = folder / f"{name}.sock"
    with contextlib.ExitStack() as failing:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        failing.callback(line.close)
        line.settimeout(START_SECONDS)
        with locked(folder):
            try:
                line.connect(str(path))
            except (FileNotFoundError, ConnectionRefusedError):
                path.unlink(missing_ok=True)
                _start(path, interpreter, variables)
                with contextlib.suppress(ConnectionRefusedError):
                    line.connect(str(path))
        try:
            ready = _receive(line)
        except OSError:
            ready = None
        if not ready:
            log = path.with_suffix(".log")
            _refused[name] = f"the parent did not start, see {log}"
            raise UnavailableError(_refused[name])
        failing.pop_all()
    return line


def _start(
    path: Path, interpreter: Sequence[str], variables: Mapping[str, str]
) -> None:
    """Start a parent on a socket that listens before the parent has imported."""
    log = path.with_suffix(".log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen(64)
        with log.open("wb") as stderr:
            subprocess.run(
                [*interpreter, "-m", "helpers.kernels.parent", str(listener.fileno())],
                env=dict(variables),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                pass_fds=[listener.fileno()],
                check=False,
            )


def _receive(line: socket.socket, flags: int = 0) -> dict | None:
    """Return the next message, or None if the other side has hung up."""
    try:
        data = line.recv(1 << 16, flags)
    except ConnectionResetError:
        return None
    return json.loads(data) if data else None
