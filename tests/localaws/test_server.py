"""The endpoint through boto3: what moto answers, what is refused, the control API."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection

Aws = Callable[[str], Any]


def test_objects_come_back_as_they_went(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    key = "a b/ü%2F+?&=/ .txt"
    s3.put_object(Bucket=bucket, Key=key, Body=b"x", Metadata={"my_key": "v"})
    found = s3.get_object(Bucket=bucket, Key=key)
    assert found["Body"].read() == b"x"
    assert found["Metadata"] == {"my_key": "v"}
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [item["Key"] for item in listed] == [key]


def test_large_objects_in_parts(aws: Aws, bucket: str) -> None:
    data = bytes(range(256)) * 80_000
    aws("s3").upload_fileobj(io.BytesIO(data), bucket, "large")
    answer = aws("s3").get_object(Bucket=bucket, Key="large", Range="bytes=256-511")
    assert answer["Body"].read() == bytes(range(256))
    target = io.BytesIO()
    aws("s3").download_fileobj(bucket, "large", target)
    assert target.getvalue() == data


def test_no_answer_invites_web_pages(aws: Aws, bucket: str) -> None:
    for answer in (aws("s3").list_buckets(), aws("iam").list_roles()):
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        assert "access-control-allow-origin" not in headers


def test_new_objects_are_encrypted(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "AES256"


def test_metrics_and_logs(aws: Aws) -> None:
    cloudwatch, logs = aws("cloudwatch"), aws("logs")
    cloudwatch.put_metric_data(
        Namespace="Desk", MetricData=[{"MetricName": "Late", "Value": 2.5}]
    )
    (metric,) = cloudwatch.list_metrics(Namespace="Desk")["Metrics"]
    assert metric["MetricName"] == "Late"
    logs.create_log_group(logGroupName="/desk")
    (group,) = logs.describe_log_groups()["logGroups"]
    assert group["logGroupName"] == "/desk"


@pytest.mark.parametrize(
    ("service", "call", "operation"),
    [
        ("s3", lambda c: c.put_bucket_acl(Bucket="b", ACL="private"), "PutBucketAcl"),
        ("iam", lambda c: c.list_mfa_devices(), "iam:ListMFADevices"),
        ("sts", lambda c: c.get_session_token(), "sts:GetSessionToken"),
        ("logs", lambda c: c.describe_queries(), "logs:DescribeQueries"),
        ("cloudwatch", lambda c: c.describe_alarm_history(), "DescribeAlarmHistory"),
        ("dynamodb", lambda c: c.list_backups(), "dynamodb:ListBackups"),
        ("ec2", lambda c: c.describe_hosts(), "ec2:DescribeHosts"),
        ("lambda", lambda c: c.list_code_signing_configs(), "ListCodeSigningConfigs"),
        ("ecs", lambda c: c.list_clusters(), "ecs:ListClusters"),
    ],
)
def test_what_does_not_act_is_refused_in_its_protocol(
    aws: Aws, service: str, call: Callable[[Any], Any], operation: str
) -> None:
    with pytest.raises(ClientError) as caught:
        call(aws(service))
    response = caught.value.response
    assert response["Error"]["Code"] == "NotImplementedInLocalEndpoint"
    assert operation in response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_the_caller_is_a_user(aws: Aws) -> None:
    identity = aws("sts").get_caller_identity()
    assert identity["Arn"] == "arn:aws:iam::123456789012:user/learner"


def test_reset_empties_every_service_and_keeps_the_keys(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    aws("iam").create_user(UserName="guest")
    endpoint.control("POST", "reset")
    assert aws("s3").list_buckets()["Buckets"] == []
    names = [user["UserName"] for user in aws("iam").list_users()["Users"]]
    assert names == ["learner"]


def test_the_clock_stands_and_moves_with_changes(endpoint: Connection) -> None:
    s3 = boto3.client("s3")
    before = endpoint.control("GET", "status")["now"]
    s3.list_buckets()
    assert endpoint.control("GET", "status")["now"] == before
    s3.create_bucket(Bucket="one-second")
    (bucket,) = s3.list_buckets()["Buckets"]
    start = dt.datetime.fromisoformat(before)
    assert bucket["CreationDate"] == start + dt.timedelta(seconds=1)
    now = endpoint.control("POST", "clock", {"seconds": 3600})["now"]
    assert dt.datetime.fromisoformat(now) == start + dt.timedelta(seconds=3601)


@pytest.mark.parametrize("seconds", [-1, "soon", None, 1e300])
def test_the_clock_refuses_what_is_no_time(endpoint: Connection, seconds: Any) -> None:
    with pytest.raises(Exception, match="clock"):
        endpoint.control("POST", "clock", {"seconds": seconds})


def test_two_runs_see_the_same_ids_and_times(endpoint: Connection) -> None:
    def run() -> list[Any]:
        endpoint.control("POST", "reset")
        iam, s3 = boto3.client("iam"), boto3.client("s3")
        user = iam.create_user(UserName="guest")["User"]
        s3.create_bucket(Bucket="same-bucket")
        s3.put_bucket_versioning(
            Bucket="same-bucket", VersioningConfiguration={"Status": "Enabled"}
        )
        version = s3.put_object(Bucket="same-bucket", Key="k", Body=b"x")["VersionId"]
        return [
            user,
            version,
            s3.list_object_versions(Bucket="same-bucket")["Versions"],
        ]

    assert run() == run()


def test_requests_to_s3_are_on_the_bill(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    for number in range(3):
        aws("s3").put_object(Bucket=bucket, Key=str(number), Body=b"x")
    lines = endpoint.control("GET", "bill")["lines"]
    (puts,) = [line for line in lines if line["usage"].startswith("PUT")]
    assert puts["quantity"] == pytest.approx(0.004)
