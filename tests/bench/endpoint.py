"""Endpoints to measure, and moto's own server beside them."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from localaws import daemon
from localaws.daemon import Connection

Clients = Callable[[str], Any]


@contextmanager
def endpoint(variables: Mapping[str, str] | None = None) -> Iterator[Connection]:
    """Run an endpoint in a home of its own, with a few variables for it."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        os.environ.update(variables or {})
        try:
            yield daemon.start(Path(home))
        finally:
            os.environ.clear()
            os.environ.update(before)
            daemon.stop(Path(home))


def clients(connection: Connection) -> Clients:
    """Give a maker of boto3 clients of an endpoint."""
    return _clients(connection.url, connection.access_key, connection.secret_key)


@contextmanager
def moto() -> Iterator[Clients]:
    """Run `moto_server` in a process of its own, and give a maker of its clients."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with server:
        try:
            wait_for(lambda: _listens(port))
            yield _clients(f"http://127.0.0.1:{port}", "bench", "bench")
        finally:
            server.terminate()


def wait_for(
    true: Callable[[], bool], seconds: float = 120, poll: float = 0.005
) -> None:
    """Wait until something is true.

    Raises:
        TimeoutError: If it is not, in that time.
    """
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(poll)


def _clients(url: str, key: str, secret: str) -> Clients:
    session = boto3.Session(key, secret, region_name="us-east-1")
    config = Config(inject_host_prefix=False, read_timeout=300)
    return lambda name: session.client(name, endpoint_url=url, config=config)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
