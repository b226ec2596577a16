"""Runs of Glue's Python shell jobs: what they are given, how they end."""

import io
import json
import time
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services import kinesis_face as kinesis
from tests.localaws.services.etl import (
    BUCKET,
    ROLE,
    Aws,
    allow,
    became,
    done,
    ended,
    lines,
    make_job,
    make_role,
    ran,
    start,
    state,
)
from tests.localaws.services.functions import trust

ENDLESS = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.1)\n"


@pytest.fixture(autouse=True)
def _role(aws: Aws, bucket: str) -> None:
    make_role(aws)


def test_a_script_runs_with_its_arguments_and_its_role(
    aws: Aws, endpoint: Connection
) -> None:
    script = f"""
import sys, boto3
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["day", "place", "fixed"])
boto3.client("s3").put_object(Bucket="{BUCKET}", Key="out", Body=args["day"].encode())
print(args["day"], args["place"], args["fixed"], args["JOB_RUN_ID"])
print("to the error log", file=sys.stderr)
"""
    make_job(
        aws,
        script,
        DefaultArguments={"--day": "1", "--place": "JFK"},
        NonOverridableArguments={"--fixed": "a"},
    )
    run = done(aws, Arguments={"--day": "2", "--fixed": "b"})
    assert lines(aws, run) == [f"2 JFK a {run['Id']}"]
    assert lines(aws, run, "error") == ["to the error log"]
    assert aws("s3").get_object(Bucket=BUCKET, Key="out")["Body"].read() == b"2"
    assert run["LogGroupName"] == "/aws-glue/python-jobs"
    assert run["Arguments"] == {"--day": "2", "--fixed": "b"}
    assert run["ExecutionTime"] == 20
    seconds = (run["CompletedOn"] - run["StartedOn"]).total_seconds()
    assert seconds == run["ExecutionTime"]
    (line,) = (
        one
        for one in endpoint.control("GET", "bill")["lines"]
        if one["service"] == "AWS Glue"
    )
    assert line["resource"] == "desk"
    assert line["quantity"] == pytest.approx(0.0625 * 60 / 3600, abs=1e-6)
    assert aws("glue").get_job_runs(JobName="desk")["JobRuns"] == [run]


def test_the_ends_are_events(aws: Aws) -> None:
    sqs, events = aws("sqs"), aws("events")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    named = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    pattern = {"source": ["aws.glue"], "detail-type": ["Glue Job State Change"]}
    events.put_rule(Name="all", EventPattern=json.dumps(pattern))
    target = {"Id": "queue", "Arn": named["Attributes"]["QueueArn"]}
    events.put_targets(Rule="all", Targets=[target])
    make_job(aws, "import sys\nsys.exit(int(sys.argv[-1]))")
    good = done(aws, Arguments={"--code": "0"})
    bad = ran(aws, Arguments={"--code": "3"})
    assert bad["ErrorMessage"] == "Command failed with exit code 3"
    heard = [message(sqs, url)["detail"] for _ in range(2)]
    assert [(one["state"], one["severity"]) for one in heard] == [
        ("SUCCEEDED", "INFO"),
        ("FAILED", "ERROR"),
    ]
    assert [one["jobRunId"] for one in heard] == [good["Id"], bad["Id"]]
    assert heard[0]["message"] == "Job run succeeded"


