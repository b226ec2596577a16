"""The process of a job that looks for personal data, of whatever service."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localaws import trust
from localaws.jobs import Command, Job, Limits
from localaws.loopback import Session
from localaws.services import programs
from localaws.services.comprehend.warmth import Warmth
from localaws.services.context import Context
from localaws.services.under_way import finished

Members = dict[str, Any]
_ROOT = Path(__file__).resolve().parents[3]
_LIMITS = Limits(seconds=3600, memory_bytes=3 * 2**30, grace=1.0)
_CAUSES = {
    "memory": "The job ran out of memory.",
    "disk": "No space left on device",
    "timeout": "The local endpoint lets a job run for an hour at most.",
    "lost": "Internal service error: the job's process was killed.",
}


class PiiProcess:
    """What one job needs of the machine.

    Args:
        context: The endpoint.
        plan: What the engine has to do.
        folder: Private to it.
        hear: Called with each line that it prints.
    """

    def __init__(
        self,
        context: Context,
        plan: Members,
        folder: Path,
        hear: Callable[[str], None],
    ) -> None:
        self._context = context
        self._plan = plan
        self._folder = folder
        self._hear = hear
        self._session: Session | None = None

    def assume(self, role: str, session: str) -> None:
        """Take a role's credentials, and with them its rights.

        Args:
            role: Its ARN.
            session: Name of the session.
        """
        self._session = trust.assume(self._context.aws, role, session)

    def run(self, begin: Callable[[Job], None]) -> Members:
        """Do the job, and return what came of it.

        Args:
            begin: Called with the process before it starts.

        Raises:
            RunFailed: It failed, was stopped, or could not be started.
        """
        assert self._session is not None
        self._folder.mkdir(parents=True, mode=0o700)
        plan = json.dumps(self._plan)
        (self._folder / "job.json").write_text(plan, encoding="utf-8")
        aws = self._context.aws
        env = programs.environment(aws, self._session, self._folder)
        env["PYTHONPATH"] = str(_ROOT)
        argv = [str(self._folder)]
        command = Command(env, self._folder, module="localaws.pii", argv=argv)
        warm = self._context.part(Warmth).parent
        job = Job(command, _LIMITS, self._hear, warm)
        return finished(job, begin, self._folder, _CAUSES)

    def close(self) -> None:
        """Remove every trace."""
        shutil.rmtree(self._folder, ignore_errors=True)
