"""Applications of Flink for the tests: a role, an archive, their states and words."""

import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from localaws.flink_runtime import place
from tests.localaws.services import kafka_face as kafka
from tests.localaws.services.functions import trust

Aws = Callable[[str], Any]
BUCKET = "on-time-desk"
PATIENCE = 240
SERVICE = "kinesisanalytics.amazonaws.com"
STREAM = "arn:aws:logs:us-east-1:123456789012:log-group:/flink:log-stream:desk"
OPTIONS = "kinesis.analytics.flink.run.options"
RIGHTS = {
    "Effect": "Allow",
    "Action": ["s3:GetObject", "logs:PutLogEvents"],
    "Resource": "*",
}
# CI must have it: there a missing Flink fails these tests
needs_flink = pytest.mark.skipif(
    not place.ready() and not os.environ.get("CI"), reason="needs Flink: make flink"
)
# Counts clicks in windows of ten seconds; `counts` is the topic that it writes to.
WINDOWS = """
import json
import boto3
from pyflink.table import EnvironmentSettings, TableEnvironment

with open("/etc/flink/application_properties.json") as file:
    groups = {one["PropertyGroupId"]: one["PropertyMap"] for one in json.load(file)}
told = groups["desk"]
print("bootstrap", told["bootstrap"])
try:
    boto3.client("s3").put_object(Bucket="on-time-desk", Key="x", Body=b"")
except Exception as error:
    print(error)
table = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
kafka = f"'connector' = 'kafka', 'properties.bootstrap.servers' = '{told['bootstrap']}'"
table.execute_sql(f'''CREATE TABLE clicks (
  who STRING, at_time TIMESTAMP(3),
  WATERMARK FOR at_time AS at_time - INTERVAL '5' SECONDS
) WITH ({kafka}, 'topic' = 'clicks', 'properties.group.id' = 'desk',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json')''')
table.execute_sql(f'''CREATE TABLE counts (begins TIMESTAMP(3), label STRING, n BIGINT)
  WITH ({kafka}, 'topic' = 'counts', 'format' = 'json')''')
table.execute_sql(f'''INSERT INTO counts
  SELECT window_start, '{told["label"]}', COUNT(*)
  FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(at_time), INTERVAL '10' SECONDS))
  GROUP BY window_start, window_end''')
"""


def archive(program: str, *, jar: bool = False) -> bytes:
    """Return an application's archive, with Kafka's connector or without."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("desk/main.py", program)
        if jar:
            zipped.write(place.kafka_connector(), "desk/lib/kafka.jar")
    return buffer.getvalue()


def make_ground(aws: Aws) -> str:
    """Make bucket, log stream and role, and return the role's ARN."""
    aws("s3").create_bucket(Bucket=BUCKET)
    aws("logs").create_log_group(logGroupName="/flink")
    aws("logs").create_log_stream(logGroupName="/flink", logStreamName="desk")
    made = aws("iam").create_role(
        RoleName="flink", AssumeRolePolicyDocument=trust(SERVICE)
    )
    allow(aws, RIGHTS)
    return str(made["Role"]["Arn"])


def make_topics(aws: Aws) -> tuple[str, dict[str, str]]:
    """Make a cluster with the topics of `WINDOWS`: its ARN, and how to reach it."""
    nodes = kafka.group(ClientSubnets=kafka.SUBNETS[:2])
    arn = kafka.create(aws, NumberOfBrokerNodes=2, BrokerNodeGroupInfo=nodes)
    where = kafka.bootstrap(aws, arn)
    for topic in ("clicks", "counts"):
        kafka.make_topic(where, topic)
    return arn, where


