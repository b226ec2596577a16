"""Amazon CloudWatch alarms, evaluated on the endpoint's clock."""

import datetime as dt
import operator
import threading
from collections.abc import Callable, Iterable
from typing import Any

from localaws.loopback import ENGINE_KEY, Loopback
from localaws.services.context import Context
from localaws.services.events import Bus
from localaws.wire import Request, parse_json

_EVALUATION = dt.timedelta(minutes=1)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


class Alarms:
    """Brings the state of every alarm up to date.

    Args:
        aws: Where alarms and metrics are.
        bus: Hears of each change.
    """

    def __init__(self, aws: Loopback, bus: Bus) -> None:
        self._aws = aws
        self._bus = bus
        self._states: dict[str, str] = {}
        self._held: dict[str, dt.datetime] = {}
        self._lock = threading.Lock()

    def put(self, name: str) -> None:
        """Give an alarm that was just put the state that it had; moto calls it OK."""
        state = self._states.setdefault(name, "INSUFFICIENT_DATA")
        self._aws.client("cloudwatch").set_alarm_state(
            AlarmName=name,
            StateValue=state,
            StateReason="Unchecked: Initial alarm creation",
        )

    def hold(self, name: str, now: dt.datetime) -> None:
        """Keep a state that was set by hand until the next evaluation is due."""
        self._held[name] = now + _EVALUATION

    def forget(self, names: Iterable[str]) -> None:
        """Forget alarms that were deleted."""
        for name in names:
            self._states.pop(name, None)
            self._held.pop(name, None)

    def evaluate(self, now: dt.datetime) -> None:
        """Set the state that each alarm has at a time.

        Its own requests come back here: an evaluation under way is not begun again.
        """
        if not self._states or not self._lock.acquire(blocking=False):
            return
        try:
            self._evaluate(now)
        finally:
            self._lock.release()

    def _evaluate(self, now: dt.datetime) -> None:
        client = self._aws.client("cloudwatch")
        for page in client.get_paginator("describe_alarms").paginate():
            for alarm in page["MetricAlarms"]:
                if now < self._held.get(alarm["AlarmName"], now):
                    continue
                state, reason = _state(client, alarm, now)
                self._states[alarm["AlarmName"]] = state
                if state != alarm["StateValue"]:
                    client.set_alarm_state(
                        AlarmName=alarm["AlarmName"],
                        StateValue=state,
                        StateReason=reason,
                    )
                    self._tell(alarm, state, reason)

    def _tell(self, alarm: dict[str, Any], state: str, reason: str) -> None:
        detail = {
            "alarmName": alarm["AlarmName"],
            "state": {"value": state, "reason": reason},
            "previousState": {"value": alarm["StateValue"]},
        }
        kind = "CloudWatch Alarm State Change"
        self._bus.put("aws.cloudwatch", kind, detail, alarm["AlarmArn"])


def _state(client: Any, alarm: dict[str, Any], now: dt.datetime) -> tuple[str, str]:
    """Return the state of an alarm, and why."""
    period, periods = alarm["Period"], alarm["EvaluationPeriods"]
    needed = alarm.get("DatapointsToAlarm") or periods
    values = _values(client, alarm, now, period, periods)
    missing = alarm.get("TreatMissingData") or "missing"
    compare = _COMPARE[alarm["ComparisonOperator"]]
    found = [value for value in values if value is not None]
    if not found and missing == "missing":
        return "INSUFFICIENT_DATA", "Insufficient Data: no datapoints were received."
    if not found and missing == "ignore":
        return alarm["StateValue"], alarm.get("StateReason", "")
    breaching = sum(compare(value, alarm["Threshold"]) for value in found)
    if missing == "breaching":
        breaching += len(values) - len(found)
    shown = ", ".join(f"{value:g}" for value in found)
    said = (
        f"Threshold Crossed: {breaching} of the last {periods} datapoints [{shown}] "
        f"against the threshold ({alarm['Threshold']:g}), {needed} needed."
    )
    return ("ALARM" if breaching >= needed else "OK"), said


def _values(
    client: Any, alarm: dict[str, Any], now: dt.datetime, period: int, periods: int
) -> Iterable[float | None]:
    """Return the statistic of each of the last periods, None where there is no data."""
    last = dt.datetime.fromtimestamp(now.timestamp() // period * period, dt.UTC)
    start = last - dt.timedelta(seconds=period * (periods - 1))
    asked = {
        "Namespace": alarm["Namespace"],
        "MetricName": alarm["MetricName"],
        "Dimensions": alarm.get("Dimensions", []),
        "StartTime": start,
        "EndTime": last + dt.timedelta(seconds=period),
        "Period": period,
        "Statistics": [alarm["Statistic"]],
    }
    if alarm.get("Unit"):
        asked["Unit"] = alarm["Unit"]
    points = client.get_metric_statistics(**asked)["Datapoints"]
    by_start = {
        int(point["Timestamp"].timestamp() // period): point[alarm["Statistic"]]
        for point in points
    }
    first = int(start.timestamp() // period)
    return [by_start.get(first + number) for number in range(periods)]


def _put(context: Context, request: Request) -> None:
    context.alarms.put(parse_json(request.body)["AlarmName"])


def _set(context: Context, request: Request) -> None:
    assert request.scope is not None
    if request.scope[0] != ENGINE_KEY:
        name = parse_json(request.body)["AlarmName"]
        context.alarms.hold(name, context.clock.now())


def _deleted(context: Context, request: Request) -> None:
    context.alarms.forget(parse_json(request.body)["AlarmNames"])


def _current(context: Context) -> None:
    context.alarms.evaluate(context.clock.now())


PREPARERS = {
    ("monitoring", "DescribeAlarms"): _current,
    ("monitoring", "DescribeAlarmsForMetric"): _current,
}
FOLLOWERS = {
    ("monitoring", "PutMetricAlarm"): _put,
    ("monitoring", "DeleteAlarms"): _deleted,
    ("monitoring", "SetAlarmState"): _set,
}
