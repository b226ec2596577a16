"""One job from its start to its end: what training and processing share."""

import contextlib
import datetime as dt
import logging
import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, ClassVar

from localaws.errors import NotImplementedHere
from localaws.jobs import Limits, Outcome, Workspace, can_cut_network
from localaws.loopback import Session
from localaws.meter import memory_bytes
from localaws.sagemaker.cluster import Cluster, Host, names
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.logs import Logs, LogStream
from localaws.sagemaker.program import JobFailed
from localaws.sagemaker.transfer import TransferError

Members = dict[str, Any]
End = tuple[str, str | None]
ENDED = ("Completed", "Failed", "Stopped")
STORING = "__storing"
_LIMITS = {
    "disk": "ClientError: the job filled its volume: VolumeSizeInGB is too small.",
    "log": "AlgorithmError: the job printed more than the 16 MiB or 100,000 lines of "
    "log that the local endpoint keeps.",
    "memory": "AlgorithmError: OutOfMemory: the instance type has less memory.",
    "lost": "InternalServerError: the job's process disappeared.",
}
log = logging.getLogger(__name__)


class JobRun(ABC):
    """Runs one job, each of its instances in a workspace of its own.

    Args:
        engine: What it acts with.
        document: The stored job, which it changes.
        resources: Its `InstanceType`, `InstanceCount` and `VolumeSizeInGB`.
        isolated: Whether its containers are cut off the network.
    """

    noun: ClassVar[str]
    group: ClassVar[str]
    # How long each phase is modelled to take on a standing clock, in seconds.
    phases: ClassVar[dict[str, int]]

    def __init__(
        self, engine: Engine, document: Members, resources: Members, isolated: bool
    ) -> None:
        self.engine = engine
        self.document = document
        self.name: str = document[f"{self.noun}Name"]
        self.arn: str = document[f"{self.noun}Arn"]
        self.resources = resources
        self.hosts = names(resources["InstanceCount"])
        self.isolated = isolated
        self.since: dt.datetime = document["CreationTime"]
        self.stopped = threading.Event()
        self._phase: str | None = None
        self._cluster: Cluster | None = None
        self._workspaces: list[Workspace] = []
        self.enter("Starting")

    def stop(self) -> None:
        """End the job: at once where nothing runs yet, else by signal."""
        self.stopped.set()
        self.halt()

    def halt(self) -> None:
        """Ask the processes that run now to end."""
        if self._cluster:
            self._cluster.stop()

    def __call__(self) -> None:
        """Run the job to its end, whatever happens, and store how it ended."""
        root = self.engine.folder(self.name)
        if self._stopping:
            # the stop came before there was anything to tell of it
            self.stopped.set()
        try:
            with self.engine.slot(self.stopped) as free:
                end = self.run(root) if free else ("Stopped", None)
        except Exception as error:
            # a stop takes containers and files away from under who uses them
            stopped = self.stopped.is_set()
            end = ("Stopped", None) if stopped else ("Failed", self.reason(error))
        finally:
            with contextlib.suppress(OSError):
                self.clear()
            shutil.rmtree(root, ignore_errors=True)
            self.engine.release(self.arn)
        with self.engine.store.lock:
            # AWS documents no way out of Stopping but Stopped
            self.finish(*(("Stopped", None) if self._stopping else end))

    @property
    def _stopping(self) -> bool:
        return bool(self.document[f"{self.noun}Status"] == "Stopping")

    @abstractmethod
    def run(self, root: Path) -> End:
        """Do the work; how it ended, and why it failed."""

    @abstractmethod
    def complaint(self, host: Host, outcome: Outcome) -> str:
        """Return the reason of a command that failed."""

    @abstractmethod
    def finish(self, end: str, reason: str | None) -> None:
        """Store how the job ended."""

    def reason(self, error: Exception) -> str:
        """Return the FailureReason for what went wrong outside the container."""
        if isinstance(error, JobFailed):
            return str(error)
        if isinstance(error, TransferError):
            return f"ClientError: {error}"
        log.error("%s %s", self.noun, self.name, exc_info=error)
        return f"InternalServerError: {error!r}"

    def enter(self, phase: str) -> None:
        """Close the phase before, at its modelled or real end, and open this one."""
        if self._phase:
            modelled = self.phases[self._phase]
            end = self.engine.clock.elapse(self.since, modelled)
            self.since = max(end, self.document.get("_stopped", end))
        self._phase = phase

    def workspace(self, root: Path, host: str) -> Workspace:
        """Make the private `/opt/ml` of a host; it goes with the job."""
        made = Workspace(root / host)
        self._workspaces.append(made)
        return made

    def clear(self) -> None:
        """Remove every workspace."""
        while self._workspaces:
            self._workspaces.pop().remove()

    def shard(self, host: str, distribution: str | None) -> tuple[int, int]:
        """Return which objects of a channel a host gets."""
        if distribution == "ShardedByS3Key":
            return self.hosts.index(host), len(self.hosts)
        return 0, 1

    def base(self, workspace: Workspace, session: Session) -> dict[str, str]:
        """Return the variables of a container, without those of the request."""
        variables = self.engine.environment(workspace.root, session)
        if self.isolated:
            # on AWS an isolated container gets no credentials either
            for name in ("AWS_ENDPOINT_URL", *session.environment()):
                variables.pop(name, None)
        return variables

    def stream(self, host: str) -> LogStream:
        """Open the log stream of a host."""
        stamp = int(self.since.timestamp())
        engine, name = self.engine, f"{self.name}/{host}-{stamp}"
        return engine.part(Logs).open(self.group, name)

    def execute(
        self,
        hosts: list[Host],
        seconds: float,
        on_line: Callable[[str], None] = lambda line: None,
        *beside: AbstractContextManager[Any],
    ) -> tuple[Host, Outcome]:
        """Run the hosts' commands, and something beside them.

        Args:
            hosts: What runs.
            seconds: Real time that they may take.
            on_line: Gets each line.
            beside: Contexts that are open meanwhile.

        Returns:
            The host that decides, and how it ended.
        """
        limits = Limits(
            seconds=seconds,
            disk_bytes=self.resources.get("VolumeSizeInGB", 30) * 2**30,
            memory_bytes=memory_bytes(self.resources["InstanceType"]),
        )
        cluster = Cluster(self.engine.warm, hosts, limits, on_line)
        self._cluster = cluster
        if self.stopped.is_set():
            cluster.stop()
        with ExitStack() as stack:
            for context in beside:
                stack.enter_context(context)
            return cluster.run()

    def verdict(self, host: Host, outcome: Outcome) -> End:
        """Return how the job ended, from how its deciding host did."""
        if outcome.cause == "stopped":
            return "Stopped", None
        if outcome.cause == "timeout":
            return "MaxRuntimeExceeded", None
        if outcome.cause != "exited":
            return "Failed", _LIMITS[outcome.cause]
        if outcome.exit_code == 0:
            return "Completed", None
        return "Failed", self.complaint(host, outcome)

    def bill(self, kind: str, seconds: int) -> None:
        """Add what the instances cost."""
        self.engine.meter.add(
            kind,
            seconds * len(self.hosts),
            instance=self.resources["InstanceType"],
            resource=self.name,
        )


def is_internal(reason: str | None) -> bool:
    """Whether a job failed by no fault of its own."""
    return reason is not None and reason.startswith("InternalServerError")


def check_network(
    operation: str, instances: int, path: str, isolated: bool, encrypted: bool
) -> None:
    """Refuse what this machine cannot do for a job's network.

    Args:
        operation: Such as `CreateTrainingJob`.
        instances: How many the job has.
        path: What stands before the names of the members.
        isolated: `EnableNetworkIsolation`.
        encrypted: `EnableInterContainerTrafficEncryption`.
    """
    if encrypted and instances > 1:
        raise NotImplementedHere(
            f"sagemaker:{operation} {path}EnableInterContainerTrafficEncryption=True "
            f"with {instances} instances",
            "encrypts the traffic between instances",
        )
    if isolated and (instances > 1 or not can_cut_network()):
        raise NotImplementedHere(
            f"sagemaker:{operation} {path}EnableNetworkIsolation=True (here only with "
            "one instance, on a Linux that lets a user make network namespaces)",
            "cuts the container off every network but its peers'",
        )
