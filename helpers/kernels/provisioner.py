"""The kernel provisioner that Jupyter loads by name."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from helpers.kernels.client import UnavailableError, fork_kernel

LAUNCHER = ["-m", "ipykernel_launcher"]
ACCEPTED = {"env", "cwd", "stdin", "stdout", "stderr", "independent"}


class ForkedProvisioner(LocalProvisioner):
    """Starts kernels by forking, and stock kernels wherever that cannot be.

    Everything after the start (signals, restart, shutdown) is Jupyter's own.
    """

    _told: ClassVar[set[str]] = set()

    async def launch_kernel(
        self, cmd: list[str], **kwargs: Any
    ) -> KernelConnectionInfo:
        """Start the kernel, forked if possible.

        Args:
            cmd: The command of a stock kernel.
            kwargs: What `subprocess.Popen` would be given.

        Returns:
            How to reach the kernel.
        """
        try:
            self.process = self._fork(cmd, **self._scrub_kwargs(kwargs))
        except UnavailableError as reason:
            if str(reason) not in self._told:
                self._told.add(str(reason))
                self.log.warning("Stock kernels instead of forked ones: %s", reason)
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    @staticmethod
    def _fork(cmd: list[str], **kwargs: Any) -> Any:
        if sys.platform != "linux":
            raise UnavailableError(f"no fork is safe on {sys.platform}")
        at = cmd.index(LAUNCHER[0]) if LAUNCHER[0] in cmd else len(cmd)
        if cmd[0] != sys.executable or cmd[at : at + 2] != LAUNCHER:
            raise UnavailableError(f"{cmd[0]} is not this environment's IPython kernel")
        unknown = sorted(set(kwargs) - ACCEPTED)
        if unknown or kwargs.get("independent"):
            raise UnavailableError(f"asked for {unknown or 'an independent kernel'}")
        env: Mapping[str, str] = kwargs.get("env") or os.environ
        cwd = Path(kwargs.get("cwd") or "").absolute()
        with _streams(kwargs) as streams:
            return fork_kernel(cmd[:at], cmd[at + 2 :], env, str(cwd), streams)


@contextmanager
def _streams(kwargs: Mapping[str, Any]) -> Iterator[list[int]]:
    """Give the descriptors that `subprocess.Popen` would have made of its arguments."""
    with ExitStack() as opened:
        null = os.open(os.devnull, os.O_RDWR)
        opened.callback(os.close, null)
        streams: list[int] = []
        for standard, name in enumerate(("stdin", "stdout", "stderr")):
            given = kwargs.get(name)
            if given is None:
                # As Jupyter does: nothing to read, and the tool's own output.
                streams.append(standard or null)
            elif given == subprocess.PIPE:
                raise UnavailableError(f"asked for a pipe as {name}")
            elif given == subprocess.STDOUT:
                streams.append(streams[1])
            elif given == subprocess.DEVNULL:
                streams.append(null)
            else:
                streams.append(given if isinstance(given, int) else given.fileno())
        yield streams
