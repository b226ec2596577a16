"""Job runs of EMR Serverless: Spark that really runs, its logs, and how it fails."""

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.emr_face import (
    BUCKET,
    ENDLESS,
    PROFILE,
    RAISING,
    Aws,
    allow,
    charged,
    keys,
    make_roles,
    needs_spark,
    processes,
    put,
    text,
    until,
)
from tests.localaws.services.emr_serverless_face import (
    LOGS,
    application,
    create,
    ended,
    log_of,
    start,
    state,
)

pytestmark = needs_spark
JOB = f"""
import os, sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
names = ("spark.sql.shuffle.partitions", "spark.desk.a", "spark.desk.b")
print(*map(spark.conf.get, names), os.environ["DAY"], sys.argv[1:])
print("to the other stream", file=sys.stderr)
spark.range(10).write.parquet("s3://{BUCKET}/out/")
"""


@pytest.fixture(autouse=True)
def _roles(aws: Aws, bucket: str) -> None:
    make_roles(aws)


def defaults(**properties: str) -> list[dict[str, object]]:
    """Return configurations of `spark-defaults`."""
    named = {name.replace("_", "."): value for name, value in properties.items()}
    return [{"classification": "spark-defaults", "properties": named}]


def test_a_run_starts_its_application(aws: Aws, endpoint: Connection) -> None:
    key = create(
        aws,
        runtimeConfiguration=defaults(
            spark_sql_shuffle_partitions="7", spark_desk_a="1", spark_desk_b="1"
        ),
        monitoringConfiguration=LOGS,
    )
    assert application(aws, key)["state"] == "CREATED"
    watched = {"enabled": True, "logStreamNamePrefix": "desk"}
    words = (
        "--conf spark.executor.instances=2 --conf spark.driver.cores=2 "
        "--conf spark.driver.memory=3g --conf 'spark.desk.b=3 4' "
        "--conf spark.emr-serverless.driverEnv.DAY=monday "
        "--conf spark.emr-serverless.executor.disk=30g"
    )
    run = start(
        aws,
        key,
        put(aws, "job.py", JOB),
        "x y",
        words=words,
        name="nightly",
        configurationOverrides={
            "applicationConfiguration": defaults(spark_desk_a="2"),
            "monitoringConfiguration": {"cloudWatchLoggingConfiguration": watched},
        },
    )
    found = ended(aws, key, run)
    said = text(aws, log_of(key, run, "stdout")).splitlines()
    assert found["state"] == "SUCCESS", said
    assert said == ["7 2 3 4 monday ['x y']", "to the other stream"]
    assert (found["name"], found["mode"]) == ("nightly", "BATCH")
    assert found["totalExecutionDurationSeconds"] == 60
    # a driver of 2 vCPU and 4 GB, two executors of 4 vCPU, 16 GB and 30 GB of disk
    assert found["totalResourceUtilization"] == {
        "vCPUHour": round(10 / 60, 3),
        "memoryGBHour": round(36 / 60, 3),
        "storageGBHour": round(80 / 60, 3),
    }
    billed = found["billedResourceUtilization"]
    assert billed["storageGBHour"] == round(20 / 60, 3)
    usage = {"vCPU": 10, "memory": 36, "storage": 20}
    for name, size in usage.items():
        (hours,) = charged(endpoint, f"EMR Serverless, {name}").values()
        assert hours == pytest.approx(size / 60, abs=1e-5)
    assert len([one for one in keys(aws, "out/") if "part-" in one]) == 2
    streams = aws("logs").get_log_events(
        logGroupName="/aws/emr-serverless",
        logStreamName=f"desk/applications/{key}/jobs/{run}/SPARK_DRIVER/stdout",
        startFromHead=True,
    )
    assert [one["message"] for one in streams["events"]] == said
    assert application(aws, key)["state"] == "STARTED"
    endpoint.control("POST", "clock", {"seconds": 16 * 60})
    assert application(aws, key)["state"] == "STOPPED"
    assert processes("emr-serverless-runs") == 0


