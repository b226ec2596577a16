"""An endpoint of the test's own that is killed and started again."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator

from localaws import client, daemon
from localaws.home import ENDED, Connection


@contextlib.contextmanager
def running() -> Iterator[Connection]:
    connection = daemon.start()
    client.install(connection)
    try:
        yield connection
    finally:
        client.uninstall()


def kill() -> None:
    connection = daemon.find()
    assert connection is not None
    os.kill(connection.pid, signal.SIGKILL)
    end = time.monotonic() + 60
    while daemon.find() is not None:
        assert time.monotonic() < end, "the killed process still holds its lock"
        time.sleep(0.01)


def again() -> Connection:
    """Kill the endpoint, and start the next one."""
    kill()
    connection = daemon.start()
    assert connection.note.startswith(ENDED)
    assert "could not" not in connection.note
    return connection
