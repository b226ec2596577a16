"""S3, EventBridge and SNS invoke functions that let them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import (
    eventually,
    invoke,
    logged,
    queue,
    received,
)
from tests.localaws.services.functions import lambda_role as lambda_role

Aws = Callable[[str], Any]
Create = Callable[..., dict[str, Any]]
ARN = "arn:aws:lambda:us-east-1:123456789012:function:desk"
SHOWS = "import json\ndef handler(e, c): print('got', json.dumps(e))"


def heard(count: int = 1) -> list[Any]:
    """Wait for that many events of the function and return them."""

    def look() -> list[Any]:
        lines = [one[4:] for one in logged() if one.startswith("got ")]
        return lines if len(lines) >= count else []

    return [json.loads(line) for line in eventually(look)]


def allow(aws: Aws, service: str, source: str, sid: str = "s", **more: Any) -> Any:
    return aws("lambda").add_permission(
        FunctionName="desk",
        StatementId=sid,
        Action="lambda:InvokeFunction",
        Principal=f"{service}.amazonaws.com",
        SourceArn=source,
        **more,
    )


def notify(aws: Aws, bucket: str, *events: str, **more: Any) -> None:
    aws("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [
                {"Id": "n", "LambdaFunctionArn": ARN, "Events": list(events), **more}
            ]
        },
    )


def test_an_object_in_a_bucket_invokes(aws: Aws, create: Create, bucket: str) -> None:
    create(SHOWS)
    allow(aws, "s3", f"arn:aws:s3:::{bucket}")
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}]
    notify(
        aws,
        bucket,
        "s3:ObjectCreated:*",
        Filter={"Key": {"FilterRules": rules}},
    )
    s3 = aws("s3")
    for key in ("in/a.txt", "out/a.csv", "in/a b.csv"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1,2")
    (event,) = heard()
    (record,) = event["Records"]
    assert (record["eventSource"], record["eventName"]) == (
        "aws:s3",
        "ObjectCreated:Put",
    )
    assert record["s3"]["bucket"]["name"] == bucket
    assert record["s3"]["object"]["key"] == "in%2Fa+b.csv"
    assert record["s3"]["object"]["size"] == 3
    assert record["s3"]["configurationId"] == "n"
    assert record["s3"]["object"]["sequencer"]
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    (held,) = found["LambdaFunctionConfigurations"]
    assert held["LambdaFunctionArn"] == ARN


def test_a_bucket_that_may_not_invoke(aws: Aws, create: Create, bucket: str) -> None:
    create(SHOWS)
    with pytest.raises(ClientError, match="Unable to validate") as error:
        notify(aws, bucket, "s3:ObjectCreated:*")
    assert error.value.response["Error"]["Code"] == "InvalidArgument"
    allow(aws, "s3", "arn:aws:s3:::other")
    with pytest.raises(ClientError, match="Unable to validate"):
        notify(aws, bucket, "s3:ObjectCreated:*")
    allow(aws, "s3", f"arn:aws:s3:::{bucket}", "t", SourceAccount="999999999999")
    with pytest.raises(ClientError, match="Unable to validate"):
        notify(aws, bucket, "s3:ObjectCreated:*")
    found = aws("s3").get_bucket_notification_configuration(Bucket=bucket)
    assert "LambdaFunctionConfigurations" not in found


def test_a_permission_that_is_taken_back(aws: Aws, create: Create, bucket: str) -> None:
    create(SHOWS)
    allow(aws, "s3", f"arn:aws:s3:::{bucket}")
    notify(aws, bucket, "s3:ObjectRemoved:Delete")
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    s3.delete_object(Bucket=bucket, Key="a")
    (event,) = heard()
    assert event["Records"][0]["eventName"] == "ObjectRemoved:Delete"
    aws("lambda").remove_permission(FunctionName="desk", StatementId="s")
    s3.put_object(Bucket=bucket, Key="b", Body=b"")
    s3.delete_object(Bucket=bucket, Key="b")
    invoke("last")
    assert heard()[1:] == ["last"]


def test_buckets_tell_queues_and_topics_too(aws: Aws, bucket: str) -> None:
    url, arn = queue()
    far, far_arn = queue("far")
    topic = aws("sns").create_topic(Name="desk")["TopicArn"]
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=far_arn)
    aws("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [
                {"QueueArn": arn, "Events": ["s3:ObjectCreated:Put"]}
            ],
            "TopicConfigurations": [
                {"TopicArn": topic, "Events": ["s3:ObjectCreated:Put"]}
            ],
        },
    )
    aws("s3").put_object(Bucket=bucket, Key="a", Body=b"")
    near = [json.loads(one["Body"]) for one in received(url)]
    assert near[0]["Event"] == "s3:TestEvent"
    assert near[1]["Records"][0]["s3"]["object"]["key"] == "a"
    messages: list[Any] = []
    eventually(lambda: messages.extend(received(far)) or len(messages) >= 2)
    bodies = [json.loads(json.loads(one["Body"])["Message"]) for one in messages]
    assert [one["Event"] for one in bodies if "Event" in one] == ["s3:TestEvent"]
    (records,) = [one["Records"] for one in bodies if "Records" in one]
    assert records[0]["s3"]["object"]["key"] == "a"
    with pytest.raises(ClientError, match="Unable to validate"):
        aws("s3").put_bucket_notification_configuration(
            Bucket=bucket,
            NotificationConfiguration={
                "QueueConfigurations": [
                    {"QueueArn": f"{arn}-none", "Events": ["s3:ObjectCreated:Put"]}
                ]
            },
        )


def test_an_event_that_never_comes_is_refused(
    aws: Aws, create: Create, bucket: str
) -> None:
    create(SHOWS)
    allow(aws, "s3", f"arn:aws:s3:::{bucket}")
    with pytest.raises(ClientError, match="s3:Replication") as error:
        notify(aws, bucket, "s3:Replication:*")
    assert error.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"


@pytest.fixture
def rule(aws: Aws) -> Callable[..., str]:
    """Send what has the source `desk` to the function."""

    def make(**target: Any) -> str:
        arn = aws("events").put_rule(Name="desk", EventPattern='{"source": ["desk"]}')[
            "RuleArn"
        ]
        aws("events").put_targets(
            Rule="desk", Targets=[{"Id": "f", "Arn": ARN, **target}]
        )
        return arn

    return make


def put(aws: Aws, minutes: int) -> None:
    aws("events").put_events(
        Entries=[
            {
                "Source": "desk",
                "DetailType": "Late",
                "Detail": json.dumps({"minutes": minutes}),
            }
        ]
    )


def test_a_rule_invokes(aws: Aws, create: Create, rule: Callable[..., str]) -> None:
    create(SHOWS)
    put(aws, 0)
    allow(aws, "events", rule())
    put(aws, 61)
    (event,) = heard()
    assert event["detail"] == {"minutes": 61}
    assert (event["source"], event["detail-type"]) == ("desk", "Late")
    assert (event["account"], event["region"]) == ("123456789012", "us-east-1")
    assert event["time"].startswith("2026-01-05T08:00:")
    aws("events").disable_rule(Name="desk")
    put(aws, 62)
    aws("events").enable_rule(Name="desk")
    put(aws, 63)
    assert [one["detail"]["minutes"] for one in heard(2)] == [61, 63]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"InputPath": "$.detail"}, {"minutes": 61}),
        ({"Input": '{"fixed": 1}'}, {"fixed": 1}),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"m": "$.detail.minutes"},
                    "InputTemplate": '{"late": <m>}',
                }
            },
            {"late": 61},
        ),
    ],
    ids=["path", "input", "transformer"],
)
def test_a_rule_shapes_what_it_sends(
    aws: Aws,
    create: Create,
    rule: Callable[..., str],
    target: dict[str, Any],
    expected: Any,
) -> None:
    create(SHOWS)
    allow(aws, "events", rule(**target))
    put(aws, 61)
    assert heard() == [expected]


def test_a_rule_that_may_not_invoke(
    aws: Aws, create: Create, rule: Callable[..., str]
) -> None:
    create(SHOWS)
    rule()
    put(aws, 61)
    invoke("last")
    assert heard() == ["last"]


def test_a_rule_tells_a_topic(aws: Aws) -> None:
    url, arn = queue()
    topic = aws("sns").create_topic(Name="desk")["TopicArn"]
    aws("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
    )
    aws("events").put_rule(Name="desk", EventPattern='{"source": ["desk"]}')
    aws("events").put_targets(Rule="desk", Targets=[{"Id": "t", "Arn": topic}])
    put(aws, 61)
    (message,) = eventually(lambda: received(url))
    assert json.loads(message["Body"])["detail"] == {"minutes": 61}


def test_the_policy_is_shown(aws: Aws, create: Create) -> None:
    create(SHOWS, Publish=True)
    client = aws("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_policy(FunctionName="desk")
    source = "arn:aws:s3:::desk"
    statement = json.loads(allow(aws, "s3", source)["Statement"])
    assert statement == {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": ARN,
        "Condition": {"ArnLike": {"AWS:SourceArn": source}},
    }
    policy = json.loads(client.get_policy(FunctionName="desk")["Policy"])
    assert policy["Statement"] == [statement]
    with pytest.raises(client.exceptions.ResourceConflictException):
        allow(aws, "s3", source)
    other = json.loads(allow(aws, "s3", source, Qualifier="1")["Statement"])
    assert other["Resource"] == f"{ARN}:1"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.remove_permission(FunctionName="desk", StatementId="none")
