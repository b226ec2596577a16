"""Runs under way: their processes, when their time is over, and what shall end them."""

import datetime as dt
import json
import shutil
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from localaws.jobs import Job, JobError
from localaws.services.context import Context
from localaws.services.records import Records

# What the program of an engine leaves in its folder.
ERROR, RESULT = "error.txt", "result.json"
_MOST = 2000
# As many at once as a machine of two cores bears.
_AT_ONCE = 2


class RunFailed(Exception):
    """A run has not succeeded.

    Args:
        message: As the run's ErrorMessage.
        state: As its state.
    """

    def __init__(self, message: str, state: str = "FAILED") -> None:
        super().__init__(message)
        self.message, self.state = message, state


class UnderWay:
    """What is known of runs between their start and their end, by key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: dict[str, Job | None] = {}
        self._asked: dict[str, str] = {}
        self._due: dict[str, dt.datetime] = {}

    def add(self, key: str, due: dt.datetime) -> None:
        """Take up a run that has no process yet.

        Args:
            key: Its name.
            due: When its time is over.
        """
        with self._lock:
            self._active[key] = None
            self._due[key] = due

    def begin(self, key: str, job: Job) -> None:
        """Note the process of a run; one that is to end does not begin."""
        with self._lock:
            if key in self._asked:
                job.stop()
            self._active[key] = job

    def end(self, key: str, state: str) -> None:
        """Ask for the end of a run in a state; what was asked first counts."""
        with self._lock:
            self._asked.setdefault(key, state)
            self._due.pop(key, None)
            job = self._active.get(key)
        if job is not None:
            job.stop()

    def end_all(self, state: str) -> None:
        """Ask for the end of every run."""
        for key in list(self._active):
            self.end(key, state)

    def expire(self, now: dt.datetime) -> dt.datetime | None:
        """End the runs whose time is over; return when the next one's is."""
        with self._lock:
            due = dict(self._due)
        for key, when in due.items():
            if when <= now:
                self.end(key, "TIMEOUT")
        return min((when for when in due.values() if when > now), default=None)

    def asked(self, key: str) -> str | None:
        """Return the state in which a run shall end, if its end was asked for."""
        return self._asked.get(key)

    def drop(self, key: str) -> None:
        """Forget a run that has ended."""
        with self._lock:
            for table in (self._active, self._asked, self._due):
                table.pop(key, None)


class Board:
    """The runs of one service, each in a thread and in a process of its own.

    Args:
        context: The endpoint.
        name: Of the folder that holds what runs need.
        closed: The state of a run that the endpoint's end ends.
    """

    def __init__(self, context: Context, name: str, closed: str = "STOPPED") -> None:
        self._context = context
        self._records = context.part(Records)
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=name)
        self._under_way = UnderWay()
        self._home = context.home / name
        self._at_close = closed
        self._closed = False

    def close(self) -> None:
        """Stop what runs, and remove its files."""
        self._closed = True
        self._under_way.end_all(self._at_close)
        self._pool.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._home, ignore_errors=True)


def finished(
    job: Job, begin: Callable[[Job], None], folder: Path, causes: Mapping[str, str]
) -> dict[str, Any]:
    """Run the process of an engine, and return what it has found.

    Args:
        job: The process.
        begin: Called with it before it starts.
        folder: Where it leaves `result.json`, or in `error.txt` why it failed.
        causes: What to say of an end that the engine cannot tell of, by its cause.

    Raises:
        RunFailed: It failed, was stopped or too slow, or could not be started.
    """
    begin(job)
    try:
        outcome = job.run()
    except JobError as error:
        raise RunFailed(f"The run cannot be started: {error}") from error
    if outcome.cause in ("timeout", "stopped") and outcome.cause not in causes:
        raise RunFailed("", outcome.cause.upper())
    if outcome.cause == "exited" and outcome.exit_code == 0:
        found: dict[str, Any] = json.loads((folder / RESULT).read_text())
        return found
    told = folder / ERROR
    if told.is_file() and outcome.cause == "exited":
        raise RunFailed(told.read_text(encoding="utf-8")[:_MOST])
    ended = f"The run's process ended with exit code {outcome.exit_code}."
    raise RunFailed(causes.get(outcome.cause, ended))