def message(sqs: Any, url: str) -> Any:
    """Wait for a message of a queue, and take it."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for one in sqs.receive_message(QueueUrl=url).get("Messages", ()):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
            return json.loads(one["Body"])
    raise AssertionError("no message after 30 s")


def test_a_missing_argument_fails_the_run(aws: Aws) -> None:
    script = "import sys\nfrom awsglue.utils import getResolvedOptions\n"
    make_job(aws, f"{script}getResolvedOptions(sys.argv, ['day'])\n")
    run = ran(aws)
    assert (run["JobRunState"], run["ErrorMessage"]) == (
        "FAILED",
        "Command failed with exit code 1",
    )
    said = lines(aws, run, "error")
    assert said[-1].endswith(
        "GlueArgumentError: the following arguments are required: --day"
    )
    assert any('File "/tmp/desk.py", line 3' in line for line in said)


def test_a_script_that_is_not_there_fails_the_run(aws: Aws) -> None:
    make_job(aws, "")
    aws("s3").delete_object(Bucket=BUCKET, Key="scripts/desk.py")
    run = ran(aws)
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].startswith("LAUNCH ERROR | Error downloading from S3")
    assert "Error Code: NoSuchKey" in run["ErrorMessage"]


def test_libraries_come_from_s3(aws: Aws) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("packed/__init__.py", "name = 'packed'")
    s3 = aws("s3")
    s3.put_object(Bucket=BUCKET, Key="lib/packed.zip", Body=packed.getvalue())
    s3.put_object(Bucket=BUCKET, Key="lib/single.py", Body=b"name = 'single'")
    make_job(aws, "import packed, single\nprint(packed.name, single.name)")
    files = f"s3://{BUCKET}/lib/packed.zip, s3://{BUCKET}/lib/single.py"
    run = done(aws, Arguments={"--extra-py-files": files})
    assert lines(aws, run) == ["packed single"]
    assert "ModuleNotFoundError" in lines(aws, ran(aws), "error")[-1]


def test_a_run_can_be_stopped(aws: Aws) -> None:
    make_job(aws, ENDLESS)
    key = start(aws)
    became(aws, key, ("RUNNING",))
    glue = aws("glue")
    answer = glue.batch_stop_job_run(JobName="desk", JobRunIds=[key, "jr_1"])
    assert answer["SuccessfulSubmissions"] == [{"JobName": "desk", "JobRunId": key}]
    (error,) = answer["Errors"]
    assert error["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    run = ended(aws, key)
    assert run["JobRunState"] == "STOPPED"
    assert "ErrorMessage" not in run
    (error,) = glue.batch_stop_job_run(JobName="desk", JobRunIds=[key])["Errors"]
    assert "STOPPED" in error["ErrorDetail"]["ErrorMessage"]


def test_a_run_ends_at_its_timeout(aws: Aws, endpoint: Connection) -> None:
    make_job(aws, ENDLESS, Timeout=5)
    key = start(aws, Timeout=2)
    became(aws, key, ("RUNNING",))
    endpoint.control("POST", "clock", {"seconds": 100})
    assert state(aws, key)["JobRunState"] == "RUNNING"
    endpoint.control("POST", "clock", {"seconds": 60})
    run = ended(aws, key)
    assert (run["JobRunState"], run["Timeout"]) == ("TIMEOUT", 2)
    assert run["ExecutionTime"] == 120


def test_runs_at_once_are_limited(aws: Aws) -> None:
    make_job(aws, ENDLESS, ExecutionProperty={"MaxConcurrentRuns": 2})
    keys = [start(aws), start(aws)]
    with pytest.raises(ClientError, match="Concurrent runs exceeded for desk"):
        start(aws)
    aws("glue").batch_stop_job_run(JobName="desk", JobRunIds=keys)
    assert {ended(aws, key)["JobRunState"] for key in keys} == {"STOPPED"}
    aws("glue").batch_stop_job_run(JobName="desk", JobRunIds=[start(aws)])


def test_a_failed_run_is_tried_again(aws: Aws) -> None:
    script = f"""
