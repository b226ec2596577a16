"""Asynchronous endpoints that tell Amazon SNS topics of each inference."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.desk import BUCKET, container, content, deploy, store

pytestmark = pytest.mark.usefixtures("bucket")
OUTPUT = {
    "S3OutputPath": f"s3://{BUCKET}/answers/",
    "S3FailurePath": f"s3://{BUCKET}/failures",
}


@pytest.fixture
def model(aws: Callable[[str], Any], role: str) -> str:
    """A model that doubles."""
    aws("sagemaker").create_model(
        ModelName="m2",
        ExecutionRoleArn=role,
        PrimaryContainer=container(store("m2.tar.gz", 2)),
    )
    return "m2"


def send(body: str) -> dict[str, Any]:
    """Store an input, and ask for its answer."""
    boto3.client("s3").put_object(Bucket=BUCKET, Key="in/1.csv", Body=body.encode())
    return boto3.client("sagemaker-runtime").invoke_endpoint_async(
        EndpointName="desk",
        ContentType="text/csv",
        Accept="text/csv",
        InputLocation=f"s3://{BUCKET}/in/1.csv",
    )


def topics(**queues: str) -> dict[str, str]:
    """Make topics, each with a queue that gets the messages alone."""
    sns, sqs, made = boto3.client("sns"), boto3.client("sqs"), {}
    for topic, queue in queues.items():
        made[topic] = sns.create_topic(Name=queue)["TopicArn"]
        sqs.create_queue(QueueName=queue)
        sns.subscribe(
            TopicArn=made[topic],
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:us-east-1:123456789012:{queue}",
            Attributes={"RawMessageDelivery": "true"},
        )
    return made


def told(queue: str) -> dict[str, Any]:
    """Wait for a message of a queue."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for message in sqs.receive_message(QueueUrl=url).get("Messages", ()):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return json.loads(message["Body"])
        time.sleep(0.02)
    raise AssertionError(f"nothing came to {queue} in 60 s")


def test_topics_are_told_of_each_end(model: str) -> None:
    config = topics(SuccessTopic="good", ErrorTopic="bad")
    config["IncludeInferenceResponseIn"] = ["SUCCESS_NOTIFICATION_TOPIC"]
    output = {**OUTPUT, "NotificationConfig": config}
    endpoint = deploy(model, AsyncInferenceConfig={"OutputConfig": output})
    assert endpoint["AsyncInferenceConfig"]["OutputConfig"] == output
    answer = send("3")
    message = told("good")
    assert base64.b64decode(message.pop("responseBody")["content"]) == b"6.0"
    assert message.pop("eventTime") >= message.pop("receivedTime") > "2026-01-05T08"
    shown = message["responseParameters"]
    shown["contentType"] = shown["contentType"].partition(";")[0]
    assert message == {
        "awsRegion": "us-east-1",
        "invocationStatus": "Completed",
        "requestParameters": {
            "accept": "text/csv",
            "contentType": "text/csv",
            "endpointName": "desk",
            "inputLocation": f"s3://{BUCKET}/in/1.csv",
        },
        "responseParameters": {
            "contentType": "text/csv",
            "outputLocation": answer["OutputLocation"],
        },
        "inferenceId": answer["InferenceId"],
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    answer = send("-3")
    message = told("bad")
    assert message["invocationStatus"] == "Failed"
    assert message["inferenceId"] == answer["InferenceId"]
    assert message["failureReason"].startswith(
        "ClientError: Received server error (500) from model. See the SageMaker"
    )
    assert "responseBody" not in message


def test_a_topic_that_is_lost_stops_nothing(model: str) -> None:
    config = topics(SuccessTopic="good")
    output = {**OUTPUT, "NotificationConfig": config}
    deploy(model, AsyncInferenceConfig={"OutputConfig": output})
    boto3.client("sns").delete_topic(TopicArn=config["SuccessTopic"])
    assert content(send("3")["OutputLocation"]) == b"6.0"
    assert content(send("-3")["FailureLocation"])


def test_an_answer_needs_the_topic_that_includes_it(model: str) -> None:
    config = {"IncludeInferenceResponseIn": ["ERROR_NOTIFICATION_TOPIC"]}
    output = {**OUTPUT, "NotificationConfig": config}
    with pytest.raises(ClientError, match="there is no ErrorTopic"):
        deploy(model, AsyncInferenceConfig={"OutputConfig": output})
