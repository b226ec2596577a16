"""Asynchronous invocations: retries, dead letters, destinations."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import (
    eventually,
    invoke,
    logged,
    queue,
    received,
    total,
)
from tests.localaws.services.functions import lambda_role as lambda_role

Aws = Callable[[str], Any]
Create = Callable[..., dict[str, Any]]
ARN = "arn:aws:lambda:us-east-1:123456789012:function:desk"
FAILS = "def handler(event, context):\n    print('try')\n    raise ValueError('late')\n"
WORKS = (
    "def handler(event, context):\n    print('got', event)\n    return {'ok': event}\n"
)


def later(event: Any, name: str = "desk") -> str:
    answer = invoke(event, name, InvocationType="Event")
    assert (answer["StatusCode"], answer["Payload"]) == (202, b"")
    return answer["ResponseMetadata"]["RequestId"]


def tries(name: str = "desk") -> int:
    return logged(name).count("try")


def advance(endpoint: Connection, seconds: float) -> None:
    endpoint.control("POST", "clock", {"seconds": seconds})


def test_an_event_is_answered_at_once_and_handled_soon(create: Create) -> None:
    create(WORKS)
    number = later({"gate": 7})
    lines = eventually(lambda: [one for one in logged() if one.startswith("got")])
    assert lines == ["got {'gate': 7}"]
    assert any(number in one for one in logged())


def test_a_failed_event_is_tried_after_one_and_after_two_minutes(
    endpoint: Connection, create: Create
) -> None:
    create(FAILS)
    number = later({})
    seen = []
    for seconds in (0, 50, 20, 100, 30, 3600):
        advance(endpoint, seconds)
        seen.append(tries())
    assert seen == [1, 1, 2, 2, 3, 3]
    starts = [one for one in logged() if one.startswith("START")]
    assert starts == [f"START RequestId: {number} Version: $LATEST"] * 3
    assert (total("Invocations"), total("Errors")) == (3, 3)


def test_how_often_and_how_long_is_a_setting(
    endpoint: Connection, aws: Aws, create: Create
) -> None:
    client = aws("lambda")
    create(FAILS, "once")
    create(FAILS, "young")
    client.put_function_event_invoke_config(FunctionName="once", MaximumRetryAttempts=0)
    client.put_function_event_invoke_config(
        FunctionName="young", MaximumEventAgeInSeconds=90
    )
    later({}, "once")
    later({}, "young")
    advance(endpoint, 3600)
    assert (tries("once"), tries("young")) == (1, 2)
    client.update_function_event_invoke_config(
        FunctionName="young", MaximumRetryAttempts=0
    )
    found = client.get_function_event_invoke_config(FunctionName="young")
    assert found["MaximumEventAgeInSeconds"] == 90
    assert found["MaximumRetryAttempts"] == 0
    assert found["FunctionArn"] == f"{ARN[:-4]}young:$LATEST"
    later({}, "young")
    advance(endpoint, 3600)
    assert tries("young") == 3
    client.delete_function_event_invoke_config(FunctionName="young")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_function_event_invoke_config(FunctionName="young")


def test_what_failed_goes_to_the_dead_letter_queue(
    endpoint: Connection, create: Create
) -> None:
    url, arn = queue()
    create(FAILS, DeadLetterConfig={"TargetArn": arn})
    number = later({"gate": 7})
    advance(endpoint, 100)
    assert received(url) == []
    advance(endpoint, 200)
    (message,) = received(url)
    assert json.loads(message["Body"]) == {"gate": 7}
    shown = {
        name: value["StringValue"]
        for name, value in message["MessageAttributes"].items()
    }
    assert shown == {"RequestID": number, "ErrorCode": "200", "ErrorMessage": "late"}


def test_records_go_to_the_destinations(
    endpoint: Connection, aws: Aws, create: Create
) -> None:
    good, good_arn = queue("good")
    bad, bad_arn = queue("bad")
    for name, code in (("desk", FAILS), ("other", WORKS)):
        create(code, name)
        aws("lambda").put_function_event_invoke_config(
            FunctionName=name,
            MaximumRetryAttempts=1,
            DestinationConfig={
                "OnSuccess": {"Destination": good_arn},
                "OnFailure": {"Destination": bad_arn},
            },
        )
    number = later({"n": 1})
    later({"n": 2}, "other")
    advance(endpoint, 600)
    (message,) = received(bad)
    record = json.loads(message["Body"])
    assert record["requestContext"] == {
        "requestId": number,
        "functionArn": f"{ARN}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 2,
    }
    assert record["requestPayload"] == {"n": 1}
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == "late"
    (message,) = received(good)
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert record["responsePayload"] == {"ok": {"n": 2}}


def test_a_function_can_be_the_destination(
    endpoint: Connection, aws: Aws, create: Create
) -> None:
    create(WORKS, "other")
    create(WORKS)
    aws("lambda").put_function_event_invoke_config(
        FunctionName="desk",
        DestinationConfig={"OnSuccess": {"Destination": f"{ARN[:-4]}other"}},
    )
    later(1)
    (line,) = eventually(
        lambda: [one for one in logged("other") if one.startswith("got")]
    )
    assert "'responsePayload': {'ok': 1}" in line


def test_a_target_that_is_gone_is_counted(
    endpoint: Connection, aws: Aws, create: Create
) -> None:
    url, arn = queue()
    create(FAILS, DeadLetterConfig={"TargetArn": arn})
    aws("lambda").put_function_event_invoke_config(
        FunctionName="desk",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    aws("sqs").delete_queue(QueueUrl=url)
    later({})
    advance(endpoint, 10)
    assert tries() == 1
    assert total("DeadLetterErrors") == total("DestinationDeliveryFailures") == 1


def test_throttled_events_are_tried_again(
    endpoint: Connection, aws: Aws, create: Create
) -> None:
    create(WORKS)
    client = aws("lambda")
    client.put_function_concurrency(FunctionName="desk", ReservedConcurrentExecutions=0)
    later(1)
    advance(endpoint, 60)
    assert logged() == []
    client.delete_function_concurrency(FunctionName="desk")
    advance(endpoint, 300)
    assert "got 1" in logged()


def test_what_cannot_be_a_destination(aws: Aws, create: Create) -> None:
    create(WORKS)
    client = aws("lambda")
    for target, code in (
        ("arn:aws:s3:::bucket", "NotImplementedInLocalEndpoint"),
        (
            "arn:aws:kinesis:us-east-1:123456789012:stream/a",
            "InvalidParameterValueException",
        ),
    ):
        with pytest.raises(ClientError) as error:
            client.put_function_event_invoke_config(
                FunctionName="desk",
                DestinationConfig={"OnFailure": {"Destination": target}},
            )
        assert error.value.response["Error"]["Code"] == code
    found = client.list_function_event_invoke_configs(FunctionName="desk")
    assert found["FunctionEventInvokeConfigs"] == []
