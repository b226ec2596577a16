"""What an endpoint tells of its requests: metrics and captured data, beside them.

A request leaves a note; a thread of the endpoint sends the notes in batches.
"""

import contextlib
import datetime as dt
import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localaws.jobs import Answer
from localaws.sagemaker.call import Call
from localaws.sagemaker.capture import Capture
from localaws.sagemaker.engine import Engine

NAMESPACE = "AWS/SageMaker"
_INTERVAL = 1.0
_MICROSECONDS = 1e6
_MOST = 1000
_VALUES = 150
_UNITS = {"ModelLatency": "Microseconds", "OverheadLatency": "Microseconds"}
Members = dict[str, Any]
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Note:
    """One request that was answered, or failed.

    Attributes:
        variant: Name of the variant.
        when: The endpoint's time.
        status: HTTP status that the model answered with.
        model: Seconds that the model took.
        overhead: Seconds that the rest took.
        instances: How many shared the load.
        capture: What was captured: the call and its answer.
    """

    variant: str
    when: dt.datetime
    status: int
    model: float
    overhead: float
    instances: int
    capture: tuple[Call, Answer] | None = None

    def values(self) -> dict[str, float]:
        """Return the value of each metric."""
        found = {
            "Invocations": 1.0,
            "ModelLatency": self.model * _MICROSECONDS,
            "OverheadLatency": self.overhead * _MICROSECONDS,
            "Invocation4XXErrors": float(400 <= self.status < 500),
            "Invocation5XXErrors": float(self.status >= 500),
        }
        if self.instances:
            found["InvocationsPerInstance"] = 1 / self.instances
        return found


class Observer:
    """Sends what requests to one endpoint leave behind.

    Args:
        engine: What it acts with.
        endpoint: Name of the endpoint.

    Attributes:
        capture: Stores requests and answers; None when nothing is captured.
    """

    def __init__(self, engine: Engine, endpoint: str) -> None:
        self._engine = engine
        self._endpoint = endpoint
        self._notes: deque[Note] = deque()
        self._sending = threading.Lock()
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self.capture: Capture | None = None

    def note(self, note: Note) -> None:
        """Remember a request; returns at once."""
        self._notes.append(note)
        if not self._wake.is_set():
            self._wake.set()
            if self._thread is None:
                self._begin()

    def _begin(self) -> None:
        with self._sending:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while not self._closed.is_set():
            self._wake.wait()
            self._closed.wait(_INTERVAL)
            self._wake.clear()
            self.flush()

    def flush(self) -> None:
        """Send what is waiting, and return when it is there."""
        with self._sending:
            notes = []
            with contextlib.suppress(IndexError):
                while True:
                    notes.append(self._notes.popleft())
            if not notes:
                return
            try:
                self._measure(notes)
                if self.capture:
                    self.capture.store(one for one in notes if one.capture)
            except (ClientError, BotoCoreError):
                _log.exception("endpoint %s: metrics or captured data", self._endpoint)

    def _measure(self, notes: Iterable[Note]) -> None:
        found: dict[tuple[str, str, dt.datetime], list[float]] = {}
        for note in notes:
            minute = note.when.replace(second=0, microsecond=0)
            for name, value in note.values().items():
                found.setdefault((note.variant, name, minute), []).append(value)
        data = [
            {
                "MetricName": name,
                "Dimensions": [
                    {"Name": "EndpointName", "Value": self._endpoint},
                    {"Name": "VariantName", "Value": variant},
                ],
                "Timestamp": minute,
                "Unit": _UNITS.get(name, "None"),
                **datum,
            }
            for (variant, name, minute), values in found.items()
            for datum in _data(values)
        ]
        for start in range(0, len(data), _MOST):
            self._engine.aws.client("cloudwatch").put_metric_data(
                Namespace=NAMESPACE, MetricData=data[start : start + _MOST]
            )

    def close(self) -> None:
        """Send what is waiting, and end."""
        self._closed.set()
        self._wake.set()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join()
        self.flush()


def _data(values: list[float]) -> Iterator[Members]:
    """Yield values as PutMetricData takes them: all of them, for the percentiles.

    Equal values are a statistic set, which has percentiles too.
    """
    if min(values) == max(values):
        yield {
            "StatisticValues": {
                "SampleCount": len(values),
                "Sum": sum(values),
                "Minimum": values[0],
                "Maximum": values[0],
            }
        }
        return
    for start in range(0, len(values), _VALUES):
        yield {"Values": values[start : start + _VALUES]}


def measure(engine: Engine, endpoint: Members, values: Mapping[str, float]) -> None:
    """Put metrics of a whole endpoint."""
    now = engine.clock.now()
    engine.aws.client("cloudwatch").put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [
                    {"Name": "EndpointName", "Value": endpoint["EndpointName"]}
                ],
                "Timestamp": now,
                "Value": value,
            }
            for name, value in values.items()
        ],
    )
