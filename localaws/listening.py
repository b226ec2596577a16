"""The endpoint's port: a free one, which the next endpoint can have again at once."""

import contextlib
import socket
from typing import Any

from cheroot.wsgi import Server as WSGIServer

THREADS = 24
_TRIES = 20


def listen(application: Any, port: int = 0) -> WSGIServer:
    """Return a WSGI server that listens on 127.0.0.1.

    A port that the system chooses could not be had again while connections of a killed
    server linger, so it is chosen first and asked for by its number.

    Args:
        application: Answers the requests.
        port: Wanted; another if it is 0 or taken.

    Raises:
        OSError: There is no free port.
    """
    for last in range(_TRIES, -1, -1):
        address = ("127.0.0.1", _free(port))
        server = WSGIServer(address, application, numthreads=THREADS, timeout=120)
        try:
            server.prepare()
        except OSError:
            # somebody was quicker
            if not last:
                raise
        else:
            return server
    raise AssertionError


def _free(port: int) -> int:
    """Return a port if it is free, else another one."""
    for wanted in (port, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted))
            return probe.getsockname()[1]
    raise OSError("there is no free port")
