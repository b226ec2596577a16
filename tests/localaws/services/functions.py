"""Functions for the tests: archives, roles, and what their invocations say."""

import base64
import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import boto3
import pytest

PATIENCE = 30


def archive(**files: str) -> bytes:
    """Return a zip of text files: `app_py` is `app.py`, `a__b_py` is `a/b.py`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, text in files.items():
            # without a date of its own, the archive is the same whenever it is made
            path = name.replace("__", "/").replace("_py", ".py")
            zipped.writestr(zipfile.ZipInfo(path), text)
    return buffer.getvalue()


def trust(service: str) -> str:
    """Return a trust policy."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def lambda_role(aws: Callable[[str], Any]) -> str:
    """ARN of a role that Lambda may assume, and that may do anything."""
    iam = aws("iam")
    made = iam.create_role(
        RoleName="fn", AssumeRolePolicyDocument=trust("lambda.amazonaws.com")
    )
    iam.put_role_policy(RoleName="fn", PolicyName="all", PolicyDocument=allowing("*"))
    return made["Role"]["Arn"]


def allowing(*actions: str) -> str:
    """Return the policy that allows actions on all resources."""
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def create(lambda_role: str) -> Callable[..., dict[str, Any]]:
    """Create a function of one module: `create("def handler(e, c): ...")`."""

    def make(code: str, name: str = "desk", **members: Any) -> dict[str, Any]:
        return boto3.client("lambda").create_function(
            **{
                "FunctionName": name,
                "Runtime": "python3.12",
                "Role": lambda_role,
                "Handler": "app.handler",
                "Code": {"ZipFile": archive(app_py=code)},
                "Timeout": PATIENCE,
                **members,
            }
        )

    return make


def invoke(event: Any = None, name: str = "desk", **members: Any) -> dict[str, Any]:
    """Invoke a function; return the answer, with its payload read."""
    answer = boto3.client("lambda").invoke(
        FunctionName=name, Payload=json.dumps(event), **members
    )
    answer["Payload"] = answer["Payload"].read()
    if answer["Payload"]:
        answer["Payload"] = json.loads(answer["Payload"])
    if "LogResult" in answer:
        answer["LogResult"] = base64.b64decode(answer["LogResult"]).decode()
    return answer


def result(event: Any = None, name: str = "desk", **members: Any) -> Any:
    """Invoke a function that must not fail; return its result."""
    answer = invoke(event, name, **members)
    assert "FunctionError" not in answer, answer["Payload"]
    return answer["Payload"]


def logged(name: str = "desk") -> list[str]:
    """Return every line of a function's log."""
    logs = boto3.client("logs")
    group = f"/aws/lambda/{name}"
    try:
        streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(
            logGroupName=group,
            logStreamName=stream["logStreamName"],
            startFromHead=True,
        )["events"]
    ]


def eventually(look: Callable[[], Any]) -> Any:
    """Poll until something is found, and return it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("not within 60 s")


def total(metric: str, name: str = "desk") -> float:
    """Return the sum of a function's metric over a day."""
    found = boto3.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=metric,
        Dimensions=[{"Name": "FunctionName", "Value": name}],
        StartTime="2026-01-05T00:00:00Z",
        EndTime="2026-01-06T00:00:00Z",
        Period=86_400,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in found)


def queue(name: str = "desk", **attributes: str) -> tuple[str, str]:
    """Create a queue; return its URL and ARN."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, found["Attributes"]["QueueArn"]


def received(url: str) -> list[dict[str, Any]]:
    """Return the messages of a queue that can be received now."""
    return (
        boto3.client("sqs")
        .receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        .get("Messages", [])
    )
