"""Daemons that a test may kill, and processes that do not want to end."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from localaws import client, daemon
from localaws.home import Connection
from tests.conftest import work_role
from tests.localaws.faults.families import Families
from tests.localaws.faults.small_disk import LimitedDisk, SmallDisk, best
from tests.localaws.sagemaker.conftest import start

__all__ = ["start"]


@pytest.fixture
def families(aws: Callable[[str], Any], role: str, bucket: str) -> Families:
    """Stubborn work for the shared endpoint."""
    return Families(role, bucket)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where stubborn processes write their ids."""
    made = tmp_path / "pids"
    made.mkdir()
    return made


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of an endpoint of the test's own."""
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    daemon.stop()


@pytest.fixture
def own(home: Path) -> Iterator[Connection]:
    """An endpoint of the test's own, to which clients speak."""
    connection = daemon.start()
    client.install(connection)
    yield connection
    client.uninstall()


@pytest.fixture
def own_families(own: Connection) -> Families:
    """Stubborn work for the test's own endpoint."""
    made = work_role(boto3.client("iam"))
    boto3.client("s3").create_bucket(Bucket="desk")
    return Families(made, "desk")


@pytest.fixture(params=[best()], ids=lambda kind: kind.__name__)
def disk(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SmallDisk | LimitedDisk]:
    """The disk of an endpoint of the test's own, to which clients speak."""
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    made = request.param(tmp_path / "home")
    try:
        client.install(made.start())
        yield made
    finally:
        client.uninstall()
        made.close()
