"""Fixtures for every test: a clean environment, a running endpoint, its clients.

After the last test the summary says how much memory the endpoint's process has then,
for each worker; the run fails where it is `MOST` or more. What is marked `nightly`
runs where `MLA_NIGHTLY` is 1.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.handlers
import psutil
import pytest

from localaws import client, daemon
from localaws.daemon import Connection
from tests import oracle
from tests.frugal import be_frugal

MOST = 300 * 2**20
SAID = pytest.StashKey[list[str]]()
NIGHTLY = "nightly(reason): left to the night; the reason names what tests it by day"
EPOCH = "2026-01-05T08:00:00+00:00"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {
                    "Service": "sagemaker.amazonaws.com",
                    "AWS": "arn:aws:iam::123456789012:root",
                },
                "Action": "sts:AssumeRole",
            }
        ],
    }
)

# What jobs do; not all of what the SDK asks a role for.
MAY = ("s3", "sagemaker", "sns", "sqs", "logs", "cloudwatch", "lambda", "events")


def work_role(iam: Any, name: str = "work") -> str:
    """Make a role that SageMaker may assume, and that may do what jobs do."""
    actions = [f"{service}:*" for service in MAY]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(
        RoleName=name,
        PolicyName="files",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    return made["Role"]["Arn"]


@pytest.fixture(scope="session", autouse=True)
def clean_environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide what this machine knows of AWS, and give the tests a home of their own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("AWS_", "LOCALAWS_", "MLA_TARGET", "SAGEMAKER_")):
                patch.delenv(name)
        patch.setenv("LOCALAWS_HOME", str(tmp_path_factory.mktemp("localaws")))
        patch.setenv("LOCALAWS_EPOCH", EPOCH)
        Path(os.environ["LOCALAWS_HOME"]).chmod(0o700)
        yield


def pytest_configure(config: pytest.Config) -> None:
    """Prepare for what is said of endpoints, and for thousands of clients."""
    config.stash[SAID] = []
    config.addinivalue_line("markers", NIGHTLY)
    be_frugal()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip by day what is left to the night."""
    if os.environ.get("MLA_NIGHTLY") == "1":
        return
    for item in items:
        for mark in item.iter_markers("nightly"):
            item.add_marker(
                pytest.mark.skip(reason=f"at night: {mark.kwargs['reason']}")
            )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Spread the tests over the workers: see `tests.spread`."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.spread import Spread

    return Spread(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker of pytest-xdist says of its endpoint."""
    said = getattr(node, "workeroutput", {}).get("endpoint", [])
    node.config.stash[SAID] += [f"{node.gateway.id}: {text}" for text in said]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show it."""
    for text in sorted(config.stash[SAID]):
        terminalreporter.write_line(text)


def measured(config: pytest.Config, connection: Connection, before: int) -> int:
    """Return the memory of the endpoint's process, and say it in the summary."""
    found = psutil.Process(connection.pid).memory_info().rss
    mib = [f"{size / 2**20:.0f}" for size in (before, found)]
    text = f"the endpoint's process: {mib[0]} MiB at its start, {mib[1]} MiB at its end"
    config.stash[SAID].append(text)
    if hasattr(config, "workeroutput"):
        config.workeroutput["endpoint"] = [text]
    return int(found)


@pytest.fixture(scope="session")
def _running(
    clean_environ: None, request: pytest.FixtureRequest
) -> Iterator[Connection]:
    connection = daemon.start()
    before = psutil.Process(connection.pid).memory_info().rss
    handlers = [(f"after-call.{name}", oracle.check) for name in oracle.EVENTS]
    botocore.handlers.BUILTIN_HANDLERS.extend(handlers)
    client.install(connection)
    yield connection
    found = measured(request.config, connection, before)
    client.uninstall()
    for handler in handlers:
        botocore.handlers.BUILTIN_HANDLERS.remove(handler)
    daemon.stop()
    assert found < MOST, "the endpoint's process has become too large"


@pytest.fixture
def endpoint(_running: Connection) -> Connection:
    """A running endpoint, empty."""
    _running.control("POST", "reset")
    client.install(_running)
    return _running


@pytest.fixture
def aws(endpoint: Connection) -> Callable[[str], Any]:
    """Make a boto3 client of the endpoint: `aws("s3")`."""
    return boto3.client


@pytest.fixture
def role(aws: Callable[[str], Any]) -> str:
    """ARN of a role that SageMaker may assume, and that may do what jobs do."""
    return work_role(aws("iam"))


@pytest.fixture
def bucket(aws: Callable[[str], Any]) -> str:
    """Name of an empty bucket."""
    aws("s3").create_bucket(Bucket="on-time-desk")
    return "on-time-desk"
