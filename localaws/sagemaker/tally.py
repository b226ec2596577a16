"""Metrics that are added up until somebody could read them."""

import threading
from typing import Any

from localaws.sagemaker.engine import Engine

_UNITS = {"ModelCacheHit": "None"}
Dimensions = tuple[tuple[str, str], ...]


class Tally:
    """Adds up values, and sends them before another service is read.

    Args:
        engine: What it acts with.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._held: dict[tuple[Dimensions, str], dict[str, float]] = {}
        engine.settlers.append(self.settle)

    def add(self, dimensions: Dimensions, name: str, value: float) -> None:
        """Add one value of a metric; returns at once."""
        with self._lock:
            held = self._held.get((dimensions, name))
            if held is None:
                held = {"SampleCount": 0, "Sum": 0, "Minimum": value, "Maximum": value}
                self._held[dimensions, name] = held
            held["SampleCount"] += 1
            held["Sum"] += value
            held["Minimum"] = min(held["Minimum"], value)
            held["Maximum"] = max(held["Maximum"], value)

    def settle(self, wait: bool) -> None:
        """Send what was added, unless the request comes from the engine itself."""
        if not wait or not self._held:
            return
        with self._sending:
            with self._lock:
                held, self._held = self._held, {}
            now = self._engine.clock.now()
            data: list[dict[str, Any]] = [
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions],
                    "Timestamp": now,
                    "StatisticValues": values,
                    "Unit": _UNITS.get(name, "Microseconds"),
                }
                for (dimensions, name), values in held.items()
            ]
            for start in range(0, len(data), 1000):
                self._engine.aws.client("cloudwatch").put_metric_data(
                    Namespace="AWS/SageMaker", MetricData=data[start : start + 1000]
                )
