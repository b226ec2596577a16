"""EventBridge's schedules: when they are due, and what their targets are told."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from localaws.services.schedule import following
from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import lambda_role as lambda_role
from tests.localaws.services.test_lambda_triggers import ARN, SHOWS, allow, heard, put

Aws = Callable[[str], Any]
Create = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("expression", "moment", "due"),
    [
        ("rate(1 minute)", "2026-01-05T08:00:30", "2026-01-05T08:01:30"),
        ("rate(2 days)", "2026-01-05T08:00:00", "2026-01-07T08:00:00"),
        ("cron(0 8 * * ? *)", "2026-01-05T08:00:00", "2026-01-06T08:00:00"),
        ("cron(0/15 * * * ? *)", "2026-01-05T08:14:59", "2026-01-05T08:15:00"),
        ("cron(0 18 ? * MON-FRI *)", "2026-01-09T18:00:00", "2026-01-12T18:00:00"),
        ("cron(30 6,22 1 MAR,9 ? *)", "2026-01-05T00:00:00", "2026-03-01T06:30:00"),
        ("cron(0 0 29 2 ? 2028)", "2026-01-05T00:00:00", "2028-02-29T00:00:00"),
    ],
)
def test_when_a_schedule_is_due(expression: str, moment: str, due: str) -> None:
    at = dt.datetime.fromisoformat(f"{moment}+00:00")
    assert following(expression, at) == dt.datetime.fromisoformat(f"{due}+00:00")
    past = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    assert following("cron(0 0 1 1 ? 2028)", past) is None


@pytest.mark.parametrize(
    "expression",
    [
        "rate(0 minutes)",
        "rate(2 minute)",
        "rate(1 week)",
        "cron(0 8 * * * *)",
        "cron(0 24 * * ? *)",
        "cron(0 8 * MAI ? *)",
        "cron(0 8 * * ?)",
        "at(2026-01-05T08:00:00)",
    ],
)
def test_what_is_no_schedule(aws: Aws, expression: str) -> None:
    with pytest.raises(ClientError, match="ScheduleExpression is not valid"):
        aws("events").put_rule(Name="desk", ScheduleExpression=expression)


def test_a_schedule_invokes(aws: Aws, create: Create, endpoint: Connection) -> None:
    create(SHOWS)
    events = aws("events")
    arn = events.put_rule(Name="desk", ScheduleExpression="rate(5 minutes)")["RuleArn"]
    events.put_targets(Rule="desk", Targets=[{"Id": "f", "Arn": ARN}])
    allow(aws, "events", arn)
    put(aws, 61)
    endpoint.control("POST", "clock", {"seconds": 620})
    first, second = heard(2)
    assert (first["source"], first["detail-type"], first["detail"]) == (
        "aws.events",
        "Scheduled Event",
        {},
    )
    assert first["resources"] == [arn]
    times = [dt.datetime.fromisoformat(one["time"]) for one in (first, second)]
    assert times[1] - times[0] == dt.timedelta(minutes=5)
    events.disable_rule(Name="desk")
    endpoint.control("POST", "clock", {"seconds": 600})
    events.enable_rule(Name="desk")
    given = {"Id": "f", "Arn": ARN, "Input": json.dumps({"fixed": 1})}
    events.put_targets(Rule="desk", Targets=[given])
    endpoint.control("POST", "clock", {"seconds": 310})
    assert heard(3)[2:] == [{"fixed": 1}]
