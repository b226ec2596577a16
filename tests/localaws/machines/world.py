"""The endpoint that the machines drive: one of their own, since they kill it."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.exceptions import ClientError

from localaws import client, daemon
from tests.conftest import work_role

BUCKET = "on-time-desk"
SECONDS = 120
# a nightly run may have to wait for the machine
PATIENCE = 600.0
Answer = dict[str, Any]


class World:
    """A daemon in a home of its own, and its clients.

    Args:
        home: Its folder.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._clients: dict[str, Any] = {}
        self.role = ""
        self.kills = 0
        self.start()

    def start(self) -> None:
        """Start the daemon, or attach to it, and point boto3 at it."""
        self.connection = daemon.start(self._home)
        client.install(self.connection)
        self._clients.clear()

    def stop(self) -> None:
        """Stop the daemon and leave this process as it was."""
        client.uninstall()
        daemon.stop(self._home)

    def aws(self, service: str) -> Any:
        """Return a client."""
        if service not in self._clients:
            self._clients[service] = boto3.client(service)
        return self._clients[service]

    def call(self, name: str, **members: Any) -> Answer:
        """Call a SageMaker operation by its boto3 name."""
        return getattr(self.aws("sagemaker"), name)(**members)

    def reset(self) -> None:
        """Empty the endpoint but for a role and a bucket."""
        self.connection.control("POST", "reset", timeout=PATIENCE)
        self.role = work_role(self.aws("iam"))
        self.aws("s3").create_bucket(Bucket=BUCKET)

    def store(self, key: str, body: bytes) -> str:
        """Store an object and return its URI."""
        self.aws("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"s3://{BUCKET}/{key}"

    def keys(self, prefix: str) -> list[str]:
        """Return the keys of the objects below a prefix."""
        found = self.aws("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [one["Key"] for one in found.get("Contents", ())]

    def kill(self) -> None:
        """Kill the daemon with SIGKILL and start it again; clients stay if they can."""
        before = self.connection
        process = psutil.Process(before.pid)
        process.kill()
        until(lambda: _dead(process), "the death of the daemon")
        self.kills += 1
        after = daemon.start(self._home)
        if (after.url, after.secret_key) == (before.url, before.secret_key):
            self.connection = after
        else:
            self.start()

    def log(self) -> str:
        """Return the end of the daemon's log."""
        return (self._home / "daemon.log").read_text(errors="replace")[-4000:]

    def running(self) -> int:
        """Return how many jobs the daemon says it runs."""
        return self.connection.control("GET", "status")["jobs"]


def _dead(process: psutil.Process) -> bool:
    """Return whether a process has ended; its parent may not have noticed."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(done: Callable[[], Any], what: str) -> Any:
    """Poll until something is true, and return it."""
    end = time.monotonic() + SECONDS
    while not (found := done()):
        assert time.monotonic() < end, f"not after {SECONDS} s: {what}"
        time.sleep(0.03)
    return found


@contextlib.contextmanager
def refused(code: str, message: str = "") -> Iterator[None]:
    """Expect AWS's error of a code, whose message holds a text."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    assert message in error["Message"], error


def attempt(call: Callable[[], Answer], *codes: str) -> str | None:
    """Call; return the error's code, which must be one of these, or None."""
    try:
        call()
    except ClientError as error:
        found = error.response["Error"]
        assert found["Code"] in codes, found
        return found["Code"]
    return None


def race(*calls: Callable[[], Answer], codes: tuple[str, ...]) -> int:
    """Call all at once; return how many were not refused with one of the codes."""
    with ThreadPoolExecutor(len(calls)) as pool:
        found = list(pool.map(lambda call: attempt(call, *codes), calls))
    return found.count(None)


def nightly() -> bool:
    """Return whether this run is the long one."""
    return os.environ.get("MLA_NIGHTLY") == "1"
