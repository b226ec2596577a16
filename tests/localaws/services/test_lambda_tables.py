"""DynamoDB streams whose records are given to a function in batches."""

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
    print("got", json.dumps(event))
"""
PICKY = """
import json
def handler(event, context):
    keys = [one["dynamodb"]["Keys"]["id"]["S"] for one in event["Records"]]
    print("got", json.dumps(keys))
    assert "bad" not in keys, "bad"
"""


@pytest.fixture
def stream(aws: Aws) -> str:
    """ARN of the stream of a table."""
    made = aws("dynamodb").create_table(
        TableName="gates",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={
            "StreamEnabled": True,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    )
    return made["TableDescription"]["LatestStreamArn"]


def map_(aws: Aws, stream: str, **members: Any) -> dict[str, Any]:
    given = {"StartingPosition": "TRIM_HORIZON", **members}
    return aws("lambda").create_event_source_mapping(
        EventSourceArn=stream, FunctionName="desk", **given
    )


def put(aws: Aws, *keys: str, flights: int = 1) -> None:
    for key in keys:
        item = {"id": {"S": key}, "flights": {"N": str(flights)}}
        aws("dynamodb").put_item(TableName="gates", Item=item)


def got() -> list[Any]:
    return [json.loads(one[4:]) for one in logged() if one.startswith("got ")]


def advance(endpoint: Connection, seconds: float) -> None:
    endpoint.control("POST", "clock", {"seconds": seconds})


def test_each_change_of_an_item_is_an_event(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    create(SHOWS)
    made = map_(aws, stream)
    put(aws, "A1")
    put(aws, "A1", flights=2)
    aws("dynamodb").delete_item(TableName="gates", Key={"id": {"S": "A1"}})
    advance(endpoint, 10)
    records = [one for event in got() for one in event["Records"]]
    assert [one["eventName"] for one in records] == ["INSERT", "MODIFY", "REMOVE"]
    first, second, third = (one["dynamodb"] for one in records)
    assert "OldImage" not in first
    assert second["OldImage"] == {"id": {"S": "A1"}, "flights": {"N": "1"}}
    assert second["NewImage"] == {"id": {"S": "A1"}, "flights": {"N": "2"}}
    assert "NewImage" not in third
    assert third["Keys"] == {"id": {"S": "A1"}}
    assert isinstance(first["ApproximateCreationDateTime"], int)
    assert {one["eventSourceARN"] for one in records} == {stream}
    assert {one["eventSource"] for one in records} == {"aws:dynamodb"}
    found = aws("lambda").get_event_source_mapping(UUID=made["UUID"])
    assert found["LastProcessingResult"] == "OK"


def test_latest_leaves_out_what_was_there(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    create(PICKY)
    put(aws, "A1", "A2")
    map_(aws, stream, StartingPosition="LATEST")
    put(aws, "A3")
    advance(endpoint, 10)
    assert got() == [["A3"]]


def test_a_stream_keeps_a_day(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    create(PICKY)
    put(aws, *(f"old {number}" for number in range(120)))
    advance(endpoint, 25 * 3600)
    put(aws, "new")
    map_(aws, stream)
    advance(endpoint, 10)
    assert got() == [["new"]]


def test_a_filter_lets_through_what_fits(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    create(PICKY)
    pattern = {
        "eventName": ["INSERT"],
        "dynamodb": {"NewImage": {"flights": {"N": ["7"]}}},
    }
    filters = {"Filters": [{"Pattern": json.dumps(pattern)}]}
    map_(aws, stream, FilterCriteria=filters)
    put(aws, "few")
    put(aws, "many", flights=7)
    put(aws, "few", flights=7)
    put(aws, "other", flights=7)
    advance(endpoint, 10)
    assert [key for keys in got() for key in keys] == ["many", "other"]


def test_a_batch_that_fails_is_given_up_in_the_end(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    url, arn = queue()
    create(PICKY)
    put(aws, "bad", "b", "c")
    map_(
        aws,
        stream,
        BatchSize=2,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    advance(endpoint, 60)
    assert got() == [["bad", "b"], ["bad", "b"], ["c"]]
    (message,) = received(url)
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["DDBStreamBatchInfo"]["batchSize"] == 2
    assert record["DDBStreamBatchInfo"]["streamArn"] == stream


def test_what_a_mapping_needs(aws: Aws, create: Create, stream: str) -> None:
    create(PICKY)
    with pytest.raises(ClientError, match="TRIM_HORIZON, LATEST"):
        map_(aws, stream, StartingPosition="AT_TIMESTAMP")
    with pytest.raises(ClientError, match="Stream not found"):
        map_(aws, stream.replace("gates", "trains"))
    map_(aws, stream)
    with pytest.raises(ClientError, match="already exists"):
        map_(aws, stream)
