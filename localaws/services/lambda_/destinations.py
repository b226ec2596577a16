"""Where the record of an invocation or a batch goes."""

import json
import logging
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import AwsError
from localaws.services.context import Context

Members = dict[str, Any]
KINDS = ("sqs", "sns", "lambda", "events")
log = logging.getLogger(__name__)


def send(
    context: Context, function: str, target: str, record: Members, good: bool
) -> None:
    """Send a record to a queue, topic, function or event bus.

    A target that does not take it counts in DestinationDeliveryFailures.
    """
    kind = target.split(":")[2]
    text = json.dumps(record)
    try:
        if kind == "sqs":
            _to_queue(context, target, text, {})
        elif kind == "sns":
            context.aws.client("sns").publish(TopicArn=target, Message=text)
        elif kind == "lambda":
            context.aws.client("lambda").invoke(
                FunctionName=target, InvocationType="Event", Payload=text.encode()
            )
        else:
            result = "Success" if good else "Failure"
            context.aws.client("events").put_events(
                Entries=[
                    {
                        "Source": "lambda",
                        "DetailType": f"Lambda Function Invocation Result - {result}",
                        "Detail": text,
                        "Resources": [
                            target,
                            record["requestContext"]["functionArn"],
                        ],
                        "EventBusName": target,
                    }
                ]
            )
    except (ClientError, AwsError) as error:
        log.warning("destination %s: %s", target, error)
        _count(context, function, "DestinationDeliveryFailures")


def bury(
    context: Context, function: str, target: str, number: str, event: bytes, text: str
) -> None:
    """Send a failed event to a dead-letter queue or topic.

    A target that does not take it counts in DeadLetterErrors.
    """
    attributes = {
        "RequestID": {"DataType": "String", "StringValue": number},
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": text[:1024]},
    }
    try:
        if target.split(":")[2] == "sqs":
            _to_queue(context, target, event.decode(), attributes)
        else:
            context.aws.client("sns").publish(
                TopicArn=target, Message=event.decode(), MessageAttributes=attributes
            )
    except (ClientError, AwsError) as error:
        log.warning("dead-letter queue %s: %s", target, error)
        _count(context, function, "DeadLetterErrors")


def _to_queue(context: Context, arn: str, text: str, attributes: Members) -> None:
    _, _, _, _, account, name = arn.split(":")
    sqs = context.aws.client("sqs")
    url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=text, MessageAttributes=attributes)


def _count(context: Context, function: str, metric: str) -> None:
    context.aws.client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": metric,
                "Value": 1.0,
                "Unit": "Count",
                "Timestamp": context.clock.now(),
                "Dimensions": [{"Name": "FunctionName", "Value": function}],
            }
        ],
    )
