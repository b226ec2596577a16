"""Streaming jobs of AWS Glue: micro-batches of a stream, a checkpoint, the end."""

import datetime as dt
import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pyarrow import parquet

from localaws.daemon import Connection
from tests.localaws.services import kinesis_face as kinesis
from tests.localaws.services.etl import (
    BUCKET,
    Aws,
    ended,
    lines,
    make_job,
    make_role,
    needs_spark,
    start,
    state,
    until,
)
from tests.localaws.services.test_glue_spark import BEGIN

SCRIPT = f"""{BEGIN}
def fails(call):
    try:
        call()
    except Exception as error:
        print(f"{{type(error).__name__}}: {{error}}")
def read(**more):
    options = {{
        "typeOfData": "kinesis",
        "streamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/orders",
        "classification": "json",
        "startingPosition": "TRIM_HORIZON",
        "inferSchema": "true",
        **more,
    }}
    return glue.create_data_frame.from_options("kinesis", options)
def handle(data, number):
    made = DynamicFrame.fromDF(data, glue, "orders")
    numbers = sorted(row.n for row in made.toDF().collect())
    print(number, numbers)
    if 13 in numbers and "--brave" not in sys.argv:
        raise ValueError("thirteen")
    glue.write_dynamic_frame.from_options(
        made, "s3", {{"path": "s3://{BUCKET}/out/"}}, format="parquet")
def run(**more):
    glue.forEachBatch(frame=frame, batch_function=handle, options={{
        "windowSize": "100 seconds",
        "checkpointLocation": "s3://{BUCKET}/checkpoint/",
        "batchMaxRetries": 0,
        **more,
    }})
frame = read()
print(frame.isStreaming, frame.columns)
if "--brave" not in sys.argv:
    fails(lambda: read(awsSTSRoleARN="arn:aws:iam::1:role/x"))
    fails(lambda: read(classification="avro"))
    fails(lambda: read(inferSchema="false"))
    fails(lambda: read(startingPosition="noon"))
    fails(lambda: run(windowSize="soon"))
    fails(lambda: run(batchMaxRetries=101))
    fails(lambda: glue.forEachBatch(frame, handle, {{"windowSize": "1 second"}}))
run()
"""
REFUSED = (
    "awsSTSRoleARN='arn:aws:iam::1:role/x' does not act",
    "classification='avro' of a stream (here json and csv) does not act",
    "ValueError: a stream needs the option schema, or inferSchema='true'",
    "ValueError: startingPosition: 'noon' is none",
    "soon",
    "ValueError: batchMaxRetries must be 0 to 100, found 101",
    "ValueError: Missing checkpointLocation argument",
)


def put(client: Any, *numbers: int) -> None:
    """Put a record for each number, over all shards."""
    for n in numbers:
        kinesis.put(client, json.dumps({"n": n}).encode(), key=str(n))


def written(aws: Aws) -> list[int]:
    """Return the numbers of all files that the job has written."""
    s3 = aws("s3")
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix="out/")["Contents"]
    keys = [one["Key"] for one in found if one["Key"].endswith(".parquet")]
    bodies = [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys]
    tables = [parquet.read_table(io.BytesIO(body)) for body in bodies]
    return sorted(n for table in tables for n in table["n"].to_pylist())


