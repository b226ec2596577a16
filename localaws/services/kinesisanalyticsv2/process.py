"""The process of a running application: Flink with the application's program in it."""

import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

from localaws.flink_runtime import place
from localaws.flink_runtime.settings import FAILED, REST, Program, Setting, lay
from localaws.jobs import Command, Job, JobError, Limits, Outcome
from localaws.loopback import Session
from localaws.services import programs
from localaws.services.context import Context
from localaws.services.kinesisanalyticsv2.log import ApplicationLog
from localaws.services.kinesisanalyticsv2.rest import Flink, FlinkError

MODULE = "localaws.flink_runtime.main"
_GIB = 2**30
_PATIENCE = 180
# poll(2) counts milliseconds in 32 bits
_LONG = 20 * 86_400
_ENDED = ("FAILED", "FINISHED", "CANCELED")


class StartFailed(Exception):
    """An application does not start."""


class Process:
    """One run of an application.

    Args:
        context: The endpoint.
        folder: Private to the run.
        log: Where its messages go.
    """

    def __init__(self, context: Context, folder: Path, log: ApplicationLog) -> None:
        self._context = context
        self.folder = folder
        self.log = log
        self.flink: Flink | None = None
        self.job = ""
        self._process: Job | None = None
        self._thread: threading.Thread | None = None
        self._outcome: Outcome | None = None
        self._ended = threading.Event()
        self._stopped = False

    def start(
        self, program: Program, setting: Setting, properties: object, session: Session
    ) -> None:
        """Start, and wait until the job runs.

        Args:
            program: What runs.
            setting: How.
            properties: Its runtime properties.
            session: Credentials of the application's role.

        Raises:
            StartFailed: It does not run.
        """
        lay(self.folder, program, setting, properties)
        command = Command(
            env=programs.environment(self._context.aws, session, self.folder)
            | place.environment(self.folder),
            cwd=self.folder,
            argv=[sys.executable, "-m", MODULE, str(self.folder)],
        )
        limits = Limits(
            seconds=_LONG,
            log_bytes=2**40,
            log_lines=2**31,
            memory_bytes=3 * _GIB,
            grace=1.0,
        )
        self._process = Job(
            command, limits, self._hear, self._context.warm, self.folder
        )
        if self._stopped:
            raise StartFailed("stopped")
        self._thread = threading.Thread(target=self._run, args=(self._process,))
        self._thread.daemon = True
        self._thread.start()
        self._await()

    def _run(self, job: Job) -> None:
        try:
            self._outcome = job.run()
        except JobError as error:
            self.log.say(f"the process does not start: {error}", "ERROR")
        finally:
            self._ended.set()

    def _hear(self, line: str) -> None:
        self.log.add(line.replace(f"{self.folder}/code", "/opt/flink/usrlib"))

    def _await(self) -> None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if self._ended.wait(0.05):
                raise StartFailed(self._reason())
            found = self.look()
            if found is not None and found["state"] in _ENDED:
                raise StartFailed(self.reason())
            if found is not None and _runs(found):
                self.job = found["jid"]
                return
        raise StartFailed(f"the job does not run after {_PATIENCE} s")

    def _reason(self) -> str:
        if self._stopped:
            return "stopped"
        cause = self._outcome.cause if self._outcome else "lost"
        told = self.folder / FAILED
        return told.read_text() if told.is_file() else f"the process has ended: {cause}"

    def look(self) -> dict[str, Any] | None:
        """Return the job as Flink lists it; None if it does not answer, or has none."""
        told = self.folder / REST
        if self.flink is None and told.is_file():
            self.flink = Flink(told.read_text())
        if self.flink is None:
            return None
        try:
            return self.flink.job()
        except FlinkError:
            return None

    def reason(self) -> str:
        """Return the exception of the job's last failure."""
        found = self.look()
        if self.flink is None or found is None:
            return self._reason()
        return self.flink.error(found["jid"]) or found["state"]

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._ended.is_set()

    def stop(self) -> None:
        """End the process, and remove its files."""
        self.interrupt()
        if self._thread is not None:
            self._thread.join()
        self.log.flush()
        shutil.rmtree(self.folder, ignore_errors=True)

    def interrupt(self) -> None:
        """Ask the process to end; returns at once."""
        self._stopped = True
        if self._process is not None:
            self._process.stop()


def _runs(found: dict[str, Any]) -> bool:
    """Whether every task runs, or has run: then Flink starts the job anew itself."""
    if found["state"] == "RUNNING":
        tasks = found["tasks"]
        return bool(tasks["total"] and tasks["running"] == tasks["total"])
    return found["state"] in ("RESTARTING", "FAILING")
