"""Who grades: executors of this machine, one process each, or a Dask cluster."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
)
from multiprocessing.connection import wait
from typing import Any, Protocol

from helpers.grading.batch import ending
from helpers.grading.batch.duty import Duty, cool, fit, perform

JSON = dict[str, Any]
PATIENCE = 60.0


class Crew(Protocol):
    """Grades several submissions at a time."""

    def size(self) -> int:
        """Give how many it grades at a time."""

    def preflight(self, duty: Duty) -> list[str]:
        """Say of each machine that must not grade why."""

    def submit(self, duty: Duty, work: JSON) -> Future:
        """Begin with one submission."""

    def outcome(self, future: Future) -> JSON:
        """Give what `perform` gave, or the fault that ended its worker."""

    def check(self) -> None:
        """End the batch if nobody is left who would finish it."""

    def close(self, kill: bool) -> None:
        """Let the workers go; or end them now."""


class Local:
    """Processes of this machine; each dies alone, with its own submission."""

    def __init__(
        self, workers: int, make: Callable[[], Executor] | None = None
    ) -> None:
        self._make = make or _process
        self._idle = [self._make() for _ in range(workers)]
        self._busy: dict[Future, Executor] = {}
        self._workers = workers

    def size(self) -> int:
        """Give how many it grades at a time."""
        return self._workers

    def preflight(self, duty: Duty) -> list[str]:
        """Ask this machine."""
        said = fit(duty)
        return [said] if said else []

    def submit(self, duty: Duty, work: JSON) -> Future:
        """Begin with one submission, in a process that has none."""
        executor = self._idle.pop()
        try:
            future = executor.submit(perform, duty, work)
        except BrokenExecutor:
            executor.shutdown(wait=False)
            executor = self._make()
            future = executor.submit(perform, duty, work)
        self._busy[future] = executor
        return future

    def outcome(self, future: Future) -> JSON:
        """Give what came out; a process that died is replaced."""
        executor = self._busy.pop(future)
        try:
            found = future.result()
        except BrokenExecutor:
            executor.shutdown(wait=False)
            executor, found = self._make(), {"fault": "its worker was killed"}
        self._idle.append(executor)
        return found

    def check(self) -> None:
        """See nothing: a process that dies says so."""

    def close(self, kill: bool) -> None:
        """Let the processes go; or end them now."""
        if kill:
            for process in multiprocessing.active_children():
                process.kill()
        for executor in [*self._idle, *self._busy.values()]:
            executor.shutdown(wait=not kill, cancel_futures=True)


class Cluster:
    """Workers of a Dask scheduler."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            step = "install it: .venv/bin/python -m pip install distributed"
            raise ending.usage(f"--scheduler needs Dask; {step}") from None
        self.address = address
        try:
            self._client = Client(address, timeout=PATIENCE / 4)
            self._client.wait_for_workers(1, timeout=PATIENCE)
            self._client.get_versions(check=True)
        except (OSError, TimeoutError, ValueError) as error:
            raise ending.usage(
                f"{address}: no scheduler with workers: {error}"
            ) from None
        self._executor = self._client.get_executor(pure=False, retries=0)
        self._seen = time.monotonic()

    def size(self) -> int:
        """Give how many its workers grade at a time, at least one."""
        return max(1, sum(self._threads().values()))

    def preflight(self, duty: Duty) -> list[str]:
        """Ask each worker: whether its sandbox holds, whether its lab is the same."""
        told = self._client.run(fit, duty)
        return [f"{worker}: {said}" for worker, said in told.items() if said]

    def submit(self, duty: Duty, work: JSON) -> Future:
        """Begin with one submission, on whichever worker is free."""
        return self._executor.submit(perform, duty, work)

    def outcome(self, future: Future) -> JSON:
        """Give what came out.

        Raises:
            Ended: if the scheduler is gone.
        """
        try:
            return future.result()
        except CancelledError:
            raise self._gone() from None
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            # Dask has tried it on several workers before it says that they were killed
            return {"fault": said, "again": type(error).__name__ != "KilledWorker"}

    def check(self) -> None:
        """End the batch if no worker has been there for a minute.

        Raises:
            Ended: if so, or if the scheduler is gone.
        """
        if not self._threads() and time.monotonic() - self._seen > PATIENCE:
            raise ending.left(f"{self.address} has had no worker for {PATIENCE:.0f} s")

    def close(self, kill: bool) -> None:
        """Leave the cluster as it was; what it still does for us is given up."""
        if not kill:
            self._client.run(cool)
        self._executor.shutdown(wait=not kill)
        self._client.close(timeout=5)

    def _threads(self) -> dict[str, int]:
        if self._client.status != "running":
            raise self._gone()
        try:
            found = self._client.nthreads()
        except (OSError, TimeoutError):
            raise self._gone() from None
        if found:
            self._seen = time.monotonic()
        return found

    def _gone(self) -> ending.Ended:
        return ending.left(f"{self.address}: the scheduler is gone")


def _process() -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_begin)


def _begin() -> None:
    """Leave Ctrl-C to the parent, and end with it whatever ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        watch = threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True)
        watch.start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
