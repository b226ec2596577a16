"""Amazon CloudWatch alarms, evaluated on the endpoint's clock."""

import datetime as dt
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.errors import AwsError
from localaws.journal import Journal
from localaws.loopback import ENGINE_KEY, Loopback
from localaws.services.alarm_actions import check_actions, tell
from localaws.services.alarm_states import State, evaluate
from localaws.services.context import Context
from localaws.services.events import Bus
from localaws.wire import Request, parse_json

_EVALUATION = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class _Known:
    """What is known of an alarm: its state, and until when that was set by hand."""

    state: str = "INSUFFICIENT_DATA"
    held: dt.datetime | None = None


class Alarms:
    """Brings the state of every alarm up to date.

    Args:
        aws: Where alarms and metrics are.
        bus: Hears of each change.
        journal: Keeps the states beyond the process.
    """

    def __init__(self, aws: Loopback, bus: Bus, journal: Journal) -> None:
        self._aws = aws
        self._bus = bus
        self._journal = journal
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def _know(self, name: str, known: _Known | None) -> None:
        if known != self._known.get(name):
            given = known and {"state": known.state, "held": known.held}
            self._journal.record("alarm", {"name": name, "known": given})
            self.restore(name, given)

    def restore(self, name: str, known: Mapping[str, Any] | None) -> None:
        """Take up what is known of an alarm; None forgets it."""
        if known is None:
            self._known.pop(name, None)
        else:
            self._known[name] = _Known(known["state"], known["held"])

    def put(self, name: str) -> None:
        """Give an alarm that was just put the state that it had; moto calls it OK."""
        known = self._known.get(name, _Known())
        self._know(name, known)
        self._aws.client("cloudwatch").set_alarm_state(
            AlarmName=name,
            StateValue=known.state,
            StateReason="Unchecked: Initial alarm creation",
        )

    def forget(self, names: Iterable[str]) -> None:
        """Forget alarms that were deleted."""
        for name in names:
            self._know(name, None)

    def evaluate(self, now: dt.datetime) -> None:
        """Set the state that each alarm has at a time.

        Its own requests come back here: an evaluation under way is not begun again.
        """
        if not self._known or not self._lock.acquire(blocking=False):
            return
        try:
            self._evaluate(now)
        finally:
            self._lock.release()

    def _evaluate(self, now: dt.datetime) -> None:
        client = self._aws.client("cloudwatch")
        for page in client.get_paginator("describe_alarms").paginate():
            for alarm in page["MetricAlarms"]:
                known = self._known.get(alarm["AlarmName"], _Known())
                if known.held and now < known.held:
                    continue
                state = evaluate(self._aws.region, alarm, now)
                self._know(alarm["AlarmName"], _Known(state.value))
                if state.value != alarm["StateValue"]:
                    client.set_alarm_state(
                        AlarmName=alarm["AlarmName"],
                        StateValue=state.value,
                        StateReason=state.reason,
                        StateReasonData=state.data,
                    )
                    tell(self._aws, self._bus, alarm, state, now)

    def set(self, given: Mapping[str, str], now: dt.datetime) -> None:
        """Let the actions follow a state that was set by hand."""
        name, value = given["AlarmName"], given["StateValue"]
        before = self._known.get(name, _Known()).state
        self._know(name, _Known(value, now + _EVALUATION))
        if before == value:
            return
        found = self._aws.client("cloudwatch").describe_alarms(AlarmNames=[name])
        for alarm in found["MetricAlarms"]:
            state = State(value, given["StateReason"], given.get("StateReasonData", ""))
            tell(self._aws, self._bus, {**alarm, "StateValue": before}, state, now)


def _check(request: Mapping[str, Any]) -> None:
    check_actions(request)
    given = [n for n in ("Statistic", "ExtendedStatistic", "Metrics") if n in request]
    if len(given) != 1:
        raise AwsError(
            "ValidationError",
            "Specify exactly one of Statistic, ExtendedStatistic and Metrics.",
        )
    if "Metrics" in request:
        returned = [m for m in request["Metrics"] if m.get("ReturnData", True)]
        if len(returned) != 1:
            raise AwsError(
                "ValidationError",
                "Exactly one element of the metrics list should return data.",
            )


def _put(context: Context, request: Request) -> None:
    context.alarms.put(parse_json(request.body)["AlarmName"])


def _set(context: Context, request: Request) -> None:
    assert request.scope is not None
    if request.scope[0] != ENGINE_KEY:
        context.alarms.set(parse_json(request.body), context.clock.now())


def _deleted(context: Context, request: Request) -> None:
    context.alarms.forget(parse_json(request.body)["AlarmNames"])


def _current(context: Context) -> None:
    context.alarms.evaluate(context.clock.now())


def _restore(context: Context, payload: Mapping[str, Any], body: bytes) -> None:
    context.alarms.restore(payload["name"], payload["known"])


PREPARERS = {
    ("monitoring", "DescribeAlarms"): _current,
    ("monitoring", "DescribeAlarmsForMetric"): _current,
}
FOLLOWERS = {
    ("monitoring", "PutMetricAlarm"): _put,
    ("monitoring", "DeleteAlarms"): _deleted,
    ("monitoring", "SetAlarmState"): _set,
}
RESTORERS = {"alarm": _restore}
CHECKS = {("monitoring", "PutMetricAlarm"): _check}
