"""Metrics of the services here, added up until somebody could read them."""

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from typing import Any

from localaws.services.context import Context

Key = tuple[str, tuple[tuple[str, str], ...], str, str, dt.datetime]
_MOST = 1000
_READS = (
    "DescribeAlarms",
    "DescribeAlarmsForMetric",
    "GetMetricData",
    "GetMetricStatistics",
    "ListMetrics",
)


class Tally:
    """Adds up values by the minute, as AWS's services send them.

    Args:
        context: Where CloudWatch is.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._held: dict[Key, list[float]] = {}

    def add(
        self,
        namespace: str,
        dimensions: Mapping[str, str],
        name: str,
        value: float,
        unit: str = "Count",
        count: int = 1,
    ) -> None:
        """Add values of a metric at the endpoint's time; returns at once.

        Args:
            namespace: Such as `AWS/Kinesis`.
            dimensions: Names and values.
            name: Of the metric.
            value: The value, or the sum of values that are 0 or 1.
            unit: CloudWatch's name of the unit.
            count: How many values make the sum.
        """
        minute = self._context.clock.now().replace(second=0, microsecond=0)
        key = (namespace, tuple(dimensions.items()), name, unit, minute)
        low = value if count == 1 else float(value == count)
        high = value if count == 1 else float(value > 0)
        with self._lock:
            held = self._held.setdefault(key, [0, 0.0, low, high])
            held[0] += count
            held[1] += value
            held[2] = min(held[2], low)
            held[3] = max(held[3], high)

    def flush(self) -> None:
        """Send what was added."""
        if not self._held:
            return
        with self._sending:
            with self._lock:
                held, self._held = self._held, {}
            by_namespace: dict[str, list[dict[str, Any]]] = {}
            for (namespace, dimensions, name, unit, minute), values in held.items():
                datum = {
                    "MetricName": name,
                    "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions],
                    "Timestamp": minute,
                    "StatisticValues": dict(
                        zip(
                            ("SampleCount", "Sum", "Minimum", "Maximum"),
                            values,
                            strict=True,
                        )
                    ),
                    "Unit": unit,
                }
                by_namespace.setdefault(namespace, []).append(datum)
            client = self._context.aws.client("cloudwatch")
            for namespace, data in by_namespace.items():
                for start in range(0, len(data), _MOST):
                    client.put_metric_data(
                        Namespace=namespace, MetricData=data[start : start + _MOST]
                    )

    def tick(self) -> None:
        """Send what earlier minutes left."""
        now = self._context.clock.now().replace(second=0, microsecond=0)
        if any(key[-1] < now for key in list(self._held)):
            self.flush()


def tick(context: Context) -> dt.datetime | None:
    """Send what earlier minutes left."""
    context.part(Tally).tick()
    return None


def before_reads(
    preparers: Mapping[tuple[str, str], Callable[[Context], None]],
) -> dict[tuple[str, str], Callable[[Context], None]]:
    """Return preparers that send what is held before CloudWatch is read.

    Args:
        preparers: What else is done before some operations, afterwards.
    """

    def first(then: Callable[[Context], None]) -> Callable[[Context], None]:
        def prepare(context: Context) -> None:
            context.part(Tally).flush()
            then(context)

        return prepare

    named = {("monitoring", name): (lambda context: None) for name in _READS}
    return {name: first(then) for name, then in {**named, **preparers}.items()}
