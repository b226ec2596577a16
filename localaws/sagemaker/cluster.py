"""The instances of one job: as many processes, side by side on this machine."""

import dataclasses
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from localaws.jobs import Command, Job, Limits, Outcome, Parent, Workspace
from localaws.sagemaker.logs import LogStream


@dataclass(frozen=True)
class Host:
    """One instance of a job.

    Attributes:
        name: `algo-1`, `algo-2` and so on.
        workspace: Its private `/opt/ml`.
        command: What it runs.
        log: Where its output goes.
    """

    name: str
    workspace: Workspace
    command: Command
    log: LogStream


def names(count: int) -> tuple[str, ...]:
    """Return the host names of a job's instances."""
    return tuple(f"algo-{number}" for number in range(1, count + 1))


class Cluster:
    """Runs the hosts of one job; the first that fails ends the others.

    Args:
        warm: Forks the processes.
        hosts: What runs.
        limits: How far each may go.
        on_line: Gets each line of each host, beside its log.
    """

    def __init__(
        self,
        warm: Parent,
        hosts: list[Host],
        limits: Limits,
        on_line: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._hosts = hosts
        self._on_line = on_line
        self._lock = threading.Lock()
        self._jobs = [
            Job(
                dataclasses.replace(host.command, mounts=host.workspace.mounts),
                limits,
                self._writer(host),
                warm,
                host.workspace.root,
                publish=host.workspace.publish,
            )
            for host in hosts
        ]

    def stop(self) -> None:
        """Ask every host to end: SIGTERM, then SIGKILL."""
        for job in self._jobs:
            job.stop()

    def run(self) -> tuple[Host, Outcome]:
        """Run every host to its end.

        Returns:
            The host that decides how the job ended, and how: the first one that did
            not succeed by itself, else the first of all.
        """
        deciding: tuple[Host, Outcome] | None = None
        outcomes = {}
        with ThreadPoolExecutor(len(self._hosts), "host") as pool:
            running = {
                pool.submit(job.run): host
                for job, host in zip(self._jobs, self._hosts, strict=True)
            }
            try:
                for future in as_completed(running):
                    host, outcome = running[future], future.result()
                    outcomes[host.name] = outcome
                    good = outcome.cause == "exited" and outcome.exit_code == 0
                    if deciding is None and not good:
                        deciding = host, outcome
                        self.stop()
            finally:
                self.stop()
        for host in self._hosts:
            host.log.flush()
        first = self._hosts[0]
        return deciding or (first, outcomes[first.name])

    def _writer(self, host: Host) -> Callable[[str], None]:
        def write(line: str) -> None:
            with self._lock:
                self._on_line(line)
            host.log.write(line)

        return write
