"""A running application: its process, its role's credentials, its watch."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localaws.errors import AwsError
from localaws.flink_runtime.settings import Setting
from localaws.loopback import Session
from localaws.services.context import Context
from localaws.services.kinesisanalyticsv2 import code, configuration, metrics
from localaws.services.kinesisanalyticsv2.log import ApplicationLog
from localaws.services.kinesisanalyticsv2.process import Process, StartFailed
from localaws.services.kinesisanalyticsv2.rest import FlinkError

_LOOK, _MEASURE = 0.5, 1.0
Members = dict[str, Any]
log = logging.getLogger(__name__)


def _flink(config: Members, checkpoints: Path, restore: Members) -> dict[str, str]:
    """Return Flink's configuration of a run."""
    given = config["FlinkApplicationConfigurationDescription"]
    wanted = given["CheckpointConfigurationDescription"]
    found = {
        "rest.port": "0",
        "rest.address": "127.0.0.1",
        "rest.bind-address": "127.0.0.1",
        "metrics.fetcher.update-interval": "500 ms",
        "parallelism.default": str(
            given["ParallelismConfigurationDescription"]["Parallelism"]
        ),
        "taskmanager.memory.managed.size": "32m",
        "taskmanager.memory.network.min": "32m",
        "taskmanager.memory.network.max": "32m",
        "execution.checkpointing.dir": checkpoints.as_uri(),
        "execution.checkpointing.num-retained": "1",
        "execution.checkpointing.externalized-checkpoint-retention": (
            "RETAIN_ON_CANCELLATION"
        ),
    }
    if wanted["CheckpointingEnabled"]:
        pause = wanted["MinPauseBetweenCheckpoints"]
        found["execution.checkpointing.interval"] = f"{wanted['CheckpointInterval']} ms"
        found["execution.checkpointing.min-pause"] = f"{pause} ms"
    if restore.get("path"):
        found["execution.state-recovery.path"] = f"file:{restore['path']}"
        if restore.get("lenient"):
            found["execution.state-recovery.ignore-unclaimed-state"] = "true"
    return found


class Running:
    """One run of an application.

    Args:
        context: The endpoint.
        document: The application.
        folder: Private to the run.
        lost: Told why the job has ended, where nobody has ended it.
    """

    def __init__(
        self,
        context: Context,
        document: Members,
        folder: Path,
        lost: Callable[[str], None],
    ) -> None:
        self._context = context
        self._document = document
        self._lost = lost
        self._told = {
            "applicationARN": document["arn"],
            "applicationVersionId": str(document["version"]),
        }
        streams = [one["LogStreamARN"] for one in document["logging"]]
        self.log = ApplicationLog(context, streams, document["role"], self._told)
        self.process = Process(context, folder, self.log)
        self._session: Session | None = None
        self._over = threading.Event()
        self._watch: threading.Thread | None = None

    def start(self, checkpoints: Path, restore: Members) -> None:
        """Start, and wait until the job runs.

        Args:
            checkpoints: Where Flink keeps them.
            restore: The path of the state to begin with, and whether parts of it may
                be left over.

        Raises:
            StartFailed: It does not run.
        """
        document = self._document
        config = document["config"]
        content = config["ApplicationCodeConfigurationDescription"]
        location = content["CodeContentDescription"]
        groups = configuration.groups(config)
        self.log.say("Flink starts: the application's cluster is being made")
        self.process.folder.mkdir(parents=True, mode=0o700)
        try:
            self._session = code.assume(self._context, document["role"])
            body = code.read(
                self._context,
                self._session,
                location["S3ApplicationCodeLocationDescription"],
            )
            place = self.process.folder / "code"
            program = code.lay(body, place, groups.get(code.OPTIONS, {}))
        except (AwsError, code.CodeFailed) as error:
            raise StartFailed(str(error)) from error
        flink = config["FlinkApplicationConfigurationDescription"]
        setting = Setting(
            flink=_flink(config, checkpoints, restore),
            slots=flink["ParallelismConfigurationDescription"]["Parallelism"],
            level=flink["MonitoringConfigurationDescription"]["LogLevel"],
            told=self._told,
        )
        properties = [
            {"PropertyGroupId": name, "PropertyMap": members}
            for name, members in groups.items()
        ]
        self.process.start(program, setting, properties, self._session)
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def _look(self) -> None:
        measured = time.monotonic()
        while not self._over.wait(_LOOK):
            found = self.process.look()
            ended = found is not None and found["state"] in ("FAILED", "FINISHED")
            if ended or self.process.ended:
                why = self.process.reason()
                if not self._over.is_set():
                    self._lost(why)
                return
            if time.monotonic() - measured >= _MEASURE:
                measured = time.monotonic()
                self.measure()

    def measure(self) -> None:
        """Take the job's metrics."""
        try:
            metrics.measure(self._context, self._document, self.process)
        except FlinkError as error:
            log.debug("%s: %s", self._document["name"], error)

    def healthy(self) -> bool:
        """Whether the job runs and is not being started anew by Flink."""
        found = self.process.look()
        return found is not None and found["state"] == "RUNNING"

    def savepoint(self, folder: Path, *, stop: bool) -> str:
        """Write a savepoint; see `Flink.savepoint`."""
        if self.process.flink is None:
            raise FlinkError("Flink does not run")
        if stop:
            self._over.set()
            self.measure()
        try:
            job = self.process.job
            return self.process.flink.savepoint(job, folder, stop=stop)
        except FlinkError:
            if stop:
                self._over.clear()
                self._watch = threading.Thread(target=self._look, daemon=True)
                self._watch.start()
            raise

    def interrupt(self) -> None:
        """Ask the process to end; returns at once."""
        self._over.set()
        self.process.interrupt()

    def stop(self) -> None:
        """End the process and whatever belongs to the run."""
        self._over.set()
        self.process.stop()
        if self._watch is not None and self._watch is not threading.current_thread():
            self._watch.join()
