"""What moto keeps of CloudWatch's metrics, sample by sample."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

from moto.cloudwatch.models import MetricDatum, cloudwatch_backends


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """One value of a CloudWatch metric, or a set of values by its statistics.

    Attributes:
        second: When, in seconds since 1970.
        dimensions: Of the metric.
        unit: Of the value, or None.
        count: How many values.
        total: Their sum.
        least: The smallest.
        most: The largest.
    """

    second: float
    dimensions: dict[str, str]
    unit: str | None
    count: float
    total: float
    least: float
    most: float


def metric_samples(region: str, namespace: str, name: str) -> Iterator[Sample]:
    """Yield the samples of a CloudWatch metric, whatever its dimensions."""
    for account in cloudwatch_backends.values():
        for datum in account[region].get_all_metrics():
            if datum.name != name or datum.namespace != namespace:
                continue
            when = datum.timestamp
            if when.tzinfo is None:
                when = when.replace(tzinfo=dt.UTC)
            if isinstance(datum, MetricDatum):
                value = datum.value
                figures = (1.0, value, value, value)
            else:
                figures = (datum.sample_count, datum.sum, datum.min, datum.max)
            dimensions = {one.name: one.value for one in datum.dimensions}
            yield Sample(when.timestamp(), dimensions, datum.unit, *figures)
