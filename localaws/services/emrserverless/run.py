"""One job run: its Spark application, and its logs in S3 and CloudWatch."""

import gzip
import logging
from collections.abc import Callable
from pathlib import Path

from botocore.exceptions import ClientError

from localaws.jobs import Job
from localaws.services.context import Context
from localaws.services.emr.application import STDERR, STDOUT, Application, NoRole
from localaws.services.emrserverless.operations import SERVICE, Members
from localaws.spark_runtime.submission import Submission

PRINCIPAL = "emr-serverless.amazonaws.com"
_GROUP = "/aws/emr-serverless"
_BATCH, _MESSAGE = 1000, 250_000
log = logging.getLogger(__name__)


class RunFailed(Exception):
    """A run has not succeeded.

    Args:
        message: As its stateDetails.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SparkRun:
    """What one job run needs of the machine.

    Args:
        context: The endpoint.
        application: Where it runs.
        run: The run.
        folder: Private to it.
    """

    def __init__(
        self, context: Context, application: Members, run: Members, folder: Path
    ) -> None:
        self._context = context
        self._application, self._run = application, run
        self._folder = folder
        self._spark: Application | None = None

    def run(self, begin: Callable[[Job], None]) -> None:
        """Run it to its end.

        Args:
            begin: Called with the process before it starts.

        Raises:
            RunFailed: It has not succeeded.
        """
        try:
            self._spark = Application(
                self._context,
                self._folder,
                self._run["executionRole"],
                PRINCIPAL,
                self._run["jobRunId"],
            )
        except NoRole as error:
            raise RunFailed(f"Job failed: {error}") from error
        asked = self._run["submission"]
        outcome = self._spark.run(Submission(**asked), self._run["defaults"], begin)
        if outcome.cause != "exited":
            self._spark.say(STDERR, f"The worker was ended: {outcome.cause}")
        if outcome.cause != "exited" or outcome.exit_code:
            raise RunFailed(
                "Job failed, please check complete logs in configured logging "
                f"destination. ExitCode: {outcome.exit_code}. Last few exceptions: "
                f"{self._spark.cause()[0]}"
            )

    def publish(self) -> None:
        """Put the logs where the run's or the application's settings say."""
        if self._spark is None:
            return
        own = self._run.get("configurationOverrides", {})
        usual = self._application.get("monitoringConfiguration", {})
        told = {**usual, **own.get("monitoringConfiguration", {})}
        place = (
            f"applications/{self._run['applicationId']}/jobs/{self._run['jobRunId']}"
            "/SPARK_DRIVER"
        )
        uri = told.get("s3MonitoringConfiguration", {}).get("logUri")
        watch = told.get("cloudWatchLoggingConfiguration", {})
        for name in (STDOUT, STDERR):
            packed = self._spark.pack(name)
            try:
                if uri:
                    self._store(f"{uri.rstrip('/')}/{place}/{name}.gz", packed)
                if watch.get("enabled"):
                    prefix = watch.get("logStreamNamePrefix", "").rstrip("/")
                    stream = f"{prefix}/{place}/{name}".lstrip("/")
                    self._tell(watch.get("logGroupName", _GROUP), stream, packed)
            except ClientError as error:
                log.warning("%s %s: %s", SERVICE, self._run["jobRunId"], error)

    def _store(self, uri: str, packed: Path) -> None:
        assert self._spark is not None
        bucket, _, key = uri.partition("://")[2].partition("/")
        s3 = self._context.aws.client("s3", self._spark.session)
        with packed.open("rb") as body:
            s3.put_object(Bucket=bucket, Key=key, Body=body)

    def _tell(self, group: str, stream: str, packed: Path) -> None:
        assert self._spark is not None
        logs = self._context.aws.client("logs", self._spark.session)
        exists = logs.exceptions.ResourceAlreadyExistsException
        where = {"logGroupName": group, "logStreamName": stream}
        for make, named in (
            (logs.create_log_group, {"logGroupName": group}),
            (logs.create_log_stream, where),
        ):
            try:
                make(**named)
            except exists:
                continue
        stamp = int(self._context.clock.now().timestamp() * 1000)
        with gzip.open(packed, "rt") as lines:
            events = [
                {"timestamp": stamp, "message": line.rstrip("\n")[:_MESSAGE]}
                for line in lines
                if line.strip()
            ]
        for start in range(0, len(events), _BATCH):
            logs.put_log_events(**where, logEvents=events[start : start + _BATCH])
        size = sum(len(one["message"].encode()) + 26 for one in events)
        self._context.meter.add("logs-bytes", size)

    def close(self) -> None:
        """Remove every trace."""
        if self._spark is not None:
            self._spark.close()
