"""hypothesis' profiles, and the endpoint of the machines."""

from collections.abc import Iterator
from pathlib import Path

import botocore.handlers
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.configuration import set_hypothesis_home_dir

from localaws import client
from tests import oracle
from tests.localaws.machines.machine import Machine
from tests.localaws.machines.world import World

_COMMON = {
    "deadline": None,
    "database": None,
    "print_blob": True,
    "report_multiple_bugs": False,
    "stateful_step_count": 8,
    "suppress_health_check": list(HealthCheck),
}
settings.register_profile(
    "machines", max_examples=12, derandomize=True, phases=[Phase.generate], **_COMMON
)
settings.register_profile("machines-nightly", max_examples=1000, **_COMMON)


@pytest.fixture(scope="package")
def _world(
    clean_environ: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    set_hypothesis_home_dir(str(tmp_path_factory.mktemp("hypothesis")))
    handlers = [(f"after-call.{name}", oracle.check) for name in oracle.EVENTS]
    botocore.handlers.BUILTIN_HANDLERS.extend(handlers)
    world = World(Path(tmp_path_factory.mktemp("machines")))
    yield world
    world.stop()
    for handler in handlers:
        botocore.handlers.BUILTIN_HANDLERS.remove(handler)


@pytest.fixture
def world(_world: World) -> Iterator[World]:
    """The machines' endpoint, with boto3 pointed at it."""
    _world.start()
    Machine.world = _world
    yield _world
    client.uninstall()
