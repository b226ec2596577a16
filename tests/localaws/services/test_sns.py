"""Amazon SNS: topics, and what comes to their queues."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
ACCOUNT = "us-east-1:123456789012"


class Desk:
    """A topic and its queues.

    Args:
        aws: Makes clients.
        name: Of the topic.
        attributes: Of the topic.
    """

    def __init__(self, aws: Aws, name: str = "desk", **attributes: str) -> None:
        self.sns, self.sqs = aws("sns"), aws("sqs")
        made = self.sns.create_topic(Name=name, Attributes=attributes)
        self.topic = made["TopicArn"]

    def queue(self, name: str = "inbox", **attributes: str) -> str:
        """Make a queue and subscribe it; return the subscription's ARN."""
        fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        self.sqs.create_queue(QueueName=name, Attributes=fifo)
        return self.sns.subscribe(
            TopicArn=self.topic,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{ACCOUNT}:{name}",
            Attributes=attributes,
        )["SubscriptionArn"]

    def messages(self, name: str = "inbox") -> list[dict[str, Any]]:
        """Return the messages of a queue."""
        url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        found = self.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
        )
        return found.get("Messages", [])

    def bodies(self, name: str = "inbox") -> list[str]:
        """Return the bodies of a queue's messages."""
        return [message["Body"] for message in self.messages(name)]

    def publish(self, text: str = "late", **members: Any) -> dict[str, Any]:
        """Publish a message."""
        return self.sns.publish(TopicArn=self.topic, Message=text, **members)


@pytest.fixture
def desk(aws: Aws) -> Desk:
    """A topic without subscriptions."""
    return Desk(aws)


def text(value: str) -> dict[str, str]:
    """Return a message attribute."""
    return {"DataType": "String", "StringValue": value}


def test_a_message_comes_to_each_queue_with_its_envelope(desk: Desk) -> None:
    arn = desk.queue()
    desk.queue("other")
    number = desk.publish(Subject="UA1", MessageAttributes={"carrier": text("UA")})
    for name in ("inbox", "other"):
        (body,) = map(json.loads, desk.bodies(name))
        assert body["Type"] == "Notification"
        assert body["MessageId"] == number["MessageId"]
        assert body["TopicArn"] == desk.topic
        assert (body["Subject"], body["Message"]) == ("UA1", "late")
        assert body["Timestamp"].startswith("2026-01-05T08:0")
        assert body["MessageAttributes"] == {
            "carrier": {"Type": "String", "Value": "UA"}
        }
    attributes = desk.sns.get_subscription_attributes(SubscriptionArn=arn)
    assert attributes["Attributes"]["PendingConfirmation"] == "false"


