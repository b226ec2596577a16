"""Kinesis streams whose records are given to a function in batches."""

import base64
import datetime as dt
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
import base64, json
def handler(event, context):
    texts = [base64.b64decode(r["kinesis"]["data"]).decode() for r in event["Records"]]
    print("got", json.dumps(texts))
"""
PICKY = SHOWS + "    assert 'bad' not in texts, 'bad'\n"


@pytest.fixture
def stream(aws: Aws) -> str:
    """ARN of a stream of one shard."""
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName="desk", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="desk")
    found = kinesis.describe_stream_summary(StreamName="desk")
    return found["StreamDescriptionSummary"]["StreamARN"]


def map_(aws: Aws, stream: str, **members: Any) -> dict[str, Any]:
    given = {"StartingPosition": "TRIM_HORIZON", **members}
    return aws("lambda").create_event_source_mapping(
        EventSourceArn=stream, FunctionName="desk", **given
    )


def put(aws: Aws, *texts: str) -> None:
    records = [{"Data": text.encode(), "PartitionKey": "k"} for text in texts]
    aws("kinesis").put_records(StreamName="desk", Records=records)


def batches() -> list[list[str]]:
    return [json.loads(one[4:]) for one in logged() if one.startswith("got ")]


def age(aws: Aws) -> dict[str, Any]:
    (point,) = aws("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="IteratorAge",
        Dimensions=[{"Name": "FunctionName", "Value": "desk"}],
        StartTime=dt.datetime(2000, 1, 1),
        EndTime=dt.datetime(2100, 1, 1),
        Period=86400 * 365,
        Statistics=["SampleCount", "Maximum"],
        Unit="Milliseconds",
    )["Datapoints"]
    return point


def advance(endpoint: Connection, seconds: float) -> None:
    endpoint.control("POST", "clock", {"seconds": seconds})


def test_records_come_in_order_and_in_batches(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    create(SHOWS)
    put(aws, *"ab")
    made = map_(aws, stream, BatchSize=3)
    put(aws, *"cde")
    advance(endpoint, 10)
    assert [text for batch in batches() for text in batch] == [*"abcde"]
    assert max(map(len, batches())) <= 3
    found = aws("lambda").get_event_source_mapping(UUID=made["UUID"])
    assert found["LastProcessingResult"] == "OK"


def test_a_window_gathers(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    create(SHOWS)
    map_(aws, stream, MaximumBatchingWindowInSeconds=30)
    put(aws, "a")
    advance(endpoint, 20)
    put(aws, "b")
    assert batches() == []
    advance(endpoint, 20)
    assert batches() == [["a", "b"]]


def test_latest_leaves_out_what_was_there(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    create(SHOWS)
    put(aws, *"ab")
    map_(aws, stream, StartingPosition="LATEST")
    put(aws, "c")
    advance(endpoint, 10)
    assert batches() == [["c"]]


def test_the_event_is_the_documented_one(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    create("import json\ndef handler(e, c): print('got', json.dumps(e))")
    map_(aws, stream)
    put(aws, "late")
    advance(endpoint, 10)
    (event,) = batches()
    (record,) = event["Records"]
    assert record["eventSource"] == "aws:kinesis"
    assert record["eventSourceARN"] == stream
    assert base64.b64decode(record["kinesis"]["data"]) == b"late"
    shard, _, number = record["eventID"].partition(":")
    assert shard == "shardId-000000000000"
    assert number == record["kinesis"]["sequenceNumber"]


def test_a_batch_that_fails_holds_the_shard_up_until_it_is_given_up(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    url, arn = queue()
    create(PICKY)
    map_(
        aws,
        stream,
        BatchSize=2,
        MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    put(aws, "bad", "b", "c")
    advance(endpoint, 0.5)
    assert batches() == [["bad", "b"]]
    advance(endpoint, 60)
    assert batches() == [["bad", "b"]] * 3 + [["c"]]
    waited = age(aws)
    assert waited["SampleCount"] == 4
    assert 1000 < waited["Maximum"] < 60_000
    (message,) = received(url)
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["KinesisBatchInfo"]["batchSize"] == 2
    assert record["KinesisBatchInfo"]["streamArn"] == stream


def test_a_batch_that_fails_is_split(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    create(PICKY)
    map_(aws, stream, BisectBatchOnFunctionError=True, MaximumRetryAttempts=0)
    put(aws, "a", "b", "bad", "d")
    advance(endpoint, 60)
    found = batches()
    assert found[0] == ["a", "b", "bad", "d"]
    assert ["a", "b"] in found
    assert ["bad"] in found
    assert found[-1][-1] == "d"


def test_a_report_says_where_to_go_on(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    create(
        SHOWS
        + """
    bad = [r["kinesis"]["sequenceNumber"] for r, text in zip(event["Records"], texts)
           if text == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in bad]}
"""
    )
    map_(
        aws,
        stream,
        MaximumRetryAttempts=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    put(aws, "a", "bad", "c")
    advance(endpoint, 60)
    assert batches()[:2] == [["a", "bad", "c"], ["bad", "c"]]


def test_a_filter_lets_through_what_fits(
    endpoint: Connection, aws: Aws, create: Create, stream: str
) -> None:
    create(SHOWS)
    pattern = json.dumps({"data": {"delay": [{"numeric": [">", 60]}]}})
    map_(aws, stream, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    put(aws, '{"delay": 5}', '{"delay": 90}', "late", '{"delay": 7}')
    advance(endpoint, 10)
    assert [text for batch in batches() for text in batch] == ['{"delay": 90}']
    put(aws, '{"delay": 61}')
    advance(endpoint, 10)
    assert batches()[-1] == ['{"delay": 61}']


def test_what_a_mapping_needs(aws: Aws, create: Create, stream: str) -> None:
    create(SHOWS)
    with pytest.raises(ClientError, match="startingPosition"):
        aws("lambda").create_event_source_mapping(
            EventSourceArn=stream, FunctionName="desk"
        )
    with pytest.raises(ClientError, match="Stream not found"):
        map_(aws, f"{stream}-none")
    with pytest.raises(ClientError, match="ParallelizationFactor") as error:
        map_(aws, stream, ParallelizationFactor=2)
    assert error.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"
    found = aws("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert found == []
