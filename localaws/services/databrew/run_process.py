"""One run's process: the engine, with the job's role, its log and its end."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from localaws import trust
from localaws.jobs import Command, Job, Limits
from localaws.loopback import Session
from localaws.services import programs
from localaws.services.context import Context
from localaws.services.databrew.operations import Members
from localaws.services.databrew.projects import PRINCIPAL
from localaws.services.glue.job_log import RunLog
from localaws.services.under_way import RunFailed, finished

_ROOT = Path(__file__).resolve().parents[3]
_MEMORY = 8 * 2**30
_SESSION = "AWSGlueDataBrew"
LOGS = "/aws-glue-databrew/jobs"
_CAUSES = {
    "memory": "The job ran out of memory.",
    "disk": "No space left on device",
    "log": "The local endpoint keeps 16 MiB of a run's log; the run wrote more.",
    "lost": "Internal service error: the run's process was killed.",
}


class RunProcess:
    """What one run needs of the machine.

    Args:
        context: The endpoint.
        run: The run.
        folder: Private to it.
    """

    def __init__(self, context: Context, run: Members, folder: Path) -> None:
        self._context = context
        self._run = run
        self._folder = folder
        group, _, kind = LOGS.rpartition("/")
        self._kind = kind
        self._log: RunLog | None = None
        if run["LogSubscription"] == "ENABLE":
            self._log = RunLog(context, group, run["RunId"])

    def run(self, begin: Callable[[Job], None]) -> Members:
        """Do the job, and return what came of it.

        Args:
            begin: Called with the process before it starts.

        Raises:
            RunFailed: It failed, was too slow, or could not be started.
        """
        session = self._assume()
        self._folder.mkdir(parents=True, mode=0o700)
        plan = json.dumps(self._run["plan"])
        (self._folder / "job.json").write_text(plan, encoding="utf-8")
        env = programs.environment(self._context.aws, session, self._folder)
        env["PYTHONPATH"] = str(_ROOT)
        argv = [str(self._folder)]
        command = Command(env, self._folder, module="localaws.brew", argv=argv)
        seconds = self._run["plan"]["timeout"] * 60
        limits = Limits(seconds=seconds, memory_bytes=_MEMORY, grace=1.0)
        job = Job(command, limits, self._hear, self._context.warm)
        return finished(job, begin, self._folder, _CAUSES)

    def close(self) -> None:
        """Remove every trace but the log."""
        if self._log is not None:
            self._log.flush()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _assume(self) -> Session:
        aws, role = self._context.aws, self._run["plan"]["role"]
        if not trust.trusts(aws, role, PRINCIPAL):
            raise RunFailed(f"DataBrew cannot assume the role {role}.")
        return trust.assume(aws, role, _SESSION)

    def _hear(self, line: str) -> None:
        if self._log is not None:
            self._log.add(self._kind, line.replace(str(self._folder), "/tmp"))
