"""An application's messages, in the log stream of its logging option."""

import json
import logging
import threading
from typing import Any

from botocore.exceptions import ClientError

from localaws.services import iam
from localaws.services.context import Context

_INTERVAL = 0.5
_BATCH = 1000
_MESSAGE = 250_000
_DRIVER = "org.apache.flink.client.python.PythonDriver"
log = logging.getLogger(__name__)


def place(arn: str) -> dict[str, str]:
    """Return the names of a log stream by its ARN."""
    group, _, stream = arn.partition(":log-group:")[2].partition(":log-stream:")
    return {"logGroupName": group, "logStreamName": stream}


class ApplicationLog:
    """What is said about an application, and by it.

    Args:
        context: Where to write.
        streams: ARNs of log streams.
        role: The application's, which has to have the right to write there.
        told: Members of each message.
    """

    def __init__(
        self, context: Context, streams: list[str], role: str, told: dict[str, str]
    ) -> None:
        self._context = context
        self._told = told
        self._streams = []
        for arn in streams:
            if iam.decision(context.aws, role, "logs:PutLogEvents", arn) == "allowed":
                self._streams.append(place(arn))
            else:
                log.warning("%s may not write to %s", role, arn)
        self._waiting: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def add(self, line: str) -> None:
        """Add a line that the process printed: Flink's are JSON already."""
        whole = line.startswith('{"applicationARN"') and line.endswith("}")
        if not whole:
            line = self._message(line, "INFO", _DRIVER)
        self._put(line)

    def say(self, text: str, level: str = "INFO") -> None:
        """Add a message of the service."""
        self._put(self._message(text, level, "com.amazonaws.kinesisanalytics"))

    def _message(self, text: str, level: str, logger: str) -> str:
        told = {**self._told, "logger": logger, "message": text, "messageType": level}
        return json.dumps(told, separators=(",", ":"))

    def _put(self, line: str) -> None:
        stamp = int(self._context.clock.now().timestamp() * 1000)
        with self._lock:
            self._waiting.append({"timestamp": stamp, "message": line[:_MESSAGE]})
            if self._timer is None and self._streams:
                self._timer = threading.Timer(_INTERVAL, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Send what waits; a stream that was deleted gets nothing."""
        logs = self._context.aws.client("logs")
        with self._lock:
            waiting, self._waiting = self._waiting, []
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            for where in self._streams if waiting else ():
                try:
                    for start in range(0, len(waiting), _BATCH):
                        part = waiting[start : start + _BATCH]
                        logs.put_log_events(**where, logEvents=part)
                except ClientError as error:
                    log.warning("%s: %s", where, error)
                    continue
                size = sum(len(one["message"].encode()) + 26 for one in waiting)
                self._context.meter.add("logs-bytes", size)
