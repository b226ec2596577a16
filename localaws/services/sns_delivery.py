"""How a message of an Amazon SNS topic comes to its subscribers."""

import base64
import datetime as dt
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from localaws.compat import sns_matches
from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.lambda_ import trigger

log = logging.getLogger(__name__)
Members = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """One message of a topic.

    Attributes:
        number: Its id.
        topic: ARN of the topic.
        texts: What each protocol gets; `default` is for all others.
        subject: Its subject, if it has one.
        attributes: Its attributes, as Publish takes them.
        when: When it was published.
        group: Message group of a FIFO topic.
        deduplication: What makes it the same message for five minutes.
        sequence: Its place in a FIFO topic.
    """

    number: str
    topic: str
    texts: Mapping[str, str]
    subject: str | None
    attributes: Mapping[str, Members]
    when: dt.datetime
    group: str | None = None
    deduplication: str | None = None
    sequence: str | None = None

    def text(self, protocol: str) -> str:
        """Return what subscribers of a protocol get."""
        return self.texts.get(protocol, self.texts["default"])

    def shown_attributes(self) -> dict[str, dict[str, str]]:
        """Return the attributes as notifications and filters have them."""
        return {
            name: {"Type": one["DataType"], "Value": _shown(one)}
            for name, one in self.attributes.items()
        }


def deliver(context: Context, message: Message) -> None:
    """Send a message to every subscription whose filter it passes.

    A subscriber that cannot be reached does not keep the others waiting: its copy
    goes to the subscription's dead-letter queue, if it has one.
    """
    for subscription in _subscriptions(context, message.topic):
        policy = json.loads(subscription.get("FilterPolicy") or "{}")
        scope = subscription.get("FilterPolicyScope", "MessageAttributes")
        shown = message.shown_attributes()
        text = message.text(subscription["Protocol"])
        if not sns_matches(policy, scope, shown, text):
            continue
        try:
            _SENDERS[subscription["Protocol"]](context, message, subscription)
        except (AwsError, ClientError) as error:
            log.warning("%s: %s", subscription["SubscriptionArn"], error)
            _redrive(context, message, subscription)


def _subscriptions(context: Context, topic: str) -> Iterator[dict[str, str]]:
    sns = context.aws.client("sns")
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    for page in pages:
        for one in page["Subscriptions"]:
            arn = one["SubscriptionArn"]
            yield sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]


def _to_queue(
    context: Context, message: Message, subscription: Mapping[str, str]
) -> None:
    _send(context, subscription["Endpoint"], message, subscription)


def _send(
    context: Context, queue: str, message: Message, subscription: Mapping[str, str]
) -> None:
    text, attributes = message.text("sqs"), {}
    if subscription.get("RawMessageDelivery") == "true":
        attributes = dict(message.attributes)
    else:
        text = json.dumps(_notification(message, subscription), indent=2)
    given: Members = {"MessageBody": text, "MessageAttributes": attributes}
    if queue.endswith(".fifo"):
        given["MessageGroupId"] = message.group
        given["MessageDeduplicationId"] = message.deduplication
    sqs = context.aws.client("sqs")
    _, _, _, _, account, name = queue.split(":")
    url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
    sqs.send_message(QueueUrl=url, **given)


def _to_function(
    context: Context, message: Message, subscription: Mapping[str, str]
) -> None:
    notification = _notification(message, subscription)
    notification["UnsubscribeUrl"] = notification.pop("UnsubscribeURL")
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription["SubscriptionArn"],
        "Sns": {
            "Subject": None,
            "MessageAttributes": {},
            **notification,
            "Message": message.text("lambda"),
        },
    }
    trigger.deliver(
        context,
        subscription["Endpoint"],
        json.dumps({"Records": [record]}).encode(),
        "sns.amazonaws.com",
        message.topic,
    )


def _notification(message: Message, subscription: Mapping[str, str]) -> Members:
    """Return the document that carries a message; it is not signed."""
    arn = subscription["SubscriptionArn"]
    region = arn.split(":")[3]
    found: Members = {
        "Type": "Notification",
        "MessageId": message.number,
        "SequenceNumber": message.sequence,
        "TopicArn": message.topic,
        "Subject": message.subject,
        "Message": message.text(subscription["Protocol"]),
        "Timestamp": f"{message.when:%Y-%m-%dT%H:%M:%S}."
        f"{message.when.microsecond // 1000:03}Z",
        "UnsubscribeURL": f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe"
        f"&SubscriptionArn={arn}",
        "MessageAttributes": message.shown_attributes() or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _redrive(
    context: Context, message: Message, subscription: Mapping[str, str]
) -> None:
    policy = json.loads(subscription.get("RedrivePolicy") or "{}")
    if policy:
        try:
            _send(context, policy["deadLetterTargetArn"], message, subscription)
        except ClientError:
            log.exception("dead-letter queue of %s", subscription["SubscriptionArn"])


def _shown(attribute: Members) -> str:
    if "BinaryValue" in attribute:
        return base64.b64encode(attribute["BinaryValue"]).decode()
    return attribute["StringValue"]


_SENDERS = {"sqs": _to_queue, "lambda": _to_function}