def test_failures_are_told(aws: Aws) -> None:
    serverless = aws("emr-serverless")
    key = create(aws, maximumCapacity={"cpu": "16vCPU", "memory": "200GB"})
    script = put(aws, "raising.py", RAISING)
    small = "--conf spark.driver.cores=1 --conf spark.executor.cores=1"
    small += " --conf spark.driver.memory=1g --conf spark.executor.memory=1g"
    raising = start(aws, key, script, "a", words=small, clientToken="once")
    assert start(aws, key, script, words=small, clientToken="once") == raising
    found = ended(aws, key, raising)
    assert found["state"] == "FAILED"
    assert found["stateDetails"].endswith(
        "ExitCode: 1. Last few exceptions: ValueError: no day"
    )
    said = text(aws, log_of(key, raising, "stdout"))
    assert said.startswith("given ['a']\nTraceback (most recent call last):")
    driver = "--conf spark.driver.cores=16 --conf spark.driver.memory=32g"
    large = start(aws, key, script, words=driver)
    details = ended(aws, key, large)["stateDetails"]
    assert "MaxCapacityExceededException" in details
    assert "[cpu: 16vCPU, memory: 200GB]" in details
    failed = serverless.list_job_runs(applicationId=key, states=["FAILED"])["jobRuns"]
    assert [one["id"] for one in failed] == [large, raising]
    early = serverless.list_job_runs(
        applicationId=key, createdAtBefore="2026-01-01T00:00:00Z"
    )
    assert early["jobRuns"] == []
    allow(aws, {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"})
    denied = start(aws, key, script, words=small)
    assert "AccessDenied" in ended(aws, key, denied)["stateDetails"]
    assert "AccessDenied" in text(aws, log_of(key, denied, "stderr"))


def test_runs_are_cancelled_and_time_out(aws: Aws, endpoint: Connection) -> None:
    serverless = aws("emr-serverless")
    key = create(aws, autoStartConfiguration={"enabled": False})
    script = put(aws, "endless.py", ENDLESS)
    assert application(aws, key)["state"] == "CREATED"
    with pytest.raises(ClientError, match="does not start by itself"):
        start(aws, key, script)
    serverless.start_application(applicationId=key)
    assert application(aws, key)["state"] == "STARTED"
    first = start(aws, key, script)
    late = start(aws, key, script, executionTimeoutMinutes=10)
    third = start(aws, key, script)
    until(lambda: keys(aws, "begun"))
    until(lambda: state(aws, key, late)["state"] == "RUNNING")
    assert state(aws, key, first)["state"] == "RUNNING"
    assert state(aws, key, third)["state"] == "SCHEDULED"
    with pytest.raises(ClientError, match="must be completed or cancelled"):
        serverless.stop_application(applicationId=key)
    serverless.cancel_job_run(applicationId=key, jobRunId=third)
    serverless.cancel_job_run(applicationId=key, jobRunId=first)
    assert ended(aws, key, first)["state"] == "CANCELLED"
    assert ended(aws, key, third)["state"] == "CANCELLED"
    with pytest.raises(ClientError, match="has ended already: CANCELLED"):
        serverless.cancel_job_run(applicationId=key, jobRunId=first)
    endpoint.control("POST", "clock", {"seconds": 700})
    found = ended(aws, key, late)
    assert found["state"] == "CANCELLED"
    assert "executionTimeoutMinutes" in found["stateDetails"]
    assert 600 <= found["totalExecutionDurationSeconds"] <= 710
    until(lambda: processes("emr-serverless-runs") == 0)


def test_what_may_not_be_started(aws: Aws) -> None:
    key = create(aws)
    other = f"arn:aws:iam::123456789012:role/{PROFILE}"
    hive = {"jobDriver": {"hive": {"query": "select 1"}}}
    for members, message in (
        ({"executionRoleArn": other}, "Could not assume runtime role"),
        ({"executionTimeoutMinutes": 2}, "at least 5 minutes"),
        ({"words": "--conf 'a"}, "sparkSubmitParameters: No closing quotation"),
        ({"words": "--conf spark.driver.cores=3"}, "1, 2, 4, 8, 16 vCPU: 3"),
        (hive, "jobDriver.hive"),
        ({"mode": "STREAMING"}, "mode='STREAMING'"),
        ({"retryPolicy": {"maxAttempts": 2}}, "retryPolicy.maxAttempts"),
        ({"words": "--packages a:b:1"}, "--packages"),
    ):
        with pytest.raises(ClientError) as error:
            start(aws, key, f"s3://{BUCKET}/a.py", **members)
        assert message in str(error.value)
    runs = aws("emr-serverless").list_job_runs(applicationId=key)["jobRuns"]
    assert runs == []
    with pytest.raises(ClientError, match="JobRun 00f1 does not exist"):
        state(aws, key, "00f1")
