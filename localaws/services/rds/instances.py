"""The servers behind the DB instances, and the copies behind their snapshots.

What RDS answers is moto's; here is what really runs, and the status that follows from
it. Each instance has a worker of its own, so that what is asked of it is done in order.
"""

import logging
import secrets
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from localaws.services.context import Context
from localaws.services.rds.postgres import Postgres
from localaws.services.rds.programs import PostgresError, identifier, literal
from localaws.services.records import Records

INSTANCES = "rds-instance"
SNAPSHOTS = "rds-snapshot"
Members = dict[str, Any]
log = logging.getLogger(__name__)


class Instances:
    """The database servers of one endpoint.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.records = context.part(Records)
        self.home = context.home.parent / "rds"
        self._lock = threading.Lock()
        self._servers: dict[str, Postgres] = {}
        self._workers: dict[str, ThreadPoolExecutor] = {}
        self._closed = False
        self._tidy()

    def _tidy(self) -> None:
        """Remove what an endpoint left of which nothing is known any more."""
        for kind, table in (("instances", INSTANCES), ("snapshots", SNAPSHOTS)):
            known = self.records.all(table)
            folder = self.home / kind
            for path in folder.iterdir() if folder.is_dir() else ():
                if path.name not in known:
                    shutil.rmtree(path, ignore_errors=True)

    def close(self) -> None:
        """Stop every server; the data stays if the journal does."""
        with self._lock:
            self._closed = True
            workers = list(self._workers.values())
        for worker in workers:
            worker.shutdown(wait=True, cancel_futures=True)
        stoppers = [
            threading.Thread(target=server.stop) for server in self._servers.values()
        ]
        for one in stoppers:
            one.start()
        for one in stoppers:
            one.join()
        journal = self._context.journal
        kept = journal.silent and journal.path is not None and journal.path.exists()
        if not kept:
            shutil.rmtree(self.home, ignore_errors=True)

    def folder(self, kind: str, name: str) -> Path:
        """Return the folder of an instance or snapshot."""
        return self.home / kind / name

    def server(self, name: str) -> Postgres:
        """Return the server of an instance."""
        with self._lock:
            if name not in self._servers:
                known = self.records.get(INSTANCES, name) or {}
                self._servers[name] = Postgres(
                    self.folder("instances", name),
                    known.get("password", ""),
                    self._context.warm,
                )
            return self._servers[name]

    def status(self, name: str) -> Members | None:
        """Return status and port of an instance, None if it is not ours."""
        return self.records.get(INSTANCES, name)

    def later(self, name: str, work: Callable[..., None], *arguments: Any) -> None:
        """Do something for an instance after what was asked before."""
        with self._lock:
            if self._closed:
                return
            if name not in self._workers:
                self._workers[name] = ThreadPoolExecutor(
                    1, thread_name_prefix=f"rds-{name}"
                )
            self._workers[name].submit(self._do, name, work, *arguments)

    def _do(self, name: str, work: Callable[..., None], *arguments: Any) -> None:
        try:
            work(name, *arguments)
        except PostgresError as error:
            log.warning("%s: %s", name, error)
            if self.records.get(INSTANCES, name) is not None:
                self.records.change(INSTANCES, name, status="failed", reason=str(error))
        except Exception:
            log.exception("%s", name)

    def create(self, name: str, given: Members) -> None:
        """Make an instance: its data, then its server."""
        document = {
            "status": "creating",
            "password": secrets.token_urlsafe(24),
            "port": 0,
            "user": given["MasterUsername"],
            "database": given.get("DBName", "postgres"),
        }
        self.records.put(INSTANCES, name, document)
        self.later(name, self._create, given["MasterUserPassword"])

    def _create(self, name: str, password: str) -> None:
        known = self.records.get(INSTANCES, name) or {}
        self.server(name).create(known["user"], password, known["database"])
        self._start(name)

    def _start(self, name: str) -> None:
        known = self.records.get(INSTANCES, name)
        if known is None or self._closed:
            return
        server = self.server(name)
        server.start(known["port"])
        self.records.change(INSTANCES, name, status="available", port=server.port)

    def restore(self, name: str, snapshot: str) -> None:
        """Make an instance of a snapshot's data."""
        known = self.records.get(SNAPSHOTS, snapshot) or {}
        kept = ("password", "user", "database")
        self.records.put(
            INSTANCES,
            name,
            {"status": "creating", "port": 0, **{key: known[key] for key in kept}},
        )
        self.later(name, self._restore, snapshot)

    def _restore(self, name: str, snapshot: str) -> None:
        target = self.folder("instances", name)
        shutil.rmtree(target, ignore_errors=True)
        source = self.folder("snapshots", snapshot)
        shutil.copytree(source, target, symlinks=True)
        self._start(name)

    def start(self, name: str) -> None:
        """Start a stopped instance."""
        self.records.change(INSTANCES, name, status="starting")
        self.later(name, self._start)

    def stop(self, name: str) -> None:
        """Stop an instance; its data stays."""
        self.records.change(INSTANCES, name, status="stopping")
        self.later(name, self._stop)

    def _stop(self, name: str) -> None:
        self.server(name).stop()
        self.records.change(INSTANCES, name, status="stopped")

    def reboot(self, name: str) -> None:
        """Stop an instance and start it again."""
        self.records.change(INSTANCES, name, status="rebooting")
        self.later(name, self._reboot)

    def _reboot(self, name: str) -> None:
        self.server(name).stop()
        self._start(name)

    def change_password(self, name: str, password: str) -> None:
        """Give the master user another password."""
        self.records.change(INSTANCES, name, status="modifying")
        self.later(name, self._change_password, password)

    def _change_password(self, name: str, password: str) -> None:
        known = self.records.get(INSTANCES, name) or {}
        user = identifier(known["user"])
        self.server(name).sql(f"ALTER ROLE {user} PASSWORD {literal(password)}")
        self.records.change(INSTANCES, name, status="available")

    def snapshot(self, name: str, snapshot: str) -> None:
        """Copy an instance's data."""
        known = self.records.get(INSTANCES, name) or {}
        kept = ("password", "user", "database")
        self.records.put(
            SNAPSHOTS,
            snapshot,
            {"status": "creating", **{key: known[key] for key in kept}},
        )
        if known["status"] == "available":
            self.records.change(INSTANCES, name, status="backing-up")
        self.later(name, self._snapshot, snapshot)

    def _snapshot(self, name: str, snapshot: str) -> None:
        try:
            self.server(name).copy_to(self.folder("snapshots", snapshot))
        except PostgresError:
            self.records.change(SNAPSHOTS, snapshot, status="failed")
            raise
        self.records.change(SNAPSHOTS, snapshot, status="available")
        known = self.records.get(INSTANCES, name)
        if known is not None and known["status"] == "backing-up":
            self.records.change(INSTANCES, name, status="available")

    def drop_snapshot(self, snapshot: str) -> None:
        """Delete a copy."""
        self.records.drop(SNAPSHOTS, snapshot)
        shutil.rmtree(self.folder("snapshots", snapshot), ignore_errors=True)

    def delete(self, name: str) -> None:
        """Stop an instance and delete its data, after what was asked before."""
        self.later(name, self._delete)

    def _delete(self, name: str) -> None:
        self.server(name).stop()
        shutil.rmtree(self.folder("instances", name), ignore_errors=True)
        with self._lock:
            self._servers.pop(name, None)
        self.records.drop(INSTANCES, name)

    def resume(self) -> None:
        """Take up the instances of an endpoint that was killed."""
        for name, known in self.records.all(SNAPSHOTS).items():
            if known["status"] == "creating":
                self.records.change(SNAPSHOTS, name, status="failed")
        for name, known in self.records.all(INSTANCES).items():
            status = known["status"]
            if status == "creating":
                reason = "the local endpoint was restarted while it was made"
                self.records.change(INSTANCES, name, status="failed", reason=reason)
            elif status == "stopping":
                self.records.change(INSTANCES, name, status="stopped")
            elif status not in ("stopped", "failed"):
                self.start(name)


def resume(context: Context) -> None:
    """Take up the instances of an endpoint that was killed."""
    if context.part(Records).all(INSTANCES) or context.part(Records).all(SNAPSHOTS):
        context.part(Instances).resume()