import boto3
s3 = boto3.client("s3")
tries = s3.list_objects_v2(Bucket="{BUCKET}", Prefix="tries/")["KeyCount"]
s3.put_object(Bucket="{BUCKET}", Key=f"tries/{{tries}}", Body=b"")
assert tries == 2
"""
    make_job(aws, script, MaxRetries=3)
    key = start(aws)
    assert ended(aws, key)["JobRunState"] == "FAILED"
    last = ended(aws, waited(aws, f"{key}_attempt_2"))
    assert last["JobRunState"] == "SUCCEEDED"
    assert (last["Attempt"], last["PreviousRunId"]) == (2, f"{key}_attempt_1")
    runs = aws("glue").get_job_runs(JobName="desk")["JobRuns"]
    assert [one["Attempt"] for one in runs] == [2, 1, 0]


def waited(aws: Aws, key: str) -> str:
    """Wait until a run is there, and return its id."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        runs = aws("glue").get_job_runs(JobName="desk")["JobRuns"]
        if any(one["Id"] == key for one in runs):
            return key
        time.sleep(0.05)
    raise AssertionError(f"no run {key}")


def test_a_role_bounds_what_a_run_may_do(aws: Aws) -> None:
    read = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    }
    script = f"""
import boto3
s3 = boto3.client("s3")
print(s3.list_objects_v2(Bucket="{BUCKET}")["KeyCount"])
s3.put_object(Bucket="{BUCKET}", Key="out", Body=b"")
"""
    make_job(aws, script)
    allow(aws, read)
    run = ran(aws)
    assert (run["JobRunState"], lines(aws, run)) == ("FAILED", ["1"])
    assert "not authorized to perform: s3:PutObject" in lines(aws, run, "error")[-1]
    allow(aws, {**read, "Action": ["s3:ListBucket"]})
    run = ran(aws)
    assert "LAUNCH ERROR" in run["ErrorMessage"]
    assert "not authorized to perform: s3:GetObject" in run["ErrorMessage"]


def test_the_data_catalog_is_the_roles_too(aws: Aws) -> None:
    aws("glue").create_database(DatabaseInput={"Name": "desk"})
    script = "import boto3\nprint(boto3.client('glue').get_tables(DatabaseName='desk'))"
    make_job(aws, script)
    done(aws)
    allow(aws, {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    said = lines(aws, ran(aws), "error")[-1]
    assert "not authorized to perform: glue:GetTables" in said


def test_a_role_that_trusts_nobody_any_more_fails_the_run(aws: Aws) -> None:
    make_job(aws, "")
    aws("iam").update_assume_role_policy(
        RoleName=ROLE, PolicyDocument=trust("ec2.amazonaws.com")
    )
    said = ran(aws)["ErrorMessage"]
    assert "should be given assume role permissions for Glue Service" in said


def test_what_a_run_may_not_ask_for(aws: Aws) -> None:
    make_job(aws, "")
    for members, says in (
        ({"Timeout": 20000}, "Timeout must be"),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 2}, "not for Python shell"),
        ({"JobRunId": "jr_1"}, "retries an earlier run"),
        ({"Arguments": {"--extra-files": "s3://x/y"}}, "copies files"),
    ):
        with pytest.raises(ClientError, match=says):
            start(aws, **members)
    assert aws("glue").get_job_runs(JobName="desk")["JobRuns"] == []


def test_a_role_bounds_the_streams_of_a_run(aws: Aws) -> None:
    client = kinesis.stream(aws)
    kinesis.put(client, b"x")
    script = """
import boto3
kinesis = boto3.client("kinesis")
(shard,) = kinesis.list_shards(StreamName="orders")["Shards"]
token = kinesis.get_shard_iterator(
    StreamName="orders", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
)["ShardIterator"]
print(kinesis.get_records(ShardIterator=token)["Records"][0]["Data"])
kinesis.put_record(StreamName="orders", Data=b"y", PartitionKey="k")
"""
    make_job(aws, script)
    stream = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
    names = ("ListShards", "GetShardIterator", "GetRecords")
    reads = [f"kinesis:{name}" for name in names]
    allow(
        aws,
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": reads, "Resource": stream},
    )
    run = ran(aws)
    assert (run["JobRunState"], lines(aws, run)) == ("FAILED", ["b'x'"])
    denied = f"kinesis:PutRecord on resource: {stream}"
    assert denied in lines(aws, run, "error")[-1]
