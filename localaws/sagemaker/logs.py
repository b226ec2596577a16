"""Container output: to CloudWatch Logs in batches, and to metrics by regex."""

import datetime as dt
import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from localaws.clock import Clock
from localaws.loopback import Loopback
from localaws.sagemaker.engine import Engine

_INTERVAL = 0.5
_BATCH = 1000


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
            self._unsent.clear()

    def _written(self, stream: "LogStream") -> None:
        with self._lock:
            self._unsent.add(stream)


class LogStream:
    """One stream of one log group, written line by line.

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
                self._events.append({"timestamp": stamp, "message": line[:250_000]})
            due = time.monotonic() - self._flushed > _INTERVAL
            full = len(self._events) >= _BATCH
        if due or full:
            self.flush()
        else:
            self._on_write(self)

    def flush(self) -> None:
        """Send what is waiting."""
        with self._lock:
            events, self._events = self._events, []
            self._flushed = time.monotonic()
            for start in range(0, len(events), _BATCH):
                self._logs.put_log_events(
                    **self._where, logEvents=events[start : start + _BATCH]
                )


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
