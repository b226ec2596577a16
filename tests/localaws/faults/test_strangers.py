"""F4, F6: programs and users that the endpoint does not know."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import boto3
import psutil
import pytest

from localaws import client, daemon
from localaws.home import Connection, Home
from tests.conftest import work_role
from tests.localaws.faults.families import Families
from tests.localaws.sagemaker import hosted

# As nobody, reads and asks what another user may not; prints what is open.
PROBE = """
import encodings.idna, errno, http.client, os, sys
os.setgroups([]), os.setgid(65534), os.setuid(65534)
port, pid, *paths = sys.argv[1:]
def look(path):
    try:
        if os.path.isdir(path):
            os.listdir(path)
        else:
            os.open(path, os.O_RDONLY)
    except OSError as error:
        return error.errno in (errno.EACCES, errno.EPERM)
    return False
def ask(method, path, headers):
    wire = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
    wire.request(method, path, body=b"", headers=headers)
    status = wire.getresponse().status
    wire.close()
    return status == 403
def kill(number):
    try:
        os.kill(int(pid), number)
    except PermissionError:
        return True
    return False
probes = [(look, path) for path in paths]
probes += [(look, f"/proc/{pid}/{name}") for name in ("environ", "mem", "fd", "cwd/.")]
probes += [(kill, 0), (kill, 15), (kill, 9)]
requests = [
    ("GET", "/desk"), ("GET", "/desk/key"), ("PUT", "/desk/key"), ("POST", "/"),
    ("DELETE", "/desk"), ("GET", "/_localaws/status"), ("POST", "/_localaws/reset"),
    ("POST", "/_localaws/stop"), ("GET", "/_localaws/bill"), ("GET", "/moto-api/"),
]
forms = [
    {}, {"X-Localaws-Token": "guess"},
    {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260105/"
     "us-east-1/s3/aws4_request, SignedHeaders=host, Signature=" + "0" * 64},
    {"Origin": "http://localhost"},
]
probes += [(ask, *one, form) for one in requests for form in forms]
results = [(probe(*rest), probe.__name__, rest) for probe, *rest in probes]
for good, *what in results:
    if not good:
        print("OPEN", what)
print(len(results))
"""


class Squatter(BaseHTTPRequestHandler):
    """Answers everything with 200, and keeps what it was told."""

    heard: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        """Answer with an empty JSON object."""
        self.heard.append(str(self.headers))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def squatter() -> Iterator[int]:
    """The port of a stranger's server that answers 200."""
    Squatter.heard.clear()
    with HTTPServer(("127.0.0.1", 0), Squatter) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def published(home: Path, port: int) -> Home:
    """Return a home whose connection names a port on which a stranger listens."""
    place = Home(home)
    place.publish(
        Connection(
            url=f"http://127.0.0.1:{port}",
            port=port,
            pid=os.getppid(),
            access_key="AKIA",
            secret_key="hush",
            token="hush-too",
            home=str(home),
        )
    )
    return place


def test_a_port_that_a_stranger_has_taken_is_not_trusted(
    home: Path, squatter: int
) -> None:
    """F4: what a crash left behind names a port; another one is chosen."""
    published(home, squatter)
    connection = daemon.start()
    assert connection.port != squatter
    assert connection.control("GET", "status")["pid"] == connection.pid
    assert not Squatter.heard


def test_a_squatter_does_not_pass_for_the_endpoint(
    home: Path, squatter: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F4: who answers 200 must be the process that holds the keys; it is named."""
    place = published(home, squatter)
    lock = place.lock()
    assert lock is not None
    monkeypatch.setattr(daemon, "_START_SECONDS", 0.5)
    with pytest.raises(daemon.DaemonError, match=f"by process {os.getpid()}"):
        daemon.start()
    os.close(lock)
    (home / "daemon.json").unlink()
    assert not Squatter.heard


def test_a_busy_port_is_left_to_who_has_it(home: Path) -> None:
    """F4: two endpoints and a stranger, three ports."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        first = daemon.start()
        second = daemon.start(home.parent / "other")
        ports = {stranger.getsockname()[1], first.port, second.port}
        assert len(ports) == 3
        daemon.stop(home.parent / "other")


@pytest.fixture
def visible() -> Iterator[Path]:
    """A folder that every user of the machine may enter, but not list."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another user")
def test_another_user_is_refused_everything(visible: Path) -> None:
    """F6: fifty probes of the endpoint, its files, its jobs: 403 or EACCES."""
    connection = daemon.start(visible / "home")
    client.install(connection)
    try:
        made = work_role(boto3.client("iam"))
        boto3.client("s3").create_bucket(Bucket="desk")
        families = Families(made, "desk")
        hosted.make_model("m", families.role, "desk")
        hosted.deploy("e", hosted.variant("m"))
        home = Path(connection.home)
        paths = [home, *home.rglob("*")]
        probe = subprocess.run(
            [
                sys.executable,
                "-ISc",
                PROBE,
                str(connection.port),
                str(connection.pid),
                *map(str, paths),
            ],
            cwd="/",
            env={},
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        client.uninstall()
        daemon.stop(visible / "home")
    *opened, count = probe.stdout.splitlines()
    assert opened == []
    assert int(count) >= 50


def test_no_file_is_for_others(own: Connection, own_families: Families) -> None:
    """F6: what the endpoint writes, and what its containers listen on."""
    hosted.make_model("m", own_families.role, own_families.bucket)
    hosted.deploy("e", hosted.variant("m"))
    home = Path(own.home)
    assert home.stat().st_mode & 0o077 == 0
    for path in home.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    main = psutil.Process(own.pid)
    for process in [main, *main.children(recursive=True)]:
        for wire in process.net_connections("inet"):
            assert wire.laddr.ip == "127.0.0.1"