def test_raw_delivery_leaves_the_envelope_away(desk: Desk) -> None:
    desk.queue(RawMessageDelivery="true")
    given = {
        "carrier": text("UA"),
        "seal": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    desk.publish("late & <later>", MessageAttributes=given)
    (message,) = desk.messages()
    assert message["Body"] == "late & <later>"
    assert message["MessageAttributes"]["carrier"]["StringValue"] == "UA"
    assert message["MessageAttributes"]["seal"]["BinaryValue"] == b"\x00\xff"


@pytest.mark.parametrize(
    ("policy", "scope", "passes"),
    [
        ({"carrier": ["UA", "AA"]}, "MessageAttributes", True),
        ({"carrier": ["DL"]}, "MessageAttributes", False),
        ({"carrier": [{"prefix": "U"}]}, "MessageAttributes", True),
        ({"gate": [{"exists": True}]}, "MessageAttributes", False),
        ({"delay": [{"numeric": [">", 15]}]}, "MessageBody", True),
        ({"delay": [{"numeric": ["<", 15]}]}, "MessageBody", False),
    ],
)
def test_a_filter_policy_chooses(
    desk: Desk, policy: dict[str, Any], scope: str, passes: bool
) -> None:
    desk.queue(FilterPolicy=json.dumps(policy), FilterPolicyScope=scope)
    desk.publish('{"delay": 61}', MessageAttributes={"carrier": text("UA")})
    assert len(desk.messages()) == passes


def test_a_filter_policy_can_be_set_later(desk: Desk) -> None:
    arn = desk.queue()
    desk.sns.set_subscription_attributes(
        SubscriptionArn=arn,
        AttributeName="FilterPolicy",
        AttributeValue='{"carrier": ["DL"]}',
    )
    desk.publish(MessageAttributes={"carrier": text("UA")})
    assert desk.messages() == []


def test_each_protocol_has_its_text(desk: Desk) -> None:
    desk.queue(RawMessageDelivery="true")
    for structure in ({"default": "all", "sqs": "queue"}, {"default": "all"}):
        desk.publish(json.dumps(structure), MessageStructure="json")
    assert sorted(desk.bodies()) == ["all", "queue"]
    for wrong, message in (
        ('{"sqs": "queue"}', "No default entry in JSON message body"),
        ("late", "JSON message body failed to parse"),
    ):
        with pytest.raises(ClientError, match=message):
            desk.publish(wrong, MessageStructure="json")


def test_a_batch_has_one_answer_an_entry(desk: Desk) -> None:
    desk.queue(RawMessageDelivery="true")
    entries = [
        {"Id": "a", "Message": "one"},
        {"Id": "b", "Message": "two", "Subject": "x" * 101},
        {"Id": "c", "Message": "three", "MessageAttributes": {"n": text("1")}},
    ]
    answer = desk.sns.publish_batch(
        TopicArn=desk.topic, PublishBatchRequestEntries=entries
    )
    assert [one["Id"] for one in answer["Successful"]] == ["a", "c"]
    (failed,) = answer["Failed"]
    assert (failed["Id"], failed["Code"], failed["SenderFault"]) == (
        "b",
        "InvalidParameter",
        True,
    )
    assert sorted(desk.bodies()) == ["one", "three"]
    with pytest.raises(ClientError) as caught:
        desk.sns.publish_batch(
            TopicArn=desk.topic, PublishBatchRequestEntries=[entries[0], entries[0]]
        )
    assert caught.value.response["Error"]["Code"] == "BatchEntryIdsNotDistinct"


def test_a_fifo_topic_keeps_order_and_drops_doubles(aws: Aws) -> None:
    desk = Desk(aws, "desk.fifo", FifoTopic="true", ContentBasedDeduplication="true")
    desk.queue("inbox.fifo", RawMessageDelivery="true")
    numbers = [
        int(desk.publish(word, MessageGroupId="g")["SequenceNumber"])
        for word in ("one", "two", "one")
    ]
    assert numbers == sorted(set(numbers))
    assert desk.bodies("inbox.fifo") == ["one", "two"]
    with pytest.raises(ClientError, match="MessageGroupId parameter is required"):
        desk.publish("three")
    strict = Desk(aws, "strict.fifo", FifoTopic="true")
    with pytest.raises(ClientError, match="ContentBasedDeduplication enabled or"):
        strict.publish("one", MessageGroupId="g")


def test_what_cannot_be_delivered_goes_to_the_dead_letter_queue(desk: Desk) -> None:
    dead = f"arn:aws:sqs:{ACCOUNT}:dead"
    desk.sqs.create_queue(QueueName="dead")
    desk.queue("lost", RedrivePolicy=json.dumps({"deadLetterTargetArn": dead}))
    desk.queue("inbox")
    url = desk.sqs.get_queue_url(QueueName="lost")["QueueUrl"]
    desk.sqs.delete_queue(QueueUrl=url)
    desk.publish("late")
    for name in ("dead", "inbox"):
        (body,) = map(json.loads, desk.bodies(name))
        assert body["Message"] == "late"


def test_after_unsubscribe_nothing_comes(desk: Desk) -> None:
    arn = desk.queue()
    assert len(list_of(desk)) == 1
    desk.sns.unsubscribe(SubscriptionArn=arn)
    desk.publish()
    assert (desk.messages(), list_of(desk)) == ([], [])


def list_of(desk: Desk) -> list[dict[str, str]]:
    """Return the subscriptions of the topic."""
    answer = desk.sns.list_subscriptions_by_topic(TopicArn=desk.topic)
    return answer["Subscriptions"]


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({"TopicArn": f"arn:aws:sns:{ACCOUNT}:no"}, "NotFound", "Topic does not exist"),
        ({"Message": ""}, "InvalidParameter", "Empty message"),
        ({"Message": "x" * 262_145}, "InvalidParameter", "Message too long"),
        (
            {"MessageDeduplicationId": "1"},
            "InvalidParameter",
            "not valid for this topic type",
        ),
        (
            {"MessageAttributes": {"n": {"DataType": "Number", "StringValue": "x"}}},
            "ParameterValueInvalid",
            "Could not cast message attribute 'n' value to number",
        ),
        (
            {"MessageAttributes": {"n": {"DataType": "Date", "StringValue": "x"}}},
            "ParameterValueInvalid",
            "invalid message attribute type",
        ),
    ],
)
def test_wrong_messages(
    desk: Desk, members: dict[str, Any], code: str, message: str
) -> None:
    given = {"TopicArn": desk.topic, "Message": "late", **members}
    with pytest.raises(ClientError, match=message) as caught:
        desk.sns.publish(**given)
    assert caught.value.response["Error"]["Code"] == code


def test_what_does_not_act_is_refused(desk: Desk) -> None:
    mail = {"Protocol": "email", "Endpoint": "a@example.com"}
    for call in (
        lambda: desk.sns.subscribe(TopicArn=desk.topic, **mail),
        lambda: desk.sns.publish(PhoneNumber="+15550100", Message="late"),
        lambda: desk.sns.create_topic(
            Name="other", Attributes={"TracingConfig": "Active"}
        ),
        lambda: desk.queue(DeliveryPolicy="{}"),
    ):
        with pytest.raises(ClientError) as caught:
            call()
        code = caught.value.response["Error"]["Code"]
        assert code == "NotImplementedInLocalEndpoint"
    assert list_of(desk) == []
    assert [t["TopicArn"] for t in desk.sns.list_topics()["Topics"]] == [desk.topic]