@needs_spark
def test_micro_batches(aws: Aws, bucket: str, endpoint: Connection) -> None:
    make_role(aws, {"Effect": "Allow", "Action": "*", "Resource": "*"})
    client = kinesis.stream(aws, shards=2)
    put(client, 1, 2, 3)
    make_job(aws, SCRIPT, "gluestreaming", WorkerType="G.025X", NumberOfWorkers=2)
    key = start(aws, Arguments={"--enable-metrics": "true"})
    told = until(aws, key, 2 + len(REFUSED))
    run = state(aws, key)
    assert told[0] == "True ['$json$data_infer_schema$_temporary$']"
    assert told[-1] == "0 [1, 2, 3]"
    for said, expected in zip(told[1:-1], REFUSED, strict=True):
        assert expected in said
    put(client, 4)
    endpoint.control("POST", "clock", {"seconds": 60})
    assert lines(aws, run)[-1] == "0 [1, 2, 3]"
    hashes = {"NewStartingHashKey": str(2**126)}
    client.split_shard(
        StreamName="orders", ShardToSplit="shardId-000000000000", **hashes
    )
    put(client, *range(20, 30))
    endpoint.control("POST", "clock", {"seconds": 60})
    assert until(aws, key, len(told) + 1)[-1] == f"1 {[4, *range(20, 30)]}"
    assert state(aws, key)["JobRunState"] == "RUNNING"
    endpoint.control("POST", "clock", {"seconds": 200})
    assert lines(aws, run)[-1].startswith("1 ")
    assert metric(aws, "numRecords", key) == metric(aws, "numRecords", "ALL") == 14
    assert metric(aws, "batchProcessingTimeInMs", key) > 0
    put(client, 13)
    endpoint.control("POST", "clock", {"seconds": 100})
    run = ended(aws, key)
    assert run["JobRunState"] == "FAILED"
    assert "StreamingQueryException: [STREAM_FAILED]" in run["ErrorMessage"]
    assert 'in handle\n    raise ValueError("thirteen")' in run["ErrorMessage"]
    assert 'File "/tmp/desk.py"' in run["ErrorMessage"]
    assert any("ValueError: thirteen" in line for line in lines(aws, run, "error"))
    assert written(aws) == [1, 2, 3, 4, *range(20, 30)]
    put(client, 30)
    key = start(aws, Arguments={"--brave": "yes"})
    # the batch that failed is done again, and then what has come since
    assert until(aws, key, 2)[1] == "2 [13]"
    endpoint.control("POST", "clock", {"seconds": 100})
    assert until(aws, key, 3)[2] == "3 [30]"
    answer = aws("glue").batch_stop_job_run(JobName="desk", JobRunIds=[key])
    assert not answer["Errors"]
    run = ended(aws, key)
    assert (run["JobRunState"], "ErrorMessage" in run) == ("STOPPED", False)
    length = (run["CompletedOn"] - run["StartedOn"]).total_seconds()
    assert run["ExecutionTime"] == pytest.approx(length, abs=1)
    assert length > 100
    (line,) = (
        one
        for one in endpoint.control("GET", "bill")["lines"]
        if one["service"] == "AWS Glue"
    )
    seconds = sum(
        one["ExecutionTime"]
        for one in aws("glue").get_job_runs(JobName="desk")["JobRuns"]
    )
    assert line["quantity"] == pytest.approx(2 * 0.25 * seconds / 3600, abs=1e-6)
    assert written(aws) == [1, 2, 3, 4, 13, *range(20, 31)]


def metric(aws: Aws, name: str, run: str) -> float:
    """Return the sum of a metric of the job, over all time."""
    dimensions = {"JobName": "desk", "JobRunId": run, "Type": "count"}
    (point,) = aws("cloudwatch").get_metric_statistics(
        Namespace="Glue",
        MetricName=f"glue.driver.streaming.{name}",
        Dimensions=[{"Name": n, "Value": v} for n, v in dimensions.items()],
        StartTime=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        EndTime=dt.datetime(2026, 1, 31, tzinfo=dt.UTC),
        Period=86400 * 30,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(point["Sum"])


def test_what_a_streaming_job_may_have(aws: Aws, bucket: str) -> None:
    make_role(aws)
    make_job(aws, "", "gluestreaming")
    job = aws("glue").get_job(JobName="desk")["Job"]
    assert (job["Command"]["Name"], job["Timeout"]) == ("gluestreaming", 480)
    assert (job["WorkerType"], job["NumberOfWorkers"]) == ("G.1X", 10)
    small = {"WorkerType": "G.025X", "NumberOfWorkers": 2}
    with pytest.raises(ClientError, match="for streaming jobs only"):
        make_job(aws, "", "glueetl", "other", **small)
    metrics = {"DefaultArguments": {"--enable-metrics": "true"}}
    with pytest.raises(ClientError, match="publishes metrics of the job"):
        make_job(aws, "", "glueetl", "other", **metrics)
    make_job(aws, "", "gluestreaming", "other", **small, **metrics)
    with pytest.raises(ClientError, match="restarts streaming jobs"):
        make_job(aws, "", "gluestreaming", "third", MaintenanceWindow="Sun:10")
