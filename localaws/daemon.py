"""One endpoint process for each learner and checkout: found, started, stopped, served.

Whoever starts the endpoint takes the lock of its home and hands it down to the new
process, which holds it for its life. So there is one winner among many starters, and
no lock outlives its process.
"""

import dataclasses
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from localaws import __version__
from localaws.handed import handed
from localaws.home import Connection, DaemonError, Home, Unreachable
from localaws.pids import gone, kill
from localaws.serving import serve_home

__all__ = ["Connection", "DaemonError", "find", "home", "serve", "start", "stop"]

OUTDATED = "The endpoint was of another version: it is started again, empty."

_CHECKOUT = Path(__file__).resolve().parents[1]
_START_SECONDS = 60.0
_STEP_SECONDS = 10.0
_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def home() -> Path:
    """Return the endpoint's folder, made if it is missing.

    Returns:
        `LOCALAWS_HOME`, or a folder of this checkout under `~/.cache/localaws`.

    Raises:
        DaemonError: If others own it or can read it.
    """
    return _place(None).path


def find(home: Path | None = None) -> Connection | None:
    """Return the connection of the running endpoint, or None.

    `LOCALAWS_CONNECTION` names a file with that of an endpoint which is not ours to
    start or stop.

    Args:
        home: Its folder; None means `home()`.
    """
    given = handed() if home is None else None
    if given:
        return given
    place = _place(home)
    connection = place.read()
    return connection if connection and place.held() else None


def start(
    home: Path | None = None, tell: Callable[[str], None] = lambda text: None
) -> Connection:
    """Attach to the endpoint, after starting it if it does not run.

    Any number of processes may call this at once: one endpoint results.

    Args:
        home: Its folder; None means `home()`.
        tell: Hears how far an endpoint that was killed is restored, if that takes long.

    Returns:
        A connection to an endpoint that answers. Its note, for who has started it,
        says what was restored.

    Raises:
        DaemonError: If it does not come up; the message holds the end of its log.
    """
    given = handed() if home is None else None
    if given:
        return given
    place = _place(home)
    note, spawned, told = "", False, ""
    polls = _Polls(_START_SECONDS)
    for _ in polls:
        connection = find(place.path)
        if connection and _answers(connection):
            if connection.version == __version__:
                note = " ".join(filter(None, (note, connection.note)))
                return dataclasses.replace(connection, note=note if spawned else "")
            stop(place.path)
            note = OUTDATED
        progress = place.progress()
        if progress not in ("", told):
            polls.restart()
            told = progress
            tell(progress)
        lock = place.lock()
        if lock is None:
            continue
        try:
            if spawned:
                raise place.failure("ended before it could serve")
            place.clear()
            _spawn(place, lock)
            spawned = True
        finally:
            os.close(lock)
    raise place.failure(f"does not answer after {_START_SECONDS:.0f} s{_why(place)}")


def stop(home: Path | None = None) -> bool:
    """Stop the endpoint and wait until its process is gone.

    Args:
        home: Its folder; None means `home()`.

    Returns:
        Whether there was one to stop. One that `LOCALAWS_CONNECTION` names goes on.

    Raises:
        DaemonError: If its process does not end.
    """
    if home is None and handed():
        return False
    place = _place(home)
    connection = find(place.path)
    if connection is None:
        return False
    steps: list[Callable[[], object]] = [
        lambda: connection.control("POST", "stop", timeout=_STEP_SECONDS),
        lambda: kill(place.path, connection.pid, signal.SIGTERM),
        lambda: kill(place.path, connection.pid, signal.SIGKILL),
    ]
    for step in steps:
        try:
            step()
        except Unreachable:
            continue
        except (DaemonError, ProcessLookupError):
            pass
        for _ in _Polls(_STEP_SECONDS):
            if not place.held() and gone(connection.pid):
                place.forget()
                return True
    raise DaemonError(f"the endpoint's process {connection.pid} does not end")


def serve(home: Path | None = None, lock: int | None = None) -> None:
    """Be the endpoint, until a signal, a request to stop, or idleness ends it.

    Args:
        home: Its folder; None means `home()`.
        lock: Descriptor of the held lock, from a starter: the process then leaves
            its starter and goes on alone.

    Raises:
        DaemonError: If an endpoint runs there already.
    """
    place = _place(home)
    if lock is None:
        lock = place.lock()
        if lock is None:
            raise DaemonError(f"an endpoint already runs in {place.path}")
        place.clear()
    else:
        os.set_inheritable(lock, False)
        if os.fork():
            os._exit(0)
        os.setsid()
    clean = place.environment()
    os.environ.clear()
    os.environ.update(clean)
    os.umask(0o077)
    os.chdir(place.path)
    for number in _ENDS:
        signal.signal(number, _leave)
    serve_home(place)
    os.close(lock)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    for other in _ENDS:
        signal.signal(other, signal.SIG_IGN)
    sys.exit(0)


def _spawn(place: Home, lock: int) -> None:
    log = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    command = [sys.executable, "-m", "localaws", "serve", "--home", str(place.path)]
    try:
        subprocess.run(
            [*command, "--lock", str(lock)],
            cwd=_CHECKOUT,
            env=place.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(lock,),
            check=False,
        )
    finally:
        os.close(log)


def _answers(connection: Connection) -> bool:
    try:
        connection.control("GET", "status", timeout=5)
    except Unreachable:
        return False
    return True


def _why(place: Home) -> str:
    connection = place.read()
    try:
        if connection:
            connection.control("GET", "status", timeout=5)
    except DaemonError as error:
        return f" ({error})"
    return ""


class _Polls:
    """Yields every 10 ms, for some seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def restart(self) -> None:
        """Wait for so many seconds from now."""
        self._end = time.monotonic() + self._seconds

    def __iter__(self) -> Iterator[None]:
        self.restart()
        while time.monotonic() < self._end:
            yield
            time.sleep(0.01)


def _place(home: Path | None) -> Home:
    named = home or os.environ.get("LOCALAWS_HOME")
    if named:
        return Home(Path(named).expanduser())
    checkout = hashlib.sha256(os.fsencode(_CHECKOUT)).hexdigest()[:12]
    return Home(Path.home() / ".cache" / "localaws" / checkout)
