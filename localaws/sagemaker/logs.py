"""Container output: to CloudWatch Logs in batches, and to metrics by regex."""

import datetime as dt
import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError

from localaws.clock import Clock
from localaws.errors import no_space
from localaws.loopback import Loopback
from localaws.sagemaker.engine import Engine

_INTERVAL = 0.5
_BATCH = 1000
# CloudWatch Logs counts a message's UTF-8 and this, and takes 1 MiB at a time.
_EVENT_BYTES = 26
_BATCH_BYTES = 2**19
_KEPT_BYTES, _KEPT_LINES = 16 * 2**20, 100_000
FULL = (
    "localaws: the local endpoint keeps 16 MiB or 100,000 lines of a log stream; "
    "what follows is dropped."
)


class Logs:
    """The log streams of one engine.

    What they hold is sent in batches, and at the latest before another service is
    read, so that a reader finds every line.
    """

    def __init__(self, engine: Engine) -> None:
        self._aws, self._clock = engine.aws, engine.clock
        self._lock = threading.Lock()
        self._unsent: set[LogStream] = set()
        engine.settlers.append(self.settle)

    def open(self, group: str, stream: str) -> "LogStream":
        """Make a stream, and its group if need be.

        Args:
            group: Such as `/aws/sagemaker/TrainingJobs`.
            stream: Such as `my-job/algo-1-1700000000`.
        """
        return LogStream(self._aws, self._clock, group, stream, self._written)

    def settle(self, wait: bool) -> None:
        """Send what every stream holds."""
        if not wait:
            return
        with self._lock:
            for stream in self._unsent:
                stream.flush()
            self._unsent = {stream for stream in self._unsent if stream.waits}

    def _written(self, stream: "LogStream") -> None:
        with self._lock:
            self._unsent.add(stream)


class LogStream:
    """One stream of one log group, written line by line until it is full.

    Args:
        aws: Where to write.
        clock: Stamps each line.
        group: Such as `/aws/sagemaker/TrainingJobs`.
        stream: Such as `my-job/algo-1-1700000000`.
        on_write: Called once a line waits to be sent.
    """

    def __init__(
        self,
        aws: Loopback,
        clock: Clock,
        group: str,
        stream: str,
        on_write: Callable[["LogStream"], None],
    ) -> None:
        self._logs = aws.client("logs")
        self._clock = clock
        self.group, self.stream = group, stream
        self._where = {"logGroupName": group, "logStreamName": stream}
        self._events: list[dict[str, Any]] = []
        self._waiting = self._bytes = self._lines = 0
        self._on_write = on_write
        self._lock = threading.Lock()
        self._flushed = time.monotonic()
        exists = self._logs.exceptions.ResourceAlreadyExistsException
        for create, where in (
            (self._logs.create_log_group, {"logGroupName": group}),
            (self._logs.create_log_stream, self._where),
        ):
            try:
                create(**where)
            except exists:
                continue

    def write(self, line: str) -> None:
        """Add one line."""
        stamp = int(self._clock.now().timestamp() * 1000)
        with self._lock:
            if line:
                self._add(stamp, line[:250_000])
            due = time.monotonic() - self._flushed > _INTERVAL
            full = len(self._events) >= _BATCH or self._waiting >= _BATCH_BYTES
        if due or full:
            self.flush()
        if self.waits:
            self._on_write(self)

    def _add(self, stamp: int, message: str) -> None:
        if self._bytes > _KEPT_BYTES or self._lines > _KEPT_LINES:
            return
        size = len(message.encode()) + _EVENT_BYTES
        self._waiting += size
        self._bytes += size
        self._lines += 1
        if self._bytes > _KEPT_BYTES or self._lines > _KEPT_LINES:
            message = FULL
        self._events.append({"timestamp": stamp, "message": message})

    @property
    def waits(self) -> bool:
        """Whether something is not sent yet."""
        return bool(self._events)

    def flush(self) -> None:
        """Send what is waiting; on a full disk it goes on to wait."""
        with self._lock:
            events, self._events, self._waiting = self._events, [], 0
            self._flushed = time.monotonic()
            while events:
                try:
                    self._logs.put_log_events(**self._where, logEvents=events[:_BATCH])
                except ClientError as error:
                    if not no_space(error):
                        raise
                    self._events = events
                    return
                del events[:_BATCH]


class Metrics:
    """The numbers that regexes find in log lines.

    Args:
        definitions: Name and regex of each metric; the first group is the number.
        now: Stamps each number.
    """

    def __init__(
        self,
        definitions: Iterable[tuple[str, str]],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._definitions = [(name, re.compile(text)) for name, text in definitions]
        self._now = now
        self.points: list[tuple[str, float, dt.datetime]] = []

    def read(self, line: str) -> None:
        """Look for each metric in a line."""
        for name, pattern in self._definitions:
            for match in pattern.finditer(line):
                try:
                    value = float(match.group(1))
                except (ValueError, IndexError):
                    continue
                self.points.append((name, value, self._now()))

    def final(self) -> list[dict[str, Any]]:
        """Return the last value of each metric, as Describe shows it."""
        last = {name: (value, when) for name, value, when in self.points}
        return [
            {"MetricName": name, "Value": value, "Timestamp": when}
            for name, (value, when) in last.items()
        ]

    def publish(
        self, aws: Loopback, namespace: str, dimension: tuple[str, str]
    ) -> None:
        """Put every number into CloudWatch under one dimension."""
        data = [
            {
                "MetricName": name,
                "Value": value,
                "Timestamp": when,
                "Dimensions": [{"Name": dimension[0], "Value": dimension[1]}],
            }
            for name, value, when in self.points
        ]
        for start in range(0, len(data), 500):
            aws.client("cloudwatch").put_metric_data(
                Namespace=namespace, MetricData=data[start : start + 500]
            )
