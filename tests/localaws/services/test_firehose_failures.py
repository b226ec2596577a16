"""Amazon Data Firehose: deliveries that fail, limits, what is refused."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.firehose_face import Aws, hose, put, role, stored


@pytest.fixture
def arn(aws: Aws) -> str:
    """ARN of a role that Firehose may assume."""
    return role(aws)


def later(endpoint: Connection, seconds: float) -> None:
    endpoint.control("POST", "clock", {"seconds": seconds})


def test_roles_must_trust_firehose(aws: Aws, bucket: str) -> None:
    wrong = "arn:aws:iam::123456789012:role/none"
    with pytest.raises(ClientError, match="unable to assume role") as caught:
        hose(aws, bucket, wrong)
    assert caught.value.response["Error"]["Code"] == "InvalidArgumentException"


def logged(aws: Aws) -> list[dict[str, Any]]:
    events = aws("logs").get_log_events(logGroupName="/hose", logStreamName="s3")
    return [json.loads(event["message"]) for event in events["events"]]


@pytest.fixture
def logging(aws: Aws) -> dict[str, Any]:
    """Options of a log stream that exists."""
    aws("logs").create_log_group(logGroupName="/hose")
    aws("logs").create_log_stream(logGroupName="/hose", logStreamName="s3")
    return {"Enabled": True, "LogGroupName": "/hose", "LogStreamName": "s3"}


def test_a_bucket_that_comes_later_gets_what_waited(
    endpoint: Connection, aws: Aws, arn: str, logging: dict[str, Any]
) -> None:
    firehose = hose(aws, "not-yet", arn, CloudWatchLoggingOptions=logging)
    put(firehose, b"kept")
    later(endpoint, 65)
    (event,) = logged(aws)
    assert event["errorCode"] == "S3.NoSuchBucket"
    assert event["destination"] == "arn:aws:s3:::not-yet"
    aws("s3").create_bucket(Bucket="not-yet")
    later(endpoint, 60)
    assert list(stored(aws, "not-yet").values()) == [b"kept"]


def test_a_role_without_the_right_is_denied_for_a_day(
    endpoint: Connection, aws: Aws, bucket: str, logging: dict[str, Any]
) -> None:
    arn = role(aws, allowed="arn:aws:s3:::another/*")
    firehose = hose(aws, bucket, arn, CloudWatchLoggingOptions=logging)
    put(firehose, b"lost")
    later(endpoint, 86400 + 3600)
    assert {event["errorCode"] for event in logged(aws)} == {"S3.AccessDenied"}
    aws("iam").put_role_policy(
        RoleName="hose",
        PolicyName="s3",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
            }
        ),
    )
    put(firehose, b"kept")
    later(endpoint, 3600)
    assert list(stored(aws, bucket).values()) == [b"kept"]


def test_records_over_the_limits(aws: Aws, bucket: str, arn: str) -> None:
    firehose = hose(aws, bucket, arn)
    with pytest.raises(ClientError, match="less than or equal to 1024000"):
        put(firehose, b"x" * 1024001)
    with pytest.raises(ClientError, match="exceeds 4 MB limit"):
        put(firehose, *[b"x" * 1000000] * 5)
    with pytest.raises(ClientError, match="less than or equal to 500"):
        put(firehose, *[b"x"] * 501)


def test_direct_puts_are_throttled(aws: Aws, bucket: str, arn: str) -> None:
    firehose = hose(aws, bucket, arn, minutes=15)
    blobs = [b"x" * 900_000] * 4
    assert put(firehose, *blobs)["FailedPutCount"] == 0
    answer = put(firehose, *blobs)
    assert answer["FailedPutCount"] == 4
    assert answer["RequestResponses"][0] == {
        "ErrorCode": "ServiceUnavailableException",
        "ErrorMessage": "Slow down.",
    }


def test_what_does_not_act_is_refused(aws: Aws, bucket: str, arn: str) -> None:
    processing = {"Enabled": True, "Processors": [{"Type": "Decompression"}]}
    with pytest.raises(ClientError, match="processor Decompression") as caught:
        hose(aws, bucket, arn, ProcessingConfiguration=processing)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    with pytest.raises(ClientError, match="here only 'UNCOMPRESSED', 'GZIP', 'ZIP'"):
        hose(aws, bucket, arn, CompressionFormat="Snappy")