def allow(aws: Aws, *statements: dict[str, Any]) -> None:
    """Set what the role may do."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    aws("iam").put_role_policy(
        RoleName="flink", PolicyName="p", PolicyDocument=json.dumps(policy)
    )


def groups(jar: bool = False, **properties: str) -> dict[str, Any]:
    """Return EnvironmentProperties."""
    options = {"python": "desk/main.py"}
    if jar:
        options["jarfile"] = "desk/lib/kafka.jar"
    found = [{"PropertyGroupId": OPTIONS, "PropertyMap": options}]
    if properties:
        found.append({"PropertyGroupId": "desk", "PropertyMap": properties})
    return {"PropertyGroups": found}


def asked(role: str, **members: Any) -> dict[str, Any]:
    """Return the input of CreateApplication; ApplicationConfiguration is added to."""
    location = {"BucketARN": f"arn:aws:s3:::{BUCKET}", "FileKey": "desk.zip"}
    configuration = {
        "ApplicationCodeConfiguration": {
            "CodeContentType": "ZIPFILE",
            "CodeContent": {"S3ContentLocation": location},
        },
        "FlinkApplicationConfiguration": {
            "CheckpointConfiguration": {
                "ConfigurationType": "CUSTOM",
                "CheckpointInterval": 1000,
                "MinPauseBetweenCheckpoints": 500,
            }
        },
        "EnvironmentProperties": groups(),
        **members.pop("ApplicationConfiguration", {}),
    }
    return {
        "ApplicationName": "desk",
        "RuntimeEnvironment": "FLINK-2_3",
        "ServiceExecutionRole": role,
        "ApplicationConfiguration": configuration,
        "CloudWatchLoggingOptions": [{"LogStreamARN": STREAM}],
        **members,
    }


def create(
    aws: Aws, role: str, program: str, *, jar: bool = False, **members: Any
) -> Any:
    """Put an archive and create its application; return its detail."""
    body = archive(program, jar=jar)
    aws("s3").put_object(Bucket=BUCKET, Key="desk.zip", Body=body)
    flink = aws("kinesisanalyticsv2")
    return flink.create_application(**asked(role, **members))["ApplicationDetail"]


def detail(aws: Aws, **members: Any) -> Any:
    """Return the application's detail."""
    flink = aws("kinesisanalyticsv2")
    found = flink.describe_application(ApplicationName="desk", **members)
    return found["ApplicationDetail"]


def became(aws: Aws, status: str, *others: str) -> Any:
    """Wait until the application has one of some states."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = detail(aws)
        if found["ApplicationStatus"] in (status, *others):
            return found
        time.sleep(0.05)
    raise AssertionError(f"{found['ApplicationStatus']}, not {status}")


def started(aws: Aws, **run: Any) -> Any:
    """Start the application, and wait until it runs."""
    flink = aws("kinesisanalyticsv2")
    more = {"RunConfiguration": run} if run else {}
    flink.start_application(ApplicationName="desk", **more)
    found = became(aws, "RUNNING", "READY")
    assert found["ApplicationStatus"] == "RUNNING", said(aws)[-20:]
    return found


def stopped(aws: Aws, **members: Any) -> Any:
    """Stop the application, and wait until it has."""
    flink = aws("kinesisanalyticsv2")
    flink.stop_application(ApplicationName="desk", **members)
    return became(aws, "READY")


def said(aws: Aws) -> list[Any]:
    """Return the messages of the application's log, each of them JSON."""
    where = {"logGroupName": "/flink", "logStreamName": "desk"}
    found = aws("logs").get_log_events(**where, startFromHead=True, limit=10_000)
    return [json.loads(one["message"]) for one in found["events"]]


def words(aws: Aws) -> str:
    """Return all that the log says."""
    names = ("message", "throwableInformation")
    return "\n".join(one.get(name, "") for one in said(aws) for name in names)


def most(aws: Aws, metric: str) -> float:
    """Return the largest value of a metric of the application; -1 without any."""
    query = {
        "Id": "q",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/KinesisAnalytics",
                "MetricName": metric,
                "Dimensions": [{"Name": "Application", "Value": "desk"}],
            },
            "Period": 60,
            "Stat": "Maximum",
        },
    }
    found = aws("cloudwatch").get_metric_data(
        MetricDataQueries=[query],
        StartTime="2026-01-05T00:00:00Z",
        EndTime="2026-01-06T00:00:00Z",
    )
    return max(found["MetricDataResults"][0]["Values"], default=-1)


def processes() -> int:
    """Return how many processes of applications of this endpoint there are."""
    home = Path(os.environ["LOCALAWS_HOME"])
    count = 0
    for one in psutil.process_iter(["cwd", "cmdline"]):
        words = [one.info["cwd"] or "", *(one.info["cmdline"] or [])]
        count += any(str(home) in word and "flink-runs" in word for word in words)
    return count
