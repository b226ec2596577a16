"""Kernels started through Jupyter's own manager, stock or forked."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory

from helpers.kernels import PROVISIONER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")
SECONDS = 60


@dataclass
class Kernel:
    """A running kernel and a client of it."""

    manager: KernelManager
    client: BlockingKernelClient

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(int(self.run("import os; print(os.getpid())")))

    def run(self, code: str) -> str:
        """Run code and return what it printed."""
        printed = []

        def hear(message: dict) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        self.client.execute_interactive(code, output_hook=hear, timeout=SECONDS)
        return "".join(printed)


def forked(kernel: Kernel) -> bool:
    return "helpers.kernels.parent" in kernel.process.parent().cmdline()


def wait_until(true: Callable[[], bool]) -> bool:
    """Say whether something comes true before long."""
    deadline = time.monotonic() + SECONDS
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def gone(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Kernel]]:
    """Start kernels, by default forked ones, which end with the test."""
    with contextlib.ExitStack() as ending:

        def start_kernel(provisioner: str = PROVISIONER, **options: object) -> Kernel:
            factory = KernelProvisionerFactory.instance()
            monkeypatch.setattr(factory, "default_provisioner_name", provisioner)
            manager = KernelManager(kernel_name="python3")
            options.setdefault("stderr", subprocess.DEVNULL)
            manager.start_kernel(**options)
            ending.callback(manager.cleanup_resources)
            ending.callback(manager.shutdown_kernel, now=True)
            client = manager.client()
            client.start_channels()
            ending.callback(client.stop_channels)
            client.wait_for_ready(timeout=SECONDS)
            return Kernel(manager, client)

        yield start_kernel
