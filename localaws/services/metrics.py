"""Amazon CloudWatch metrics: statistics, percentiles and metric math over them."""

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.context import Context
from localaws.services.metric_math import Series, evaluate, names
from localaws.services.metric_samples import Sample, metric_samples
from localaws.wire import Request, Response, json_response, parse_json

_BASIC = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"p(100|\d{1,2})(\.\d{1,10})?")
_POINTS = 1440
_JSON = "application/x-amz-json-1.0"
Members = Mapping[str, Any]


@dataclass(frozen=True)
class Query:
    """What is asked of one metric.

    Attributes:
        namespace: Such as `AWS/SageMaker`.
        name: Of the metric.
        dimensions: All of them: a metric with other dimensions is another metric.
        period: Seconds of one datapoint.
        unit: Only values of that unit; None for all.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    period: int
    unit: str | None

    @classmethod
    def read(cls, metric: Members, period: int, unit: str | None) -> "Query":
        """Read a metric as CloudWatch's operations take it."""
        dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions") or ()}
        return cls(metric["Namespace"], metric["MetricName"], dimensions, period, unit)

    def by_period(
        self, region: str, start: float, end: float
    ) -> dict[int, list[Sample]]:
        """Return the samples of each period that has any, by its first second."""
        start = start // self.period * self.period
        found = defaultdict(list)
        for sample in metric_samples(region, self.namespace, self.name):
            if (
                start <= sample.second < end
                and sample.dimensions == self.dimensions
                and self.unit in (None, sample.unit)
            ):
                found[int(sample.second // self.period) * self.period].append(sample)
        return dict(sorted(found.items()))


def statistic(name: str, samples: Iterable[Sample]) -> float | None:
    """Return a statistic, or None for a percentile of values that are not known.

    Args:
        name: `Average`, `p90`.
        samples: At least one.

    Raises:
        NotImplementedHere: The statistic is another, such as a trimmed mean.
    """
    samples = list(samples)
    count = sum(sample.count for sample in samples)
    if name == "SampleCount":
        return count
    if name == "Sum":
        return sum(sample.total for sample in samples)
    if name == "Average":
        return sum(sample.total for sample in samples) / count if count else None
    if name == "Minimum":
        return min(sample.least for sample in samples)
    if name == "Maximum":
        return max(sample.most for sample in samples)
    if not _PERCENTILE.fullmatch(name):
        raise NotImplementedHere(f"cloudwatch statistic {name}", "is computed")
    return _percentile(float(name[1:]), samples)


def _percentile(share: float, samples: list[Sample]) -> float | None:
    """Interpolate between the values next to a share of all, in per cent.

    Values that came as a statistic set are not known, unless they are all equal.
    """
    if any(sample.least != sample.most for sample in samples):
        return None
    values = sorted(s.least for s in samples for _ in range(int(s.count)))
    if not values:
        return None
    place = (len(values) - 1) * share / 100
    below, above = values[math.floor(place)], values[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))


def get_metric_statistics(context: Context, request: Request) -> Response:
    """Answer GetMetricStatistics."""
    given = parse_json(request.body)
    names = given.get("Statistics") or given.get("ExtendedStatistics") or []
    if not names or ("Statistics" in given and "ExtendedStatistics" in given):
        raise AwsError(
            "InvalidParameterCombination",
            "Must specify either Statistics or ExtendedStatistics"
            if not names
            else "Statistics and ExtendedStatistics cannot both be specified",
        )
    _check_times(given)
    query = Query.read(given, _period(given["Period"]), given.get("Unit"))
    found = query.by_period(context.aws.region, given["StartTime"], given["EndTime"])
    if (given["EndTime"] - given["StartTime"]) / query.period > _POINTS:
        raise AwsError(
            "InvalidParameterCombination",
            f"You have requested up to "
            f"{int((given['EndTime'] - given['StartTime']) / query.period)} "
            f"datapoints, which exceeds the limit of {_POINTS}. You may reduce the "
            "datapoints requested by increasing Period, or decreasing the time range.",
        )
    points = []
    for second, samples in found.items():
        values = {name: statistic(name, samples) for name in names}
        known = {name: value for name, value in values.items() if value is not None}
        if "ExtendedStatistics" in given:
            known = {"ExtendedStatistics": known} if known else {}
        if known:
            unit = samples[-1].unit or "None"
            points.append({"Timestamp": second, **known, "Unit": unit})
    return json_response({"Label": query.name, "Datapoints": points}, _JSON)


def get_metric_data(context: Context, request: Request) -> Response:
    """Answer GetMetricData: metrics, and expressions of them."""
    given = parse_json(request.body)
    _check_times(given)
    found = query_all(
        context.aws.region,
        given["MetricDataQueries"],
        given["StartTime"],
        given["EndTime"],
    )
    newest_first = given.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results = []
    for query in given["MetricDataQueries"]:
        if query.get("ReturnData", True):
            points = sorted(found[query["Id"]].points.items(), reverse=newest_first)
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label") or found[query["Id"]].label,
                    "Timestamps": [second for second, _ in points],
                    "Values": [value for _, value in points],
                    "StatusCode": "Complete",
                }
            )
    return json_response({"MetricDataResults": results, "Messages": []}, _JSON)


def query_all(
    region: str, queries: list[Members], start: float, end: float
) -> dict[str, Series]:
    """Return the series of each query, by its id.

    Args:
        region: Where the metrics are.
        queries: As GetMetricData takes them.
        start: First second.
        end: Second after the last.
    """
    found: dict[str, Series] = {}
    for query in queries:
        if "MetricStat" in query:
            asked = query["MetricStat"]
            metric, name = asked["Metric"], asked["Stat"]
            period = _period(asked["Period"])
            samples = Query.read(metric, period, asked.get("Unit"))
            values = {
                second: statistic(name, some)
                for second, some in samples.by_period(region, start, end).items()
            }
            points = {s: value for s, value in values.items() if value is not None}
            label = metric["MetricName"]
            found[query["Id"]] = Series(points, period, label, start, end, True)
        elif "Expression" not in query:
            raise _invalid(f"Query {query['Id']} has no MetricStat and no Expression.")
    waiting = [query for query in queries if "Expression" in query]
    while waiting:
        ready = [q for q in waiting if _needs(q, queries) <= found.keys()]
        if not ready:
            raise _invalid(f"Error in expression '{waiting[0]['Id']}': circular.")
        for query in ready:
            found[query["Id"]] = evaluate(query["Id"], query["Expression"], found)
            waiting.remove(query)
    return found


def _needs(query: Members, queries: list[Members]) -> set[str]:
    ids = {other["Id"] for other in queries if other is not query}
    if "METRICS(" in query["Expression"]:
        return {other["Id"] for other in queries if "MetricStat" in other}
    return names(query["Expression"]) & ids


def _check_times(given: Members) -> None:
    for name in ("StartTime", "EndTime"):
        if isinstance(given.get(name), str):
            given[name] = dt.datetime.fromisoformat(given[name]).timestamp()
    if given["StartTime"] >= given["EndTime"]:
        raise AwsError(
            "InvalidParameterValue",
            "The parameter StartTime must be less than the parameter EndTime.",
        )


def _period(seconds: int) -> int:
    if seconds in (1, 5, 10, 20, 30) or (seconds > 0 and seconds % 60 == 0):
        return seconds
    raise AwsError(
        "InvalidParameterValue",
        "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
    )


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


HANDLERS = {
    ("monitoring", "GetMetricStatistics"): get_metric_statistics,
    ("monitoring", "GetMetricData"): get_metric_data,
}
