"""What a change of a CloudWatch alarm's state sets off: SNS messages and events."""

import datetime as dt
import json
import logging
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import NotImplementedHere
from localaws.loopback import Loopback
from localaws.services.alarm_states import State, stamp
from localaws.services.events import Bus

_ACTIONS = {
    "OK": "OKActions",
    "ALARM": "AlarmActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}
_REGIONS = {"us-east-1": "US East (N. Virginia)"}
log = logging.getLogger(__name__)
Members = Mapping[str, Any]


def check_actions(request: Members) -> None:
    """Refuse an action that would not follow a change."""
    for member in _ACTIONS.values():
        for arn in request.get(member, ()):
            service = arn.split(":")[2] if arn.count(":") > 4 else arn
            if service != "sns" or arn.endswith(".fifo"):
                raise NotImplementedHere(
                    f"cloudwatch:PutMetricAlarm {member} {arn} (here only standard "
                    "topics of Amazon SNS)",
                    f"acts through {service}",
                )


def tell(
    aws: Loopback, bus: Bus, alarm: Members, state: State, now: dt.datetime
) -> None:
    """Send the event of a change, and the actions that are enabled.

    Args:
        aws: Where topics are.
        bus: Where events go.
        alarm: As it was before the change.
        state: Its new state.
        now: When it changed.
    """
    detail = {
        "alarmName": alarm["AlarmName"],
        "configuration": _configuration(alarm),
        "previousState": {
            "value": alarm["StateValue"],
            "reason": alarm.get("StateReason", ""),
            "reasonData": alarm.get("StateReasonData", ""),
        },
        "state": {
            "value": state.value,
            "reason": state.reason,
            "reasonData": state.data,
            "timestamp": stamp(now),
        },
    }
    bus.put(
        "aws.cloudwatch", "CloudWatch Alarm State Change", detail, alarm["AlarmArn"]
    )
    if not alarm.get("ActionsEnabled", True):
        return
    region = _REGIONS.get(aws.region, aws.region)
    subject = f'{state.value}: "{alarm["AlarmName"]}" in {region}'
    message = json.dumps(_message(alarm, state, now, region))
    for topic in alarm.get(_ACTIONS[state.value], ()):
        try:
            aws.client("sns").publish(
                TopicArn=topic, Subject=subject[:100], Message=message
            )
        except ClientError as error:
            log.warning("alarm %s: %s: %s", alarm["AlarmName"], topic, error)


def _message(
    alarm: Members, state: State, now: dt.datetime, region: str
) -> dict[str, Any]:
    updated = alarm.get("AlarmConfigurationUpdatedTimestamp")
    return {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription"),
        "AWSAccountId": alarm["AlarmArn"].split(":")[4],
        "AlarmConfigurationUpdatedTimestamp": updated and stamp(updated),
        "NewStateValue": state.value,
        "NewStateReason": state.reason,
        "StateChangeTime": stamp(now),
        "Region": region,
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": alarm["StateValue"],
        **{member: alarm.get(member, []) for member in _ACTIONS.values()},
        "Trigger": _trigger(alarm),
    }


def _trigger(alarm: Members) -> dict[str, Any]:
    rules = {
        "Period": alarm.get("Period"),
        "EvaluationPeriods": alarm["EvaluationPeriods"],
        "DatapointsToAlarm": alarm.get("DatapointsToAlarm"),
        "ComparisonOperator": alarm["ComparisonOperator"],
        "Threshold": alarm["Threshold"],
        "TreatMissingData": alarm.get("TreatMissingData") or "",
        "EvaluateLowSampleCountPercentile": "",
    }
    kept = {name: value for name, value in rules.items() if value is not None}
    if alarm.get("Metrics"):
        return {**kept, "Metrics": alarm["Metrics"]}
    statistic = (
        {"StatisticType": "Statistic", "Statistic": alarm["Statistic"].upper()}
        if alarm.get("Statistic")
        else {
            "StatisticType": "ExtendedStatistic",
            "ExtendedStatistic": alarm["ExtendedStatistic"],
        }
    )
    return {
        "MetricName": alarm["MetricName"],
        "Namespace": alarm["Namespace"],
        **statistic,
        "Unit": alarm.get("Unit"),
        "Dimensions": [
            {"value": one["Value"], "name": one["Name"]}
            for one in alarm.get("Dimensions", ())
        ],
        **kept,
    }


def _configuration(alarm: Members) -> dict[str, Any]:
    if alarm.get("Metrics"):
        metrics = [
            {"id": one["Id"], "returnData": one.get("ReturnData", True)}
            for one in alarm["Metrics"]
        ]
    else:
        dimensions = {d["Name"]: d["Value"] for d in alarm.get("Dimensions", ())}
        metric = {
            "name": alarm["MetricName"],
            "namespace": alarm["Namespace"],
            "dimensions": dimensions,
        }
        asked = {
            "metric": metric,
            "period": alarm["Period"],
            "stat": alarm.get("Statistic") or alarm["ExtendedStatistic"],
        }
        metrics = [{"id": "m1", "metricStat": asked, "returnData": True}]
    return {"description": alarm.get("AlarmDescription", ""), "metrics": metrics}
