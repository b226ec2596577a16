"""CloudWatch alarms on the endpoint's clock."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection

Aws = Callable[[str], Any]
SINGLE = ("Namespace", "MetricName", "Statistic", "Period")


def put(aws: Aws, **members: Any) -> None:
    """Make an alarm on more than 5 errors in a minute; None leaves a member out."""
    members = {
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
    given = {name: value for name, value in members.items() if value is not None}
    aws("cloudwatch").put_metric_alarm(**given)


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


@pytest.fixture
def told(aws: Aws) -> Callable[[], list[dict[str, Any]]]:
    """Make the topic `desk`, and return what its queue has got since the last look."""
    topic = aws("sns").create_topic(Name="desk")["TopicArn"]
    url = aws("sqs").create_queue(QueueName="told")["QueueUrl"]
    aws("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint="arn:aws:sqs:us-east-1:123456789012:told",
    )

    def look() -> list[dict[str, Any]]:
        found = aws("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        messages = found.get("Messages", [])
        for message in messages:
            aws("sqs").delete_message(
                QueueUrl=url, ReceiptHandle=message["ReceiptHandle"]
            )
        return [json.loads(message["Body"]) for message in messages]

    return look


TOPIC = "arn:aws:sns:us-east-1:123456789012:desk"


def test_a_topic_hears_of_each_change(
    endpoint: Connection, aws: Aws, told: Callable[[], list[dict[str, Any]]]
) -> None:
    put(aws, AlarmActions=[TOPIC], OKActions=[TOPIC], AlarmDescription="too many")
    count(aws, 9)
    assert state(aws) == "ALARM"
    (notification,) = told()
    assert notification["Subject"] == 'ALARM: "errors" in US East (N. Virginia)'
    message = json.loads(notification["Message"])
    assert message["NewStateValue"] == "ALARM"
    assert message["OldStateValue"] == "INSUFFICIENT_DATA"
    assert message["AlarmDescription"] == "too many"
    assert message["AWSAccountId"] == "123456789012"
    assert message["NewStateReason"].startswith(
        "Threshold Crossed: 1 out of the last 1 datapoints [9.0 (05/01/26 08:0"
    )
    assert message["NewStateReason"].endswith(
        "was greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM "
        "transition)."
    )
    assert message["Trigger"] == {
        "MetricName": "Errors",
        "Namespace": "Desk",
        "StatisticType": "Statistic",
        "Statistic": "SUM",
        "Unit": None,
        "Dimensions": [],
        "Period": 60,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 5.0,
        "TreatMissingData": "",
        "EvaluateLowSampleCountPercentile": "",
    }
    assert state(aws) == "ALARM"
    assert told() == []
    endpoint.control("POST", "clock", {"seconds": 120})
    assert state(aws) == "INSUFFICIENT_DATA"
    assert told() == []
    count(aws, 1)
    assert state(aws) == "OK"
    (notification,) = told()
    message = json.loads(notification["Message"])
    assert (message["OldStateValue"], message["NewStateValue"]) == (
        "INSUFFICIENT_DATA",
        "OK",
    )


def test_a_state_set_by_hand_sets_off_the_actions(
    aws: Aws, told: Callable[[], list[dict[str, Any]]]
) -> None:
    put(aws, AlarmActions=[TOPIC])
    for _ in range(2):
        aws("cloudwatch").set_alarm_state(
            AlarmName="errors", StateValue="ALARM", StateReason="drill"
        )
    (notification,) = told()
    assert json.loads(notification["Message"])["NewStateReason"] == "drill"


def test_disabled_actions_and_a_lost_topic_stop_nothing(
    aws: Aws, told: Callable[[], list[dict[str, Any]]]
) -> None:
    put(aws, AlarmActions=[TOPIC], ActionsEnabled=False)
    count(aws, 9)
    assert state(aws) == "ALARM"
    assert told() == []
    aws("cloudwatch").enable_alarm_actions(AlarmNames=["errors"])
    aws("sns").delete_topic(TopicArn=TOPIC)
    aws("cloudwatch").set_alarm_state(
        AlarmName="errors", StateValue="OK", StateReason="drill"
    )
    aws("cloudwatch").set_alarm_state(
        AlarmName="errors", StateValue="ALARM", StateReason="drill"
    )
    assert state(aws) == "ALARM"


def test_a_percentile_sets_it_off(aws: Aws) -> None:
    put(aws, Statistic=None, ExtendedStatistic="p90")
    data = [{"MetricName": "Errors", "Values": [1.0, 9.0], "Counts": [19.0, 1.0]}]
    aws("cloudwatch").put_metric_data(Namespace="Desk", MetricData=data)
    assert state(aws) == "OK"
    put(aws, Statistic=None, ExtendedStatistic="p99.5")
    assert state(aws) == "ALARM"


def test_an_expression_of_metrics_sets_it_off(aws: Aws) -> None:
    metric = {"Namespace": "Desk", "Dimensions": []}
    queries = [
        {
            "Id": name.lower(),
            "MetricStat": {
                "Metric": {**metric, "MetricName": name},
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": False,
        }
        for name in ("Errors", "Calls")
    ]
    queries.append({"Id": "rate", "Expression": "100 * errors / calls"})
    put(aws, **dict.fromkeys(SINGLE), Metrics=queries)
    data = [{"MetricName": "Calls", "Value": 100.0}]
    aws("cloudwatch").put_metric_data(Namespace="Desk", MetricData=data)
    count(aws, 5)
    assert state(aws) == "OK"
    count(aws, 1)
    assert state(aws) == "ALARM"
    (alarm,) = aws("cloudwatch").describe_alarms()["MetricAlarms"]
    assert [one["Id"] for one in alarm["Metrics"]] == ["errors", "calls", "rate"]


def test_what_does_not_act_is_refused(aws: Aws) -> None:
    scaling = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1"
    for given, text in (
        ({"AlarmActions": [scaling]}, "AlarmActions arn:aws:autoscaling"),
        ({"ThresholdMetricId": "band"}, "ThresholdMetricId"),
    ):
        with pytest.raises(ClientError, match=text) as caught:
            put(aws, **given)
        code = caught.value.response["Error"]["Code"]
        assert code == "NotImplementedInLocalEndpoint"
    with pytest.raises(ClientError, match="exactly one of Statistic"):
        put(aws, ExtendedStatistic="p90")
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []
