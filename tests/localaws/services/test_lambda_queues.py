"""Queues whose messages are given to a function in batches."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import lambda_role as lambda_role
from tests.localaws.services.functions import logged, queue, received

Aws = Callable[[str], Any]
Create = Callable[..., dict[str, Any]]
SHOWS = """
import json
def handler(event, context):
    print("got", json.dumps([record["body"] for record in event["Records"]]))
"""
FAILS = SHOWS + "    raise ValueError('no')\n"
PARTLY = (
    SHOWS
    + """
    bad = [r["messageId"] for r in event["Records"] if r["body"].startswith("bad")]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in bad]}
"""
)


@pytest.fixture
def map_(aws: Aws) -> Callable[..., dict[str, Any]]:
    """Map the queue to the function."""

    def make(arn: str, **members: Any) -> dict[str, Any]:
        return aws("lambda").create_event_source_mapping(
            EventSourceArn=arn, FunctionName="desk", **members
        )

    return make


Map = Callable[..., dict[str, Any]]


def send(aws: Aws, url: str, *bodies: str) -> None:
    entries = [
        {"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)
    ]
    for start in range(0, len(entries), 10):
        aws("sqs").send_message_batch(QueueUrl=url, Entries=entries[start : start + 10])


def batches() -> list[list[str]]:
    return [json.loads(one[4:]) for one in logged() if one.startswith("got ")]


def advance(endpoint: Connection, seconds: float) -> None:
    endpoint.control("POST", "clock", {"seconds": seconds})


def left(aws: Aws, url: str) -> int:
    """Return how many messages a queue holds, received or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(found["Attributes"][name]) for name in names)


def test_messages_come_in_batches_and_are_deleted(
    endpoint: Connection, aws: Aws, create: Create, map_: Map
) -> None:
    url, arn = queue()
    create(SHOWS)
    made = map_(arn, BatchSize=4)
    assert made["State"] == "Creating"
    send(aws, url, *"abcdefghij")
    assert batches() == [[*"abcd"], [*"efgh"], [*"ij"]]
    assert left(aws, url) == 0
    found = aws("lambda").get_event_source_mapping(UUID=made["UUID"])
    assert (found["State"], found["LastProcessingResult"]) == ("Enabled", "OK")


def test_the_event_is_the_documented_one(aws: Aws, create: Create, map_: Map) -> None:
    url, arn = queue()
    create("import json\ndef handler(e, c): print('got', json.dumps(e))")
    map_(arn)
    aws("sqs").send_message(
        QueueUrl=url,
        MessageBody="late",
        MessageAttributes={"gate": {"DataType": "String", "StringValue": "7"}},
    )
    (event,) = batches()
    (record,) = event["Records"]
    assert record["eventSource"] == "aws:sqs"
    assert (record["eventSourceARN"], record["awsRegion"]) == (arn, "us-east-1")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"]["gate"]["stringValue"] == "7"


def test_a_window_gathers(
    endpoint: Connection, aws: Aws, create: Create, map_: Map
) -> None:
    url, arn = queue()
    create(SHOWS)
    map_(arn, BatchSize=12, MaximumBatchingWindowInSeconds=60)
    send(aws, url, *"abc")
    advance(endpoint, 30)
    send(aws, url, *"de")
    assert batches() == []
    advance(endpoint, 40)
    assert batches() == [[*"abcde"]]
    send(aws, url, *"fghijklmnopq")
    assert batches()[1:] == [[*"fghijklmnopq"]]


