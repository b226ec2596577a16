"""One run's process: the engine, on what the run's role may read."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localaws import trust
from localaws.jobs import Command, Job, Limits
from localaws.quality.errors import PLAN
from localaws.services.context import Context
from localaws.services.glue.job_log import RunLog
from localaws.services.glue.job_settings import PRINCIPAL
from localaws.services.glue_quality.rulesets import parsed
from localaws.services.glue_quality.sources import Reading
from localaws.services.json_operations import Members
from localaws.services.permissions import Caller
from localaws.services.under_way import RunFailed, finished

_ROOT = Path(__file__).resolve().parents[3]
_MEMORY = 4 * 2**30
_SESSION = "GlueDataQuality"
LOGS = "/aws-glue/data-quality"
_CAUSES = {
    "memory": "The run ran out of memory.",
    "disk": "No space left on device",
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
        self._context, self._run, self._folder = context, run, folder
        options = run.get("AdditionalRunOptions", {})
        group = options.get("CustomLogGroupPrefix", LOGS)
        self._log = RunLog(context, group, run["RunId"])

    def run(self, begin: Callable[[Job], None]) -> tuple[Caller, Members]:
        """Do it; return the role's caller and what was found.

        Args:
            begin: Called with the process before it starts.

        Raises:
            RunFailed: It failed, was too slow, or could not be started.
        """
        caller = self._assume()
        reading = Reading(self._context, caller)
        reading.add("primary", self._run["DataSource"])
        for alias, source in self._run.get("AdditionalDataSources", {}).items():
            reading.add(alias, source)
        texts = self._run.get("texts", [])
        for text in texts:
            reading.add_mentioned(parsed(text))
        options = self._run.get("AdditionalRunOptions", {})
        plan: dict[str, Any] = {
            **reading.plan(),
            "rulesets": texts,
            "now": self._run["StartedOn"].isoformat(),
            "by_row": options.get("CompositeRuleEvaluationMethod") == "ROW",
        }
        self._folder.mkdir(parents=True, mode=0o700)
        (self._folder / PLAN).write_text(json.dumps(plan), encoding="utf-8")
        command = Command(
            env={
                "PYTHONPATH": str(_ROOT),
                "HOME": str(self._folder),
                "LANG": "C.UTF-8",
            },
            cwd=self._folder,
            module="localaws.quality",
            argv=[str(self._folder)],
        )
        seconds = self._run["Timeout"] * 60
        limits = Limits(seconds=seconds, memory_bytes=_MEMORY, grace=0.2)
        job = Job(command, limits, self._hear, self._context.warm)
        return caller, finished(job, begin, self._folder, _CAUSES)

    def close(self) -> None:
        """Remove every trace but the log."""
        self._log.flush()
        shutil.rmtree(self._folder, ignore_errors=True)

    def fail(self, message: str) -> None:
        """Write why the run failed into its log."""
        self._log.add("error", message)

    def _hear(self, line: str) -> None:
        self._log.add("output", line.replace(str(self._folder), "/tmp"))

    def _assume(self) -> Caller:
        aws, role = self._context.aws, self._run["Role"]
        if not trust.trusts(aws, role, PRINCIPAL):
            raise RunFailed(
                f"Role {role} should be given assume role permissions for Glue Service."
            )
        session = trust.assume(aws, role, _SESSION)
        return Caller(aws, role, session)
