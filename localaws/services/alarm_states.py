"""Which state a CloudWatch alarm has at a time, and why."""

import datetime as dt
import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.services.metrics import query_all

_COMPARE: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching"}
_STAMP = "%Y-%m-%dT%H:%M:%S"
Members = Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """What an evaluation found.

    Attributes:
        value: `OK`, `ALARM` or `INSUFFICIENT_DATA`.
        reason: Why, in words.
        data: Why, in JSON.
    """

    value: str
    reason: str
    data: str


def evaluate(region: str, alarm: Members, now: dt.datetime) -> State:
    """Return the state of an alarm.

    Args:
        region: Where its metrics are.
        alarm: As DescribeAlarms shows it.
        now: The time.
    """
    period, periods = _period(alarm), alarm["EvaluationPeriods"]
    last = int(now.timestamp() // period * period)
    seconds = [last - period * number for number in range(periods)]
    points = _points(region, alarm, seconds[-1], last + period)
    found = [(second, points[second]) for second in seconds if second in points]
    missing = alarm.get("TreatMissingData") or "missing"
    if not found and missing == "ignore":
        return State(
            alarm["StateValue"], alarm["StateReason"], alarm.get("StateReasonData", "")
        )
    data = _data(alarm, period, found, now)
    if not found and missing == "missing":
        were = "datapoint was" if periods == 1 else "datapoints were"
        reason = f"Insufficient Data: {periods} {were} unknown."
        return State("INSUFFICIENT_DATA", reason, data)
    compare, words = _COMPARE[alarm["ComparisonOperator"]]
    breaching = [one for one in found if compare(one[1], alarm["Threshold"])]
    count = len(breaching)
    if missing == "breaching":
        count += periods - len(found)
    needed = alarm.get("DatapointsToAlarm") or periods
    value = "ALARM" if count >= needed else "OK"
    if not found:
        return State(value, _without(periods, missing), data)
    threshold = f"the threshold ({float(alarm['Threshold'])})"
    shown, words = (
        (breaching or found, words) if value == "ALARM" else (found, f"not {words}")
    )
    listed = ", ".join(f"{v} ({_time(s):%d/%m/%y %H:%M:%S})" for s, v in shown)
    was = "was" if len(shown) == 1 else "were"
    before = "OK -> ALARM" if value == "ALARM" else "ALARM -> OK"
    plural = "datapoint" if needed == 1 else "datapoints"
    return State(
        value,
        f"Threshold Crossed: {len(shown)} out of the last {periods} datapoints "
        f"[{listed}] {was} {words} {threshold} (minimum {needed} {plural} for {before} "
        "transition).",
        data,
    )


def _period(alarm: Members) -> int:
    if not alarm.get("Metrics"):
        return alarm["Period"]
    return max(
        metric.get("Period") or metric.get("MetricStat", {}).get("Period") or 0
        for metric in alarm["Metrics"]
    )


def _points(region: str, alarm: Members, start: int, end: int) -> Mapping[int, float]:
    queries = alarm.get("Metrics")
    if not queries:
        metric = {
            "Namespace": alarm["Namespace"],
            "MetricName": alarm["MetricName"],
            "Dimensions": alarm.get("Dimensions", []),
        }
        asked = {
            "Metric": metric,
            "Period": alarm["Period"],
            "Stat": alarm.get("Statistic") or alarm["ExtendedStatistic"],
            "Unit": alarm.get("Unit") or None,
        }
        queries = [{"Id": "m", "MetricStat": asked}]
    watched = next(q["Id"] for q in queries if q.get("ReturnData", True))
    return query_all(region, queries, start, end)[watched].points


def _without(periods: int, missing: str) -> str:
    """Say what an alarm did without any datapoint."""
    one = periods == 1
    return (
        f"Threshold Crossed: no datapoints were received for {periods} "
        f"period{'' if one else 's'} and {periods} missing "
        f"datapoint{' was' if one else 's were'} treated as [{_TREATED[missing]}]."
    )


def _data(
    alarm: Members, period: int, found: list[tuple[int, float]], now: dt.datetime
) -> str:
    start = {"startDate": stamp(_time(found[-1][0]))} if found else {}
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": stamp(now),
            **start,
            "statistic": alarm.get("Statistic") or alarm.get("ExtendedStatistic"),
            "period": period,
            "recentDatapoints": [value for _, value in reversed(found)],
            "threshold": float(alarm["Threshold"]),
        }
    )


def _time(second: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(second, dt.UTC)


def stamp(when: dt.datetime) -> str:
    """Return a time as CloudWatch's notifications spell it."""
    return f"{when:{_STAMP}}.{when.microsecond // 1000:03}+0000"
