"""The log of an execution environment, in CloudWatch Logs."""

import datetime as dt
from typing import Any

from localaws.services.context import Context

_LINES = 10_000
_BYTES = 4 * 2**20
_MESSAGE = 250_000
_BATCH = 1000


class Logbook:
    """One log stream, written an invocation at a time.

    Args:
        context: Where to write, and the clock that stamps the lines.
        group: Such as /aws/lambda/desk.
        stream: Its name.
    """

    def __init__(self, context: Context, group: str, stream: str) -> None:
        self._context = context
        self.group, self.stream = group, stream
        self._events: list[dict[str, Any]] = []
        self._size = 0
        self._base: dt.datetime | None = None
        self._start = 0

    def begin(self, when: dt.datetime) -> None:
        """Begin an invocation.

        Args:
            when: On a standing clock, the time of its lines until `at` says more.
        """
        self._events, self._size, self._start = [], 0, 0
        self.at(when)

    def at(self, when: dt.datetime) -> None:
        """Say what time it is on a standing clock."""
        self._base = when if self._context.clock.standing else None

    def mark(self) -> None:
        """Let the tail begin here."""
        self._start = len(self._events)

    def add(self, line: str) -> None:
        """Add one line that the function has printed, unless there are too many."""
        if self._size > _BYTES or len(self._events) > _LINES:
            return
        self._size += len(line)
        if self._size > _BYTES or len(self._events) == _LINES:
            line = "[localaws] The rest of this invocation's output is not kept."
            self._size = _BYTES + 1
        if line.startswith("[ERROR]"):
            # the runtime writes one event with carriage returns between its lines
            line = line.replace("\r", "\n")
        self.platform(line)

    def platform(self, line: str) -> None:
        """Add one line of the service itself."""
        when = self._base or self._context.clock.now()
        stamp = int(when.timestamp() * 1000)
        if line:
            self._events.append({"timestamp": stamp, "message": line[:_MESSAGE]})

    def tail(self) -> bytes:
        """Return the last 4 KB of the invocation's log."""
        text = "\n".join(event["message"] for event in self._events[self._start :])
        return f"{text}\n".encode()[-4096:]

    def flush(self) -> None:
        """Send the lines; make the group and the stream if they are missing."""
        client = self._context.aws.client("logs")
        where = {"logGroupName": self.group, "logStreamName": self.stream}
        for start in range(0, len(self._events), _BATCH):
            batch = self._events[start : start + _BATCH]
            try:
                client.put_log_events(**where, logEvents=batch)
            except client.exceptions.ResourceNotFoundException:
                self._make(client, where)
                client.put_log_events(**where, logEvents=batch)
        size = sum(len(event["message"].encode()) + 26 for event in self._events)
        self._context.meter.add("logs-bytes", size)

    def _make(self, client: Any, where: dict[str, str]) -> None:
        exists = client.exceptions.ResourceAlreadyExistsException
        for create, names in (
            (client.create_log_group, {"logGroupName": self.group}),
            (client.create_log_stream, where),
        ):
            try:
                create(**names)
            except exists:
                continue
