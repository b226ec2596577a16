"""CloudWatch alarms on the endpoint's clock."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection

Aws = Callable[[str], Any]


def put(aws: Aws, **members: Any) -> None:
    """Make an alarm on more than 5 errors in a minute."""
    aws("cloudwatch").put_metric_alarm(
        **{
            "AlarmName": "errors",
            "Namespace": "Desk",
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 5,
            "ComparisonOperator": "GreaterThanThreshold",
            **members,
        }
    )


def state(aws: Aws) -> str:
    """Return the state of the alarm."""
    (alarm,) = aws("cloudwatch").describe_alarms(AlarmNames=["errors"])["MetricAlarms"]
    return alarm["StateValue"]


def count(aws: Aws, value: float) -> None:
    """Put one number into the metric."""
    data = [{"MetricName": "Errors", "Value": value}]
    aws("cloudwatch").put_metric_data(Namespace="Desk", MetricData=data)


def test_an_alarm_follows_its_metric(endpoint: Connection, aws: Aws) -> None:
    put(aws)
    assert state(aws) == "INSUFFICIENT_DATA"
    count(aws, 3)
    assert state(aws) == "OK"
    count(aws, 4)
    assert state(aws) == "ALARM"
    endpoint.control("POST", "clock", {"seconds": 120})
    assert state(aws) == "INSUFFICIENT_DATA"


def test_some_of_the_last_periods_are_enough(endpoint: Connection, aws: Aws) -> None:
    put(
        aws,
        EvaluationPeriods=3,
        DatapointsToAlarm=2,
        TreatMissingData="notBreaching",
    )
    states = []
    for value in (9, 1, 9):
        count(aws, value)
        states.append(state(aws))
        endpoint.control("POST", "clock", {"seconds": 60})
    assert states == ["OK", "OK", "ALARM"]


@pytest.mark.parametrize(
    ("missing", "expected"),
    [("breaching", "ALARM"), ("notBreaching", "OK"), ("ignore", "INSUFFICIENT_DATA")],
)
def test_missing_data_is_taken_as_asked(aws: Aws, missing: str, expected: str) -> None:
    put(aws, TreatMissingData=missing)
    assert state(aws) == expected


def test_a_state_set_by_hand_lasts_until_the_next_evaluation(
    endpoint: Connection, aws: Aws
) -> None:
    put(aws)
    aws("cloudwatch").set_alarm_state(
        AlarmName="errors", StateValue="ALARM", StateReason="drill"
    )
    assert state(aws) == "ALARM"
    endpoint.control("POST", "clock", {"seconds": 60})
    assert state(aws) == "INSUFFICIENT_DATA"


def test_actions_and_expressions_are_refused(aws: Aws) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:desk"
    with pytest.raises(ClientError, match="AlarmActions") as caught:
        put(aws, AlarmActions=[topic])
    assert caught.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []
