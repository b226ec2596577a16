"""A Spark application of a step or of a job run: its role, its process, its output."""

import gzip
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from localaws import trust
from localaws.glue_runtime import place
from localaws.jobs import Command, Job, JobError, Limits, Outcome
from localaws.loopback import Session
from localaws.services import programs
from localaws.services.context import Context
from localaws.spark_runtime.launching import STDERR, STDOUT, lay
from localaws.spark_runtime.submission import Submission

_GIB = 2**30
# poll(2) counts milliseconds in 32 bits
_LONG = 20 * 86_400
_TAIL = 65_536
_FETCHED = re.compile(r"spark-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# With these begins what spark-submit says before the application has begun.
_ERRORS = ('Exception in thread "main" ', "Error: ")


class NoRole(Exception):
    """A role does not let the service assume it."""


class Application:
    """One run of a Spark application; `close` it.

    Args:
        context: The endpoint.
        folder: Private to it.
        role: ARN of its role.
        principal: The service that assumes the role.
        session: Name of the role's session.
    """

    def __init__(
        self, context: Context, folder: Path, role: str, principal: str, session: str
    ) -> None:
        if not trust.trusts(context.aws, role, principal):
            raise NoRole(f"{principal} is not authorized to assume the role {role}")
        self._context = context
        self._folder = folder
        self.session: Session = trust.assume(context.aws, role, session)
        folder.mkdir(parents=True, mode=0o700)

    def run(
        self,
        submission: Submission,
        defaults: Mapping[str, str],
        begin: Callable[[Job], None],
    ) -> Outcome:
        """Run the application to its end.

        Args:
            submission: What to run.
            defaults: Settings of Spark for which it may have others.
            begin: Called with the process before it starts.
        """
        aws = self._context.aws
        words, spark = lay(self._folder, aws.url, defaults, submission)
        env = programs.environment(aws, self.session, self._folder) | spark
        command = Command(env=env, cwd=self._folder / "work", argv=words)
        limits = Limits(seconds=_LONG, memory_bytes=8 * _GIB, grace=1.0)
        job = Job(command, limits, self._hear, self._context.warm, self._folder)
        begin(job)
        try:
            return job.run()
        except JobError as error:
            self.say(STDERR, f"The process could not be started: {error}")
            return Outcome(None, "lost")

    def _hear(self, line: str) -> None:
        self.say(STDERR, line)

    def say(self, name: str, text: str) -> None:
        """Add lines to the output, `stdout` or `stderr`."""
        with (self._folder / name).open("a") as file:
            file.write(f"{text}\n")

    def tail(self, name: str) -> str:
        """Return the end of the output, `stdout` or `stderr`."""
        path = self._folder / name
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            return self._public(file.read().decode(errors="replace"))

    def cause(self) -> tuple[str, str]:
        """Return the line that says why it failed, and the output that has it."""
        return cause(self.tail(STDOUT), self.tail(STDERR))

    def begun(self) -> bool:
        """Whether its driver has begun, as far as its output tells."""
        lines = self.tail(STDERR).splitlines()
        return not any(one.startswith(_ERRORS) for one in lines)

    def _public(self, text: str) -> str:
        """Leave out of a text where the endpoint has put the application."""
        text = text.replace(f"{self._folder}/tmp/", "/tmp/")
        text = text.replace(str(place.site() / "pyspark"), "/usr/lib/spark")
        return _FETCHED.sub("spark-app", text.replace(str(self._folder), "/tmp"))

    def pack(self, name: str) -> Path:
        """Return a compressed file of the output, `stdout` or `stderr`."""
        path, packed = self._folder / name, self._folder / f"{name}.gz"
        path.touch()
        with (
            path.open(errors="replace") as lines,
            packed.open("wb") as raw,
            gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file,
        ):
            for line in lines:
                file.write(self._public(line).encode())
        return packed

    def close(self) -> None:
        """Remove every trace."""
        shutil.rmtree(self._folder, ignore_errors=True)


def cause(printed: str, logged: str) -> tuple[str, str]:
    """Return the line that says why an application failed, and where it is.

    Args:
        printed: The end of its standard output, with what Python says of an error.
        logged: The end of its standard error, with what Java says.
    """
    lines = printed.splitlines()
    for start in range(len(lines) - 1, -1, -1):
        if lines[start].startswith("Traceback (most recent call last)"):
            after = [one for one in lines[start + 1 :] if one[:1] not in ("", " ")]
            if after:
                return after[0], STDOUT
    errors = logged.splitlines()
    found = next((one for one in errors if one.startswith(_ERRORS)), "")
    if found:
        return found, STDERR
    last = [one for one in lines if one.strip()]
    return (last[-1] if last else ""), STDOUT


__all__ = ["STDERR", "STDOUT", "Application", "NoRole", "cause"]
