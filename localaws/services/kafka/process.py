"""The process that serves one cluster: its start, its ports, its end."""

import json
import logging
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from localaws.jobs import Command, Job, JobError, Limits, Parent
from localaws.kafka import READY

_ROOT = str(Path(__file__).resolve().parents[3])
_PATIENCE = 120
# poll(2) counts milliseconds in 32 bits
_LONG = 20 * 86_400
log = logging.getLogger(__name__)


class ClusterError(Exception):
    """The process of a cluster does not start."""


class Process:
    """A cluster's folder and the process that serves it.

    Args:
        folder: Holds the cluster's data and `broker.log`.
        warm: Holds the process, so that it dies with the endpoint.
        lost: Told why the process ended, where nobody has ended it.
    """

    def __init__(self, folder: Path, warm: Parent, lost: Callable[[str], None]) -> None:
        self.folder = folder
        self._warm = warm
        self._lost = lost
        self._wanted = False
        self._job: Job | None = None
        self._thread: threading.Thread | None = None
        self._settled = threading.Event()
        self._ports: list[int] = []

    def create(self, identity: str, brokers: int, configs: Mapping[str, str]) -> None:
        """Make the folder of a cluster.

        Args:
            identity: Its id in the Kafka protocol.
            brokers: How many brokers it has.
            configs: Of the brokers.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        settings = {"id": identity, "brokers": brokers, "configs": dict(configs)}
        (self.folder / "settings.json").write_text(json.dumps(settings))

    def start(self, ports: list[int]) -> list[int]:
        """Start, and wait until every broker accepts connections.

        Args:
            ports: Those of before; each that is taken is replaced.

        Returns:
            The ports of the brokers.

        Raises:
            ClusterError: It does not start.
        """
        command = Command(
            env={
                "PYTHONPATH": _ROOT,
                "HOME": str(self.folder),
                "PATH": os.defpath,
                "LANG": "C.UTF-8",
            },
            cwd=self.folder,
            module="localaws.kafka",
            argv=[str(self.folder), *map(str, ports)],
        )
        limits = Limits(seconds=_LONG, log_bytes=2**40, log_lines=2**31, grace=5.0)
        self._settled.clear()
        self._ports = []
        self._wanted = True
        self._job = Job(command, limits, self._say, self._warm, self.folder)
        self._thread = threading.Thread(target=self._serve, args=(self._job,))
        self._thread.daemon = True
        self._thread.start()
        self._settled.wait(_PATIENCE)
        if not self._ports:
            self.stop()
            raise ClusterError(f"{self.folder / 'broker.log'} says why")
        return self._ports

    def _serve(self, job: Job) -> None:
        cause = "lost"
        try:
            cause = job.run().cause
        except JobError as error:
            log.warning("Kafka: %s", error)
        finally:
            self._settled.set()
        if self._wanted and self._ports:
            self._lost(cause)

    def _say(self, line: str) -> None:
        with (self.folder / "broker.log").open("a") as file:
            file.write(f"{line}\n")
        if line.startswith(READY):
            self._ports = [int(port) for port in line[len(READY) :].split()]
            self._settled.set()

    def stop(self) -> None:
        """End the process; nothing of the data is lost."""
        self._wanted = False
        if self._job is not None:
            self._job.stop()
        if self._thread is not None:
            self._thread.join()
        self._job = self._thread = None

    def remove(self) -> None:
        """End the process and delete the data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
