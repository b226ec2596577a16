"""The log of a run in CloudWatch: standard output, and standard error."""

import threading
from typing import Any

from localaws.services.context import Context

_INTERVAL = 0.5
_BATCH = 1000
_MESSAGE = 250_000


class RunLog:
    """Two streams of the run's name, in the groups `output` and `error`.

    Args:
        context: Where to write.
        group: Such as `/aws-glue/jobs`.
        stream: The run.
    """

    def __init__(self, context: Context, group: str, stream: str) -> None:
        self._context = context
        self._group, self._stream = group, stream
        self._waiting: dict[str, list[dict[str, Any]]] = {}
        self._made: set[str] = set()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def add(self, kind: str, line: str) -> None:
        """Add a line to `output` or `error`."""
        stamp = int(self._context.clock.now().timestamp() * 1000)
        if not line:
            return
        event = {"timestamp": stamp, "message": line[:_MESSAGE]}
        with self._lock:
            self._waiting.setdefault(kind, []).append(event)
            if self._timer is None:
                self._timer = threading.Timer(_INTERVAL, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Send what waits."""
        logs = self._context.aws.client("logs")
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            for kind, events in waiting.items():
                self._send(logs, kind, events)

    def _send(self, logs: Any, kind: str, events: list[dict[str, Any]]) -> None:
        where = {
            "logGroupName": f"{self._group}/{kind}",
            "logStreamName": self._stream,
        }
        if kind not in self._made:
            self._make(logs, where)
            self._made.add(kind)
        for start in range(0, len(events), _BATCH):
            batch = events[start : start + _BATCH]
            logs.put_log_events(**where, logEvents=batch)
        size = sum(len(one["message"].encode()) + 26 for one in events)
        self._context.meter.add("logs-bytes", size)

    def _make(self, logs: Any, where: dict[str, str]) -> None:
        exists = logs.exceptions.ResourceAlreadyExistsException
        group = {"logGroupName": where["logGroupName"]}
        for create, names in (
            (logs.create_log_group, group),
            (logs.create_log_stream, where),
        ):
            try:
                create(**names)
            except exists:
                continue
