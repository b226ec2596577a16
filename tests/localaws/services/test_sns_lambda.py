"""Amazon SNS invokes functions that let it."""

import json
from collections.abc import Callable
from typing import Any

from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import eventually, logged
from tests.localaws.services.functions import lambda_role as lambda_role

Aws = Callable[[str], Any]
Create = Callable[..., dict[str, Any]]
ARN = "arn:aws:lambda:us-east-1:123456789012:function:desk"
SHOWS = "import json\ndef handler(e, c): print('got', json.dumps(e))"


def subscribe(aws: Aws) -> tuple[str, str]:
    """Subscribe the function to a topic; return the ARNs of both."""
    topic = aws("sns").create_topic(Name="late")["TopicArn"]
    made = aws("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=ARN)
    return topic, made["SubscriptionArn"]


def test_a_message_invokes_a_function(aws: Aws, create: Create) -> None:
    create(SHOWS)
    topic, subscription = subscribe(aws)
    aws("lambda").add_permission(
        FunctionName="desk",
        StatementId="sns",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=topic,
    )
    carrier = {"DataType": "String", "StringValue": "UA"}
    made = aws("sns").publish(
        TopicArn=topic, Message="61", MessageAttributes={"carrier": carrier}
    )
    (line,) = eventually(lambda: [one for one in logged() if one.startswith("got ")])
    (record,) = json.loads(line.removeprefix("got "))["Records"]
    assert record["EventSource"] == "aws:sns"
    assert record["EventSubscriptionArn"] == subscription
    message = record["Sns"]
    assert (message["Message"], message["Subject"]) == ("61", None)
    assert message["MessageId"] == made["MessageId"]
    assert message["MessageAttributes"] == {
        "carrier": {"Type": "String", "Value": "UA"}
    }
    assert "UnsubscribeUrl" in message


def test_without_permission_the_message_goes_to_the_dead_letter_queue(
    aws: Aws, create: Create
) -> None:
    create(SHOWS)
    topic, subscription = subscribe(aws)
    url = aws("sqs").create_queue(QueueName="dead")["QueueUrl"]
    dead = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}
    aws("sns").set_subscription_attributes(
        SubscriptionArn=subscription,
        AttributeName="RedrivePolicy",
        AttributeValue=json.dumps(dead),
    )
    aws("sns").publish(TopicArn=topic, Message="61")
    (message,) = aws("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["Message"] == "61"
