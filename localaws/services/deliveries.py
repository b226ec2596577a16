"""What moto's S3 and EventBridge deliver: handed to the services that act here.

moto calls from inside a change, under the lock that orders changes: a listener only
queues. Queues and log groups get theirs from moto itself, as part of the change.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from jsonpath_ng.ext import parse
from moto.events.models import EventPattern, Rule
from moto.events.utils import EventTemplateParser
from moto.s3 import notifications
from moto.sqs.models import sqs_backends

Members = dict[str, Any]
# target, service that sends, ARN for which it sends, what it sends
Listener = Callable[[str, str, str, str], None]
_BUCKET = "arn:aws:s3:::"
SCHEDULER, SCHEDULED = "aws.events", "Scheduled Event"
_listeners: dict[str, Listener] = {}
_send_to_targets = Rule.send_to_targets
_s3_event = notifications._get_s3_event


def listen(service: str, listener: Listener) -> None:
    """Have what goes to a service's resources handed to a function.

    Args:
        service: As the ARN of a target names it: lambda or sns.
        listener: Called inside a change of moto's.
    """
    _listeners[service] = listener


def _tell(target: str, principal: str, source: str, body: Any) -> None:
    listener = _listeners.get(target.split(":")[2])
    if listener:
        listener(target, principal, source, json.dumps(body))


def _from_bucket(account: str, body: Members, target: str, region: str) -> None:
    records = body.get("Records")
    name = records[0]["s3"]["bucket"]["name"] if records else body["Bucket"]
    _tell(target, "s3.amazonaws.com", f"{_BUCKET}{name}", body)


def _record(name: str, bucket: Any, key: Any, configuration: str) -> Members:
    """Return S3's event with the members that moto leaves out."""
    event = _s3_event(name, bucket, key, configuration)
    record = event["Records"][0]
    owner = {"principalId": "A3EXAMPLE"}
    record |= {
        "userIdentity": owner,
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "localaws", "x-amz-id-2": "localaws"},
    }
    record["s3"]["bucket"]["ownerIdentity"] = owner
    stamp = dt.datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00"))
    sequencer = f"{int(stamp.timestamp() * 1000):018X}"
    record["s3"]["object"]["sequencer"] = sequencer
    if bucket.is_versioned and key.version_id:
        record["s3"]["object"]["versionId"] = key.version_id
    return event


def _to_targets(rule: Rule, event: Any, transform_input: bool = True) -> None:
    if rule.state != "ENABLED" or not _matches(rule, event):
        return
    every = rule.targets
    ours = [target for target in every if _is_ours(target)]
    try:
        rule.targets = [target for target in every if target not in ours]
        _send_to_targets(rule, event, transform_input)
    finally:
        rule.targets = every
    for target in ours:
        body = _shaped(event, target)
        service, name = target["Arn"].split(":")[2], target["Arn"].split(":")[5]
        if service == "sqs":
            group = target.get("SqsParameters", {}).get("MessageGroupId")
            backend = sqs_backends[rule.account_id][rule.region_name]
            backend.send_message(name, message_body=json.dumps(body), group_id=group)
        else:
            _tell(target["Arn"], "events.amazonaws.com", rule.arn, body)


def _matches(rule: Rule, event: Members) -> bool:
    """Whether a rule is for an event: by its pattern, or as its schedule is due."""
    if event["source"] == SCHEDULER and event["resources"] == [rule.arn]:
        return bool(rule.scheduled_expression)
    # to moto a rule without a pattern matches everything
    return bool(rule.event_pattern._pattern) and rule.event_pattern.matches_event(event)


def _is_ours(target: Mapping[str, Any]) -> bool:
    service = target["Arn"].split(":")[2]
    shaped = "InputPath" in target or "Input" in target
    return service in _listeners or (service == "sqs" and shaped)


def _shaped(event: Members, target: Mapping[str, Any]) -> Any:
    """Return what a target gets of an event."""
    when = event["time"]
    if isinstance(when, int | float):
        when = f"{dt.datetime.fromtimestamp(when, dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    members = ("version", "id", "detail-type", "source", "account")
    whole = {name: event[name] for name in members if name in event}
    whole |= {"time": when, "region": event["region"]}
    whole |= {"resources": event["resources"], "detail": event["detail"]}
    if "Input" in target:
        return json.loads(target["Input"])
    if "InputPath" in target:
        found = parse(target["InputPath"]).find(whole)
        return found[0].value if found else None
    given = target.get("InputTransformer")
    if given:
        whole["ingestion-time"] = when
        paths = given.get("InputPathsMap", {})
        return EventTemplateParser.parse(given["InputTemplate"], paths, whole)
    return whole


Rule.send_to_targets = _to_targets
notifications._invoke_awslambda = _from_bucket
notifications._send_sns_message = _from_bucket
notifications._get_s3_event = _record


def queue(arn: str) -> tuple[int, dt.datetime | None]:
    """Return how many messages of a queue can be received, and when more can be.

    Args:
        arn: The queue; one that is not there is empty.
    """
    _, _, _, region, account, name = arn.split(":")
    found = sqs_backends[account][region].queues.get(name)
    if found is None:
        return 0, None
    now = dt.datetime.now(dt.UTC).timestamp() * 1000
    moments = [max(one.visible_at, one.delayed_until) for one in found._messages]
    later = min((one for one in moments if one >= now), default=None)
    visible = sum(one < now for one in moments)
    # a message can be received once its time is over, not when it has come
    after = later and dt.datetime.fromtimestamp(later / 1000 + 0.001, dt.UTC)
    return visible, after


def matches(pattern: str, event: Members) -> bool:
    """Whether an event fits a pattern in EventBridge's language."""
    return EventPattern.load(pattern).matches_event(event)
