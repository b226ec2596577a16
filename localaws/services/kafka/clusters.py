"""The clusters of one endpoint: their documents, and the processes behind them."""

import hashlib
import logging
import shutil
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.kafka.operations import bad
from localaws.services.kafka.process import ClusterError, Process
from localaws.services.records import Records

TABLE = "kafka-cluster"
ACCOUNT = "123456789012"
Members = dict[str, Any]
log = logging.getLogger(__name__)


class Clusters:
    """Makes, finds and ends clusters; each has a worker, so that all is in order.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.records = context.part(Records)
        self._home = context.home.parent / "kafka"
        self._lock = threading.Lock()
        self._processes: dict[str, Process] = {}
        self._workers: dict[str, ThreadPoolExecutor] = {}
        self._closed = False
        self._tidy()

    def _tidy(self) -> None:
        """Remove what an endpoint left of which nothing is known any more."""
        known = {row["id"] for row in self.records.all(TABLE).values()}
        for path in self._home.iterdir() if self._home.is_dir() else ():
            if path.name not in known:
                shutil.rmtree(path, ignore_errors=True)

    def close(self) -> None:
        """End every process; the data stays if the journal does."""
        with self._lock:
            self._closed = True
            workers = list(self._workers.values())
        for worker in workers:
            worker.shutdown(wait=True, cancel_futures=True)
        for process in self._processes.values():
            process.stop()
        journal = self._context.journal
        kept = journal.silent and journal.path is not None and journal.path.exists()
        if not kept:
            shutil.rmtree(self._home, ignore_errors=True)

    def all(self) -> list[Members]:
        """Return every cluster."""
        return list(self.records.all(TABLE).values())

    def active(self) -> list[Members]:
        """Return the clusters that serve clients."""
        return [row for row in self.all() if row["state"] == "ACTIVE"]

    def find(self, arn: str) -> Members:
        """Return a cluster.

        Raises:
            AwsError: There is none.
        """
        if not arn.startswith("arn:aws:kafka:"):
            raise bad("One or more of the parameters are not valid.", "clusterArn")
        found = self.records.get(TABLE, arn)
        if found is None:
            raise AwsError(
                "NotFoundException", "The requested cluster doesn't exist.", 404
            )
        return found

    def create(self, members: Members, configs: Mapping[str, str]) -> Members:
        """Make a cluster.

        Args:
            members: Name, brokers, and what Describe shows.
            configs: Of the brokers.

        Raises:
            AwsError: The name is taken.
        """
        name = members["name"]
        with self.records.lock:
            if any(row["name"] == name for row in self.all()):
                raise AwsError(
                    "ConflictException",
                    "This cluster name already exists. Retry your request using "
                    "another name.",
                    409,
                )
            number = self._context.clock.count("kafka cluster")
            identity = str(uuid.uuid5(uuid.NAMESPACE_URL, f"kafka {name} {number}"))
            place = f"{self._context.aws.region}:{ACCOUNT}:cluster"
            row = {
                **members,
                "id": identity,
                "arn": f"arn:aws:kafka:{place}/{name}/{identity}-1",
                "state": "CREATING",
                "ports": [],
                "created": self._context.clock.now(),
                "version": f"K{hashlib.sha256(identity.encode()).hexdigest()[:12]}",
            }
            row["version"] = row["version"].upper()
            self.records.put(TABLE, row["arn"], row)
        self._later(row["arn"], self._create, configs)
        return row

    def delete(self, arn: str) -> None:
        """End a cluster and delete its records."""
        self.records.change(TABLE, arn, state="DELETING")
        self._later(arn, self._delete)

    def _process(self, arn: str) -> Process:
        with self._lock:
            if arn not in self._processes:
                row = self.records.get(TABLE, arn) or {}
                folder = self._home / row["id"]
                self._processes[arn] = Process(
                    folder, self._context.warm, lambda why: self._lost(arn, why)
                )
            return self._processes[arn]

    def _later(self, arn: str, work: Callable[..., None], *given: Any) -> None:
        with self._lock:
            if self._closed:
                return
            worker = self._workers.setdefault(arn, ThreadPoolExecutor(1))
            worker.submit(self._do, arn, work, *given)

    def _do(self, arn: str, work: Callable[..., None], *given: Any) -> None:
        try:
            work(arn, *given)
        except Exception as error:
            if not isinstance(error, ClusterError):
                log.exception("%s", arn)
            if self.records.get(TABLE, arn) is not None:
                self.records.change(TABLE, arn, state="FAILED", reason=str(error))

    def _create(self, arn: str, configs: Mapping[str, str]) -> None:
        row = self.records.get(TABLE, arn) or {}
        self._process(arn).create(row["id"], row["brokers"], configs)
        self._start(arn)

    def _start(self, arn: str) -> None:
        row = self.records.get(TABLE, arn)
        if row is None or self._closed:
            return
        ports = self._process(arn).start(row["ports"])
        self.records.change(TABLE, arn, state="ACTIVE", ports=ports)

    def _lost(self, arn: str, why: str) -> None:
        """Start a process again that has ended by itself, as MSK does."""
        if self._closed or self.records.get(TABLE, arn) is None:
            return
        if why == "disk":
            reason = "the local endpoint keeps 4 GiB of a cluster"
            self.records.change(TABLE, arn, state="FAILED", reason=reason)
            return
        log.warning("%s: the process has ended: %s", arn, why)
        self.records.change(TABLE, arn, state="HEALING")
        self._later(arn, self._heal)

    def _heal(self, arn: str) -> None:
        self._process(arn).stop()
        self._start(arn)

    def _delete(self, arn: str) -> None:
        self._process(arn).remove()
        with self._lock:
            self._processes.pop(arn, None)
            self._workers.pop(arn).shutdown(wait=False)
        self.records.drop(TABLE, arn)

    def resume(self) -> None:
        """Take up the clusters of an endpoint that was killed."""
        for row in self.all():
            if row["state"] == "CREATING":
                reason = "the local endpoint was restarted while it was made"
                self.records.change(TABLE, row["arn"], state="FAILED", reason=reason)
            elif row["state"] == "DELETING":
                self._later(row["arn"], self._delete)
            elif row["state"] != "FAILED":
                self.records.change(TABLE, row["arn"], state="HEALING")
                self._later(row["arn"], self._start)


def resume(context: Context) -> None:
    """Take up the clusters of an endpoint that was killed."""
    if context.part(Records).all(TABLE):
        context.part(Clusters).resume()