def test_a_failed_batch_comes_again_and_ends_in_the_dead_letter_queue(
    endpoint: Connection, aws: Aws, create: Create, map_: Map
) -> None:
    dead, dead_arn = queue("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    url, arn = queue("desk", RedrivePolicy=redrive, VisibilityTimeout="30")
    create(FAILS)
    made = map_(arn)
    send(aws, url, "a", "b")
    assert batches() == [["a", "b"]]
    found = aws("lambda").get_event_source_mapping(UUID=made["UUID"])
    assert found["LastProcessingResult"] == "PROBLEM: Function call failed"
    advance(endpoint, 25)
    assert len(batches()) == 1
    advance(endpoint, 10)
    assert batches() == [["a", "b"]] * 2
    advance(endpoint, 600)
    assert len(batches()) == 2
    assert sorted(one["Body"] for one in received(dead)) == ["a", "b"]


def test_only_what_failed_comes_again(
    endpoint: Connection, aws: Aws, create: Create, map_: Map
) -> None:
    url, arn = queue()
    create(PARTLY)
    map_(arn, FunctionResponseTypes=["ReportBatchItemFailures"])
    send(aws, url, "a", "bad", "c")
    assert batches() == [["a", "bad", "c"]]
    assert left(aws, url) == 1
    advance(endpoint, 40)
    assert batches()[1:] == [["bad"]]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("None", 0),
        ("{'batchItemFailures': []}", 0),
        ("{'batchItemFailures': [{'itemIdentifier': 'unknown'}]}", 2),
        ("{'batchItemFailures': [{'other': 1}]}", 2),
    ],
)
def test_a_report_that_is_wrong_fails_the_batch(
    aws: Aws, create: Create, map_: Map, answer: str, kept: int
) -> None:
    url, arn = queue()
    create(f"{SHOWS}    return {answer}")
    map_(arn, FunctionResponseTypes=["ReportBatchItemFailures"])
    send(aws, url, "a", "b")
    assert len(batches()) == 1
    assert left(aws, url) == kept


def test_what_a_filter_stops_is_deleted(aws: Aws, create: Create, map_: Map) -> None:
    url, arn = queue()
    create(SHOWS)
    pattern = json.dumps({"body": {"minutes": [{"numeric": [">", 60]}]}})
    map_(arn, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    send(aws, url, '{"minutes": 61}', '{"minutes": 5}', "no JSON")
    assert batches() == [['{"minutes": 61}']]
    assert left(aws, url) == 0


def test_a_mapping_is_switched_off_and_removed(
    aws: Aws, create: Create, map_: Map
) -> None:
    url, arn = queue()
    create(SHOWS)
    client = aws("lambda")
    number = map_(arn, Enabled=False)["UUID"]
    send(aws, url, "a")
    assert batches() == []
    client.update_event_source_mapping(UUID=number, Enabled=True, BatchSize=1)
    send(aws, url, "b", "c")
    assert batches() == [["a"], ["b"], ["c"]]
    (listed,) = client.list_event_source_mappings(FunctionName="desk")[
        "EventSourceMappings"
    ]
    assert (listed["UUID"], listed["BatchSize"]) == (number, 1)
    client.delete_event_source_mapping(UUID=number)
    send(aws, url, "d")
    assert len(batches()) == 3
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_event_source_mapping(UUID=number)


def test_a_first_in_first_out_queue_keeps_its_order(
    aws: Aws, create: Create, map_: Map
) -> None:
    url, arn = queue("desk.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    create(SHOWS)
    map_(arn)
    aws("sqs").send_message_batch(
        QueueUrl=url,
        Entries=[
            {"Id": body, "MessageBody": body, "MessageGroupId": "g"} for body in "abc"
        ],
    )
    assert batches() == [[*"abc"]]


def test_what_a_mapping_needs(aws: Aws, create: Create, map_: Map) -> None:
    _, arn = queue()
    client = aws("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        map_(arn)
    create(SHOWS)
    for source, members, message in (
        (f"{arn}-none", {}, "Error occurred while ReceiveMessage. SQS Error Code"),
        (arn, {"BatchSize": 11}, "must be greater than 0"),
        (arn, {"FilterCriteria": {"Filters": [{"Pattern": "x"}]}}, "Invalid filter"),
    ):
        with pytest.raises(ClientError, match=message) as error:
            map_(source, **members)
        code = error.value.response["Error"]["Code"]
        assert code == "InvalidParameterValueException"
    client.update_function_configuration(FunctionName="desk", Timeout=60)
    with pytest.raises(ClientError, match="30 seconds is less than Function timeout"):
        map_(arn)
    client.update_function_configuration(FunctionName="desk", Timeout=30)
    map_(arn)
    with pytest.raises(ClientError, match="already exists") as error:
        map_(arn)
    assert error.value.response["Error"]["Code"] == "ResourceConflictException"
    for members in ({"TumblingWindowInSeconds": 30}, {"Tags": {"a": "b"}}):
        with pytest.raises(ClientError, match=next(iter(members))) as error:
            map_(arn, **members)
        code = error.value.response["Error"]["Code"]
        assert code == "NotImplementedInLocalEndpoint"
