"""EventBridge's rules with a schedule: their targets are told when it is due."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from moto.events.models import Rule, events_backends

from localaws.services.context import Context
from localaws.services.deliveries import SCHEDULED, SCHEDULER
from localaws.services.schedule import following


class Schedules:
    """When each rule with a schedule is due.

    Args:
        context: Where the clock is.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        # by ARN: the expression, and when it is due
        self._due: dict[str, tuple[str, dt.datetime | None]] = {}

    def tick(self) -> dt.datetime | None:
        """Tell the targets that are due; return when the next ones are."""
        now, known, later = self._context.clock.now(), {}, []
        for rule in _rules():
            expression = rule.scheduled_expression
            said, due = self._due.get(rule.arn, ("", None))
            if said != expression:
                due = following(expression, now)
            if due and due <= now:
                self._tell(rule.arn)
                while due and due <= now:
                    due = following(expression, due)
            known[rule.arn] = expression, due
            later += [due] if due else []
        self._due = known
        return min(later, default=None)

    def _tell(self, arn: str) -> None:
        entry = {
            "Source": SCHEDULER,
            "DetailType": SCHEDULED,
            "Detail": "{}",
            "Resources": [arn],
        }
        self._context.aws.client("events").put_events(Entries=[entry])


def _rules() -> Iterator[Rule]:
    for account in events_backends.values():
        for backend in account.values():
            for bus in backend.event_buses.values():
                for rule in list(bus.rules.values()):
                    if rule.scheduled_expression and rule.state == "ENABLED":
                        yield rule


def check(request: Mapping[str, Any]) -> None:
    """Refuse a schedule that is none, or that does not act here."""
    expression = request.get("ScheduleExpression")
    if expression:
        following(expression, dt.datetime(2000, 1, 1, tzinfo=dt.UTC))


def tick(context: Context) -> dt.datetime | None:
    """Tell the targets of the rules that are due."""
    return context.part(Schedules).tick()


CHECKS = {("events", "PutRule"): check}
