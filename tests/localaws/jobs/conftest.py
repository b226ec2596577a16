"""Jobs, and what is left of them."""

import os
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from localaws.jobs import (
    Command,
    Job,
    Limits,
    ModelServer,
    Outcome,
    WarmParent,
    Workspace,
)

MINUTE = Limits(seconds=60)
Run = Callable[..., tuple[Outcome, list[str]]]


@pytest.fixture(scope="session")
def parent() -> Iterator[WarmParent]:
    """A warm parent that is ready."""
    warm = WarmParent()
    assert warm.ready(60)
    yield warm
    warm.close()


@pytest.fixture
def gone() -> Callable[[list[psutil.Process]], None]:
    """Assert that processes end; those that only wait for init to bury them have."""

    def check(processes: list[psutil.Process]) -> None:
        deadline = time.monotonic() + 10
        left = [one for one in processes if _lives(one)]
        while left and time.monotonic() < deadline:
            time.sleep(0.01)
            left = [one for one in left if _lives(one)]
        assert not left

    return check


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def environ() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    """Write a Python file `train.py` into a folder of its own."""
    folder = tmp_path / "code"
    folder.mkdir()

    def write(source: str, name: str = "train.py") -> Path:
        path = folder / name
        path.write_text(textwrap.dedent(source))
        return path

    return write


@pytest.fixture
def run(environ: dict[str, str], script: Callable[[str], Path]) -> Run:
    """Run a Python source to its end: how it ended, and its lines."""

    def go(
        source: str,
        *argv: str,
        warm: WarmParent | None,
        limits: Limits = MINUTE,
        **variables: str,
    ) -> tuple[Outcome, list[str]]:
        path = script(source)
        lines: list[str] = []
        command = Command(environ | variables, path.parent, path, argv)
        outcome = Job(command, limits, lines.append, warm, path.parent).run()
        return outcome, lines

    return go


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace whose model has a name."""
    workspace = Workspace(tmp_path / "job")
    (workspace.model / "name").write_text("flights")
    return workspace


@pytest.fixture
def log() -> list[str]:
    """What model servers print."""
    return []


@pytest.fixture
def serve(
    workspace: Workspace, environ: dict[str, str], parent: WarmParent, log: list[str]
) -> Iterator[Callable[..., ModelServer]]:
    """Serve a Python source."""
    servers = []

    def make(
        source: str | None, name: str = "inference.py", start: float | None = 30, **more
    ) -> ModelServer:
        if source is not None:
            (workspace.code / name).write_text(source)
        options = {"parent": parent, "env": environ} | more
        server = ModelServer(
            workspace.model,
            code_dirs=[workspace.code],
            on_line=log.append,
            publish=workspace.publish,
            **options,
        )
        servers.append(server)
        if start is not None:
            server.start(start)
        return server

    yield make
    for server in servers:
        server.close()
