"""Applications as they start, stop, change and end, each in a worker of its own."""

import logging
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from localaws.services import rentals
from localaws.services.context import Context
from localaws.services.kinesisanalyticsv2 import configuration, history, snapshots
from localaws.services.kinesisanalyticsv2.documents import TABLE, identity
from localaws.services.kinesisanalyticsv2.process import StartFailed
from localaws.services.kinesisanalyticsv2.rest import FlinkError
from localaws.services.kinesisanalyticsv2.running import Running
from localaws.services.records import Records

_STORAGE = 50
Members = dict[str, Any]
log = logging.getLogger(__name__)


class Lifecycle:
    """The applications that run.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._records = context.part(Records)
        self._home = context.home / "flink-runs"
        self._data = context.home.parent / "flink"
        self._lock = threading.Lock()
        self._running: dict[str, Running] = {}
        self._workers: dict[str, ThreadPoolExecutor] = {}
        self._closed = False
        self._tidy()

    def _tidy(self) -> None:
        """Remove what an endpoint left of which nothing is known any more."""
        known = {row["id"] for row in self._records.all(TABLE).values()}
        for path in self._data.iterdir() if self._data.is_dir() else ():
            if path.name not in known:
                shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(self._home, ignore_errors=True)

    def close(self) -> None:
        """End every process; the state stays if the journal does."""
        with self._lock:
            self._closed = True
            workers = list(self._workers.values())
        for running in list(self._running.values()):
            running.interrupt()
        for worker in workers:
            worker.shutdown(wait=True, cancel_futures=True)
        for running in self._running.values():
            running.stop()
        journal = self._context.journal
        kept = journal.silent and journal.path is not None and journal.path.exists()
        if not kept:
            shutil.rmtree(self._data, ignore_errors=True)

    def later(self, name: str, work: Callable[..., None], *given: Any) -> None:
        """Let the application's worker do something, after all that it has to do."""
        with self._lock:
            if self._closed:
                return
            worker = self._workers.setdefault(name, ThreadPoolExecutor(1))
            worker.submit(self._do, name, work, *given)

    def _do(self, name: str, work: Callable[..., None], *given: Any) -> None:
        try:
            work(name, *given)
        except Exception:
            if not self._closed:
                log.exception("%s", name)

    def running(self, name: str) -> Running | None:
        """Return the run of an application, if there is one."""
        return self._running.get(name)

    def _document(self, name: str) -> Members:
        return self._records.get(TABLE, name) or {}

    def _become(self, name: str, status: str, *before: str) -> None:
        """Set a status, where it is one of those before or these are not given."""
        with self._records.lock:
            known = self._records.get(TABLE, name)
            if known and not self._closed and (not before or known["status"] in before):
                self._records.change(TABLE, name, status=status)

    def start(self, name: str, operation: str, restore: Members) -> None:
        """Start an application.

        Args:
            name: Its name.
            operation: What asks for it.
            restore: The state to begin with.
        """
        document = self._document(name)
        if document.get("status") not in ("STARTING", "UPDATING"):
            history.end(self._context, operation, status="CANCELLED")
            return
        key = identity(self._context, "run")
        self._records.change(TABLE, name, checkpoints=key)
        running = Running(
            self._context,
            document,
            self._home / key,
            lambda why: self.later(name, self._lost, running, why),
        )
        self._running[name] = running
        try:
            running.start(self._checkpoints(document, key), restore)
        except StartFailed as error:
            self._fail(name, operation, running, str(error))
            return
        costs = self._costs(document)
        rentals.rent(self._context, name, costs)
        self._become(name, "RUNNING", "STARTING", "UPDATING")
        running.log.say("The application is running")
        history.end(self._context, operation)

    def _checkpoints(self, document: Members, key: str) -> Path:
        return snapshots.folder(self._context, document) / "checkpoints" / key

    def _costs(self, document: Members) -> rentals.Costs:
        units = configuration.kpus(document["config"])
        return {
            "flink-kpu": (None, units),
            "flink-storage": (None, _STORAGE * (units - 1)),
        }

    def _fail(self, name: str, operation: str, running: Running, why: str) -> None:
        running.log.say(f"The application has not started: {why}", "ERROR")
        self._end(name)
        history.end(self._context, operation, why)
        self._become(name, "READY", "STARTING", "UPDATING")

    def _end(self, name: str) -> None:
        """End the process of an application, and what it costs."""
        running = self._running.pop(name, None)
        if running is not None:
            running.stop()
        if self._closed:
            return
        rentals.end(self._context, name)
        document = self._document(name)
        if document.get("checkpoints"):
            path = self._checkpoints(document, document["checkpoints"])
            shutil.rmtree(path, ignore_errors=True)

    def _lost(self, name: str, running: Running, why: str) -> None:
        """Take note that a job has ended by itself."""
        if self._running.get(name) is not running:
            return
        level = "INFO" if why == "FINISHED" else "ERROR"
        running.log.say(f"The job has ended: {why}", level)
        self._end(name)
        self._become(name, "READY", "RUNNING")

    def snapshot(self, name: str, operation: str, key: str) -> None:
        """Write a snapshot whose document is there."""
        self._save(name, operation, key, stop=False)

    def _save(self, name: str, operation: str, key: str, *, stop: bool) -> bool:
        running, document = self._running.get(name), self._document(name)
        folder = snapshots.folder(self._context, document) / "savepoints"
        location, why = None, "the application does not run"
        try:
            if running is not None:
                location = running.savepoint(folder, stop=stop)
        except FlinkError as error:
            why = str(error)
            log.warning("%s: %s", name, error)
        if self._closed:
            return False
        snapshots.end(self._context, key, location)
        if location is None or not stop:
            history.end(self._context, operation, "" if location else why)
        return location is not None

    def stop(self, name: str, operation: str, key: str | None) -> None:
        """Stop an application.

        Args:
            name: Its name.
            operation: What asks for it.
            key: The snapshot that is taken with it.
        """
        if key and not self._save(name, operation, key, stop=True):
            self._become(name, "RUNNING", "STOPPING")
            return
        self._end(name)
        history.end(self._context, operation)
        self._become(name, "READY", "STOPPING", "FORCE_STOPPING")

    def update(
        self, name: str, operation: str, key: str | None, restore: Members
    ) -> None:
        """Start a running application anew with its changes.

        Args:
            name: Its name.
            operation: What asks for it.
            key: The snapshot from which it goes on.
            restore: What else of the restoring is asked for.
        """
        if key:
            if not self._save(name, operation, key, stop=True):
                self._become(name, "RUNNING", "UPDATING")
                return
            made = self._records.get(snapshots.TABLE, key) or {}
            restore = {"path": made["path"], **restore}
        self._end(name)
        self.start(name, operation, restore)

    def delete(self, name: str, operation: str) -> None:
        """End an application and forget it."""
        self._end(name)
        document = self._document(name)
        for row in snapshots.of(self._context, document):
            snapshots.drop(self._context, row)
        history.forget(self._context, document)
        shutil.rmtree(snapshots.folder(self._context, document), ignore_errors=True)
        self._records.drop(TABLE, name)
        with self._lock:
            self._workers.pop(name).shutdown(wait=False)

    def again(self, name: str, operation: str) -> None:
        """Start an application anew from its last checkpoint, after a kill."""
        document = self._document(name)
        known = document.get("checkpoints")
        folder = self._checkpoints(document, known) if known else Path("none")
        found = sorted(
            folder.glob("*/chk-*/_metadata"), key=lambda p: p.stat().st_mtime
        )
        restore = {"path": str(found[-1].parent)} if found else {}
        self.start(name, operation, restore)
