"""What the families act with: the store, the clock, clients, processes, the meter."""

import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from localaws.clock import Clock
from localaws.errors import unless_full
from localaws.jobs import Parent
from localaws.journal import Journal
from localaws.labelling.crowd import Crowd
from localaws.loopback import Loopback, Session
from localaws.meter import Meter
from localaws.store import Store

PARALLEL = 4
_WATCHERS = 64
Part = TypeVar("Part")


class Engine:
    """The SageMaker of one account and region.

    Args:
        home: Folder for the private files of jobs and model servers.
        store: Its resources.
        aws: Clients of this endpoint.
        meter: Counts what AWS would bill.
        warm: Forks jobs.
        crowd: Labels what Ground Truth's public workforce is asked.
    """

    def __init__(
        self,
        home: Path,
        store: Store,
        aws: Loopback,
        meter: Meter,
        warm: Parent,
        crowd: Crowd,
    ) -> None:
        self.home = home / "jobs"
        self.store = store
        self.aws = aws
        self.meter = meter
        self.warm = warm
        self.crowd = crowd
        self._lock = threading.RLock()
        self.running: dict[str, Any] = {}
        self._parts: dict[Callable[..., Any], Any] = {}
        self.settlers: list[Callable[[bool], None]] = []
        self._slots = threading.BoundedSemaphore(PARALLEL)
        self._pool = self._new_pool()

    @property
    def clock(self) -> Clock:
        """The endpoint's clock."""
        return self.store.clock

    @property
    def journal(self) -> Journal:
        """Where changes are written, so that they outlive the process."""
        return self.store.journal

    def part(self, kind: Callable[["Engine"], Part]) -> Part:
        """Return this engine's one instance of a family's own class."""
        with self._lock:
            if kind not in self._parts:
                self._parts[kind] = kind(self)
            return self._parts[kind]

    def settle(self, wait: bool) -> None:
        """Finish what a family does lazily, before another service is read.

        Args:
            wait: Whether to wait for a settling under way. The requests of that
                settling itself must not.
        """
        for settler in self.settlers:
            with unless_full():
                settler(wait)

    def submit(self, work: Callable[..., None], *arguments: Any) -> None:
        """Do work beside the request that asked for it."""
        self._pool.submit(work, *arguments)

    @contextlib.contextmanager
    def slot(self, stopped: threading.Event) -> Iterator[bool]:
        """Wait until a few jobs at most run; yield False if this one is stopped first.

        Args:
            stopped: Set when the job is not to run any more.
        """
        while not self._slots.acquire(timeout=0.05):
            if stopped.is_set():
                yield False
                return
        try:
            yield True
        finally:
            self._slots.release()

    def register(self, arn: str, process: Any) -> None:
        """Remember the running process of a resource: `stop()` or `close()` ends it."""
        with self._lock:
            self.running[arn] = process

    def release(self, arn: str) -> Any:
        """Forget the running process of a resource, and return it."""
        with self._lock:
            return self.running.pop(arn, None)

    def process(self, arn: str) -> Any:
        """Return the running process of a resource, or None."""
        with self._lock:
            return self.running.get(arn)

    def environment(self, root: Path, session: Session) -> dict[str, str]:
        """Return the variables that every container has.

        Args:
            root: Plays the home folder, so that nothing of the learner's is found.
            session: The execution role's credentials.
        """
        region = self.store.region
        nothing = str(root / "none")
        binaries = str(Path(sys.executable).parent)
        return {
            "PATH": os.pathsep.join((binaries, os.environ.get("PATH", os.defpath))),
            "HOME": str(root),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_CONFIG_FILE": nothing,
            "AWS_SHARED_CREDENTIALS_FILE": nothing,
            "AWS_EC2_METADATA_DISABLED": "true",
            **session.environment(),
        }

    def folder(self, name: str) -> Path:
        """Return a folder of the job's own, empty."""
        folder = self.home / f"{name}-{self.clock.count('folder')}"
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def close(self) -> None:
        """End every process, wait for who watches them, and remove their files."""
        ending = [
            threading.Thread(target=getattr(process, "close", None) or process.stop)
            for process in list(self.running.values())
        ]
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.running.clear()
        shutil.rmtree(self.home, ignore_errors=True)

    def _new_pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_WATCHERS, thread_name_prefix="job")
