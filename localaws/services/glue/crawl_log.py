"""The log of a crawl, in CloudWatch."""

import threading
from typing import Any, ClassVar

from localaws.services.context import Context


class CrawlLog:
    """One crawl's lines in the stream of its crawler.

    Args:
        context: The endpoint.
        name: The crawler.
        key: Begins each line.
    """

    GROUP: ClassVar[str] = "/aws-glue/crawlers"

    def __init__(self, context: Context, name: str, key: str) -> None:
        self._logs = context.aws.client("logs")
        self._clock = context.clock
        self._where = {"logGroupName": self.GROUP, "logStreamName": name}
        self._key = key
        self._events: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        exists = self._logs.exceptions.ResourceAlreadyExistsException
        group = {"logGroupName": self.GROUP}
        for create, where in (
            (self._logs.create_log_group, group),
            (self._logs.create_log_stream, self._where),
        ):
            try:
                create(**where)
            except exists:
                continue

    def benchmark(self, text: str) -> None:
        """Tell how far the crawl is."""
        self._say("BENCHMARK", text)

    def info(self, text: str) -> None:
        """Tell what was done."""
        self._say("INFO", text)

    def error(self, text: str) -> None:
        """Tell what went wrong."""
        self._say("ERROR", text)

    def _say(self, level: str, text: str) -> None:
        stamp = int(self._clock.now().timestamp() * 1000)
        line = f"[{self._key}] {level} : {text}"
        with self._lock:
            self._events.append({"timestamp": stamp, "message": line})

    def close(self) -> None:
        """Send the lines."""
        with self._lock:
            events, self._events = self._events, []
        if events:
            self._logs.put_log_events(**self._where, logEvents=events)
