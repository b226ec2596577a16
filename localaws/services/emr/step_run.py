"""One step: its Spark application, its logs in S3, and why it failed."""

import gzip
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws.jobs import Job, Outcome
from localaws.services.context import Context
from localaws.services.emr import step_words
from localaws.services.emr.application import (
    STDERR,
    STDOUT,
    Application,
    NoRole,
)
from localaws.spark_runtime.submission import CLUSTER, parse

PRINCIPAL = "ec2.amazonaws.com"
_UNKNOWN = "Unknown Error."
_MOST = 1000
# What an error output holds, and what EMR says of it.
_REASONS = {
    "[PATH_ALREADY_EXISTS]": "Output directory already exists.",
    "[PATH_NOT_FOUND]": "Input path does not exist.",
}
Members = dict[str, Any]
log = logging.getLogger(__name__)


class StepRun:
    """What one step needs of the machine.

    Args:
        context: The endpoint.
        cluster: Where it runs.
        step: The step.
        number: Of the step among those of its cluster, from 1.
        folder: Private to it.
    """

    def __init__(
        self,
        context: Context,
        cluster: Members,
        step: Members,
        number: int,
        folder: Path,
    ) -> None:
        self._context = context
        self._cluster, self._step, self._number = cluster, step, number
        self._folder = folder
        self._submission = parse("elasticmapreduce", step["Args"][1:])
        self._application: Application | None = None

    def run(self, begin: Callable[[Job], None]) -> Members | None:
        """Run the step; return its FailureDetails, or None where it has succeeded.

        Args:
            begin: Called with the process before it starts.
        """
        try:
            self._application = Application(
                self._context,
                self._folder,
                self._cluster["role"],
                PRINCIPAL,
                step_words.instance(self._cluster),
            )
        except NoRole as error:
            return {"Reason": _UNKNOWN, "Message": str(error)}
        application = self._application
        if "Spark" in [one["Name"] for one in self._cluster["Applications"]]:
            outcome = application.run(
                self._submission, self._cluster["settings"], begin
            )
        else:
            application.say(STDERR, step_words.NO_SPARK)
            outcome = Outcome(1, "exited")
        if outcome.cause in step_words.ENDS:
            application.say(STDERR, step_words.ENDS[outcome.cause])
        if outcome.cause == "exited" and outcome.exit_code == 0:
            return None
        if self._remote():
            application.say(STDERR, step_words.EXITED.format(outcome.exit_code))
        return self._details(application)

    def _details(self, application: Application) -> Members:
        message, where = application.cause()
        found: Members = {"Reason": _UNKNOWN}
        for mark, reason in _REASONS.items():
            if mark in message:
                found["Reason"] = reason
        if self._remote():
            message = step_words.failed_remotely(self._cluster, self._number)
            where = STDERR
        if message:
            found["Message"] = message[:_MOST]
        if self._cluster.get("LogUri"):
            found["LogFile"] = f"{self._uri()}/{where}.gz"
        return found

    def _remote(self) -> bool:
        """Whether a driver ran on another machine than spark-submit itself."""
        assert self._application is not None
        return self._submission.mode == CLUSTER and self._application.begun()

    def _uri(self) -> str:
        base = self._cluster["LogUri"].rstrip("/")
        return f"{base}/{self._cluster['Id']}/steps/{self._step['Id']}"

    def publish(self, state: str, seconds: int) -> None:
        """Put the logs where the cluster's LogUri is.

        Args:
            state: How the step ended.
            seconds: What it took.
        """
        application, uri = self._application, self._cluster.get("LogUri")
        if application is None or not uri:
            return
        began = self._step["Timeline"]["StartDateTime"]
        controller = step_words.controller(
            self._step, self._number, began, state, seconds
        )
        logs: dict[str, Path | str] = {"controller": controller, "syslog": ""}
        logs |= {name: application.pack(name) for name in (STDOUT, STDERR)}
        if self._remote():
            container = step_words.container(self._cluster, self._number)
            folder = f"{uri.rstrip('/')}/{self._cluster['Id']}/containers/{container}"
            for name in (STDOUT, STDERR):
                self._put(f"{folder}/{name}.gz", logs[name])
            told = step_words.client(self._cluster, self._number, began, state)
            logs |= {STDOUT: "", STDERR: told}
        for name, content in logs.items():
            self._put(f"{self._uri()}/{name}.gz", content)

    def _put(self, uri: str, content: Path | str) -> None:
        """Store an object with the rights of the cluster's machines."""
        assert self._application is not None
        s3 = self._context.aws.client("s3", self._application.session)
        bucket, _, key = uri.partition("://")[2].partition("/")
        try:
            if isinstance(content, Path):
                with content.open("rb") as body:
                    s3.put_object(Bucket=bucket, Key=key, Body=body)
            else:
                body = gzip.compress(content.encode(), mtime=0)
                s3.put_object(Bucket=bucket, Key=key, Body=body)
        except ClientError as error:
            log.warning("%s: %s", uri, error)

    def close(self) -> None:
        """Remove every trace."""
        if self._application is not None:
            self._application.close()
