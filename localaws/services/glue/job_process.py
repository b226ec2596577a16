"""One run's processes: its script and libraries from S3, its logs, its end."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws import trust
from localaws.glue_runtime import place, window
from localaws.glue_runtime.bookmark import COMMITTED, STATE
from localaws.glue_runtime.main import ERROR, MARK
from localaws.jobs import Command, Job, JobError, Limits, Outcome
from localaws.loopback import Session
from localaws.services import programs
from localaws.services.context import Context
from localaws.services.glue import bookmarks
from localaws.services.glue.job_arguments import (
    BOOKMARK,
    BOOKMARKS,
    metered,
    settings,
)
from localaws.services.glue.job_errors import reason
from localaws.services.glue.job_kinds import SHELL, STREAM
from localaws.services.glue.job_log import RunLog
from localaws.services.glue.job_metrics import measure
from localaws.services.glue.job_settings import PRINCIPAL
from localaws.services.glue.job_windows import Windows
from localaws.services.under_way import RunFailed

_ROOT = Path(__file__).resolve().parents[3]
_MODULE = "localaws.glue_runtime.main"
_GIB = 2**30
_STREAMING = {
    "spark.sql.streaming.pollingDelay": "50ms",
    # S3A has no FileContext of the scheme s3: Spark warns of it at each checkpoint
    "spark.sql.streaming.checkpointFileManagerClass": (
        "org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager"
    ),
}
_LIBRARIES = (".py", ".zip", ".egg", ".whl")
Members = dict[str, Any]


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
        self._job = run["job"]
        kind = self._job["Command"]["Name"]
        self._shell, self._stream = kind == SHELL, kind == STREAM
        self._folder = folder
        self._log = RunLog(context, run["LogGroupName"], run["Id"])
        self._session: Session | None = None

    def run(self, begin: Callable[[Job], None]) -> None:
        """Run the script to its end.

        Args:
            begin: Called with the process before it starts.

        Raises:
            RunFailed: It failed, was too slow, or could not be started.
        """
        session = self._assume()
        script = self._fetch(session)
        libraries = self._libraries(session)
        command = self._command(script, libraries, session)
        if self._stream:
            window.write(self._folder, window.Window(0, 0.0))
        job = Job(command, self._limits(), self._hear, self._context.warm)
        begin(job)
        try:
            outcome = job.run()
        except JobError as error:
            raise RunFailed(f"LAUNCH ERROR | {error}") from error
        self._judge(outcome)

    def close(self) -> Members | None:
        """Remove every trace; return the bookmarks that the script committed."""
        self._log.flush()
        if self._stream:
            self._context.part(Windows).drop(self._run["Id"])
        path, found = self._folder / COMMITTED, None
        if path.is_file():
            found = json.loads(path.read_text())
        shutil.rmtree(self._folder, ignore_errors=True)
        return found

    def _assume(self) -> Session:
        aws, role = self._context.aws, self._job["Role"]
        if not trust.trusts(aws, role, PRINCIPAL):
            raise RunFailed(
                f"Role {role} should be given assume role permissions for Glue Service."
            )
        session = trust.assume(aws, role, "GlueJobRunnerSession")
        self._session = session
        return session

    def _object(self, session: Session, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        s3 = self._context.aws.client("s3", session)
        try:
            body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            said = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            raise RunFailed(
                f"LAUNCH ERROR | Error downloading from S3 for bucket: {bucket}, key: "
                f"{key}. {said['Message']} (Service: Amazon S3; Status Code: {status}; "
                f"Error Code: {said['Code']}) Please refer logs for details."
            ) from error
        return body

    def _fetch(self, session: Session) -> Path:
        location = self._job["Command"]["ScriptLocation"]
        body = self._object(session, location)
        self._folder.mkdir(parents=True, mode=0o700)
        script = self._folder / "script" / location.rpartition("/")[2]
        script.parent.mkdir()
        script.write_bytes(body)
        return script

    def _libraries(self, session: Session) -> list[str]:
        given = self._run["told"].get("--extra-py-files", "")
        folder = self._folder / "libraries"
        found = [str(folder)]
        for uri in filter(None, (part.strip() for part in given.split(","))):
            if not uri.endswith(_LIBRARIES):
                raise RunFailed(f"LAUNCH ERROR | --extra-py-files: {uri}")
            path = folder / uri.rpartition("/")[2]
            folder.mkdir(exist_ok=True)
            path.write_bytes(self._object(session, uri))
            if path.suffix != ".py":
                found.append(str(path))
        return found

    def _arguments(self) -> list[str]:
        told = dict(self._run["told"])
        own = {"--JOB_RUN_ID": self._run["Id"]}
        if not self._shell:
            own["--JOB_NAME"] = self._run["JobName"]
            own["--JOB_ID"] = f"j_{self._run['Id'][3:67]}"
            told.setdefault(BOOKMARK, BOOKMARKS[1])
        pairs = {**own, **told}.items()
        return [word for pair in pairs for word in pair]

    def _command(self, script: Path, libraries: list[str], session: Session) -> Command:
        env = programs.environment(self._context.aws, session, self._folder)
        env["GLUE_RUN"] = str(self._folder)
        argv = [str(script), *self._arguments()]
        if self._shell:
            paths = [*libraries, str(_ROOT), str(_ROOT / "localaws/glue_runtime")]
            env["PYTHONPATH"] = os.pathsep.join(paths)
            return Command(env, script.parent, module=_MODULE, argv=argv)
        bookmarks.lay(self._context, self._run, self._folder / STATE)
        more = settings(told) if (told := self._run["told"].get("--conf")) else {}
        if self._stream:
            more = {**_STREAMING, **more}
        env |= place.environment(place.properties(self._folder, {**self._s3(), **more}))
        env["PYTHONPATH"] = os.pathsep.join([*libraries, env["PYTHONPATH"]])
        words = [sys.executable, "-m", _MODULE, *argv]
        return Command(env, script.parent, argv=words)

    def _s3(self) -> dict[str, str]:
        reach = place.s3(self._context.aws.url)
        return {"spark.app.name": self._run["JobName"], **reach}

    def _limits(self) -> Limits:
        memory = 8 * _GIB
        if self._shell:
            memory = int(16 * _GIB * self._run["MaxCapacity"])
        seconds = self._run["Timeout"] * 60
        if self._stream:
            long = {"log_bytes": 2**40, "log_lines": 2**31}
            return Limits(seconds=seconds, memory_bytes=memory, grace=1.0, **long)
        return Limits(seconds=seconds, memory_bytes=memory, grace=1.0)

    def _hear(self, line: str) -> None:
        if self._stream and line.startswith(window.MARK):
            self._told(json.loads(line[1:]))
            return
        line = self._public(line)
        if line.startswith(MARK):
            self._log.add("error", line[1:])
        else:
            self._log.add("output", line)

    def _public(self, text: str) -> str:
        """Return a text with the paths that AWS has, and none of this machine."""
        for path, shown in (
            (f"{self._folder}/script", "/tmp"),
            (str(self._folder), "/tmp"),
            (str(place.site()), "/opt/amazon/spark/python"),
            (str(_ROOT / "localaws/glue_runtime"), "/opt/amazon/lib/glue"),
        ):
            text = text.replace(path, shown)
        return text

    def _told(self, message: Members) -> None:
        """Act on what a streaming run tells of its windows."""
        windows, key = self._context.part(Windows), self._run["Id"]
        if "begun" in message:
            windows.begun(key, message["begun"])
        elif "done" in message:
            windows.done(key, message["done"])
        elif self._session and metered(self._run["told"]):
            measure(self._context, self._run, self._session, message)

    def _judge(self, outcome: Outcome) -> None:
        if outcome.cause == "timeout":
            raise RunFailed("", "TIMEOUT")
        if outcome.cause == "stopped":
            raise RunFailed("", "STOPPED")
        if outcome.cause == "exited" and outcome.exit_code == 0:
            return
        path, told = self._folder / ERROR, None
        if path.is_file() and outcome.cause == "exited":
            told = json.loads(self._public(path.read_text()))
        raise RunFailed(reason(outcome.cause, outcome.exit_code, told, self._shell))
