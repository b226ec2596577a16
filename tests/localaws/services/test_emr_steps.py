"""Steps of Amazon EMR: Spark that really runs, its logs, and how it fails."""

import io
import socket
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pyarrow import parquet

from localaws.daemon import Connection
from tests.localaws.services.emr_face import (
    BUCKET,
    ENDLESS,
    PATIENCE,
    RAISING,
    Aws,
    add,
    allow,
    ended,
    keys,
    log,
    machines,
    make_roles,
    needs_spark,
    processes,
    put,
    ready,
    run,
    status,
    step,
    step_status,
    text,
    until,
)

pytestmark = needs_spark
JOB = f"""
import sys
from pyspark.sql import SparkSession, functions as f
from doubling import twice
spark = SparkSession.builder.appName("desk").getOrCreate()
conf = spark.conf
print(sys.argv[1:], spark.version)
print(conf.get("spark.sql.shuffle.partitions"), conf.get("spark.desk.day"))
flights = spark.read.csv("s3://{BUCKET}/in/", header=True, inferSchema=True)
delays = flights.groupBy("carrier").agg(f.sum("delay").alias("delay"))
delays = delays.withColumn("delay", f.udf(twice, "int")("delay"))
delays.coalesce(1).write.parquet("s3://{BUCKET}/out/parquet/")
delays.write.orc("s3a://{BUCKET}/out/orc/")
delays.write.json("s3://{BUCKET}/out/json/")
print(spark.read.orc("s3://{BUCKET}/out/orc/").count())
for _ in range(2):
    stream = spark.readStream.schema(flights.schema).option("header", True)
    late = stream.csv("s3://{BUCKET}/in/").where("delay > 5")
    sink = late.writeStream.option("checkpointLocation", "s3://{BUCKET}/state/")
    sink.trigger(availableNow=True).start("s3://{BUCKET}/late/").awaitTermination()
print(spark.read.parquet("s3://{BUCKET}/late/").count())
try:
    spark.read.json("s3://closed/").show()
except Exception as error:
    print("AccessDenied" in str(error), "closed" in str(error))
"""
DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::closed*"}
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


@pytest.fixture(autouse=True)
def _roles(aws: Aws, bucket: str) -> None:
    make_roles(aws)


def test_a_script_of_spark_runs(aws: Aws) -> None:
    emr = aws("emr")
    allow(aws, ALLOW, DENY)
    aws("s3").create_bucket(Bucket="closed")
    aws("s3").put_object(Bucket="closed", Key="a.json", Body=b"{}")
    put(aws, "in/a.csv", "carrier,delay\nUA,3\nAA,9\nUA,30\n")
    library = put(aws, "doubling.py", "def twice(x):\n    return 2 * x\n")
    words = ("--deploy-mode", "client", "--conf", "spark.desk.day=a b")
    words += ("--master", "yarn", "--py-files", library, put(aws, "job.py", JOB))
    settings = {"spark.sql.shuffle.partitions": "3", "spark.desk.day": "none"}
    defaults = [{"Classification": "spark-defaults", "Properties": settings}]
    key = run(
        aws,
        Instances=machines(keep=False),
        Configurations=defaults,
        Steps=[step(*words, "x", "--day=1")],
    )
    (found,) = emr.list_steps(ClusterId=key)["Steps"]
    assert found["Status"]["State"] == "PENDING"
    done = ended(aws, key, found["Id"])
    assert done["State"] == "COMPLETED", log(aws, key, found["Id"], "stdout")
    line = done["Timeline"]
    assert (line["EndDateTime"] - line["StartDateTime"]).total_seconds() == 60
    assert log(aws, key, found["Id"], "stdout").splitlines() == [
        "['x', '--day=1'] 3.5.6",
        "3 a b",
        "2",
        "2",
        "True True",
    ]
    assert "Traceback" not in log(aws, key, found["Id"], "stderr")
    assert log(aws, key, found["Id"], "controller").endswith(
        "INFO Step succeeded with exitCode 0 and took 60 seconds\n"
    )
    (name,) = [one for one in keys(aws, "out/parquet/") if one.endswith(".parquet")]
    body = aws("s3").get_object(Bucket=BUCKET, Key=name)["Body"].read()
    rows = parquet.read_table(io.BytesIO(body)).to_pylist()
    assert {one["carrier"]: one["delay"] for one in rows} == {"UA": 66, "AA": 18}
    assert any(one.endswith(".json") for one in keys(aws, "out/json/"))
    assert keys(aws, "state/commits/") == ["state/commits/0"]
    emr.get_waiter("cluster_terminated").wait(ClusterId=key)
    assert status(aws, key)["StateChangeReason"]["Code"] == "ALL_STEPS_COMPLETED"
    assert processes("emr-steps") == 0


def test_failures_are_told(aws: Aws) -> None:
    script = put(aws, "raising.py", RAISING)
    key = ready(aws, StepConcurrencyLevel=2)
    found = add(
        aws,
        key,
        step(script, "a b"),
        step("--deploy-mode", "cluster", script),
        step(f"s3://{BUCKET}/none.py"),
        step("--colour", "red", script),
    )
    states = [ended(aws, key, one) for one in found]
    assert [one["State"] for one in states] == ["FAILED"] * 4
    folder = f"s3://{BUCKET}/logs/{key}/steps"
    details = [one["FailureDetails"] for one in states]
    assert details[0] == {
        "Reason": "Unknown Error.",
        "Message": "ValueError: no day",
        "LogFile": f"{folder}/{found[0]}/stdout.gz",
    }
    said = log(aws, key, found[0], "stdout").splitlines()
    assert said[0] == "given ['a b']"
    assert said[2] == '  File "/tmp/spark-app/raising.py", line 3, in <module>'
    assert "WARN Step failed with exitCode 1" in log(aws, key, found[0], "controller")
    assert "finished with failed status" in details[1]["Message"]
    assert "final status: FAILED" in log(aws, key, found[1], "stderr")
    (name,) = [one for one in keys(aws, f"logs/{key}/containers/") if "stdout" in one]
    assert text(aws, name).splitlines()[-1] == "ValueError: no day"
    assert details[2]["Message"].startswith('Exception in thread "main" ')
    assert "No such file or directory" in details[2]["Message"]
    assert details[2]["LogFile"] == f"{folder}/{found[2]}/stderr.gz"
    assert details[3]["Message"] == "Error: Unrecognized option: --colour"
    assert status(aws, key)["State"] == "WAITING"
    failed = aws("emr").list_steps(ClusterId=key, StepStates=["FAILED"])["Steps"]
    assert [one["Id"] for one in failed] == found[::-1]


def test_a_role_without_rights_ends_the_cluster(aws: Aws) -> None:
    logs = f"arn:aws:s3:::{BUCKET}/logs/*"
    allow(aws, {"Effect": "Allow", "Action": "s3:PutObject", "Resource": logs})
    script = put(aws, "job.py", "print(1)\n")
    key = ready(aws, Steps=[step(script, action="TERMINATE_CLUSTER"), step(script)])
    last, first = aws("emr").list_steps(ClusterId=key)["Steps"]
    found = ended(aws, key, first["Id"])
    assert found["State"] == "FAILED"
    assert "AccessDenied" in found["FailureDetails"]["Message"]
    assert "AccessDenied" in log(aws, key, first["Id"], "stderr")
    assert step_status(aws, key, last["Id"])["State"] == "CANCELLED"
    until(lambda: status(aws, key)["State"] == "TERMINATED_WITH_ERRORS")
    assert status(aws, key)["StateChangeReason"]["Code"] == "STEP_FAILURE"


def test_an_error_of_head_has_no_body(endpoint: Connection) -> None:
    place, heard = ("127.0.0.1", endpoint.port), b""
    with socket.create_connection(place, timeout=PATIENCE) as found:
        for method in (b"HEAD", b"GET"):
            host = f"Host: 127.0.0.1:{endpoint.port}".encode()
            found.sendall(method + b" /a/b HTTP/1.1\r\n" + host + b"\r\n\r\n")
        while heard.count(b"HTTP/1.1 403") < 2:
            heard += found.recv(65_536)
    _, _, rest = heard.partition(b"\r\n\r\n")
    assert rest.startswith(b"HTTP/1.1 403")


def test_steps_are_cancelled(aws: Aws) -> None:
    emr = aws("emr")
    script = put(aws, "endless.py", ENDLESS)
    key = ready(aws)
    first, second, third = add(aws, key, step(script), step(script), step(script))
    until(lambda: keys(aws, "begun"))
    assert step_status(aws, key, first)["State"] == "RUNNING"
    assert processes("emr-steps") > 1
    found = emr.cancel_steps(ClusterId=key, StepIds=[second, first])
    assert [one["Status"] for one in found["CancelStepsInfoList"]] == ["SUBMITTED"] * 2
    assert ended(aws, key, first)["State"] == "CANCELLED"
    assert step_status(aws, key, second)["State"] == "CANCELLED"
    again = emr.cancel_steps(ClusterId=key, StepIds=[first])
    (refused,) = again["CancelStepsInfoList"]
    assert refused["Status"] == "FAILED"
    assert "CANCELLED" in refused["Reason"]
    until(lambda: step_status(aws, key, third)["State"] == "RUNNING")
    emr.terminate_job_flows(JobFlowIds=[key])
    until(lambda: step_status(aws, key, third)["State"] == "INTERRUPTED")
    until(lambda: processes("emr-steps") == 0)


def test_commands_that_do_not_act_are_refused(aws: Aws) -> None:
    submit, script = "spark-submit", "s3://b/a.py"
    for words, name in (
        (["s3-dist-cp", "--src", "a"], "'s3-dist-cp'"),
        (["hive-script"], "'hive-script'"),
        ([submit, "--packages", "a:b:1", script], "--packages"),
        ([submit, "--class", "Main", "s3://b/a.jar"], "--class"),
        ([submit, "s3://b/a.jar"], "s3://b/a.jar"),
        ([submit, "--conf=spark.jars.packages=a:b:1", script], "spark.jars.packages"),
        (
            [submit, "-c", "spark.yarn.appMasterEnv.PYSPARK_PYTHON=a", script],
            "PYSPARK_PYTHON",
        ),
    ):
        jar = {"Jar": "command-runner.jar", "Args": words}
        with pytest.raises(ClientError, match="NotImplementedInLocal") as error:
            run(aws, Steps=[{"Name": "step", "HadoopJarStep": jar}])
        assert name in str(error.value)


def test_what_may_not_be_added(aws: Aws) -> None:
    emr, key = aws("emr"), ready(aws)
    other: dict[str, Any] = {"Jar": "s3://b/a.jar"}
    role = "arn:aws:iam::123456789012:role/other"
    with pytest.raises(ClientError, match=r"Jar='s3://b/a\.jar'"):
        add(aws, key, step(HadoopJarStep=other))
    with pytest.raises(ClientError, match="ExecutionRoleArn"):
        emr.add_job_flow_steps(
            JobFlowId=key, Steps=[step("s3://b/a.py")], ExecutionRoleArn=role
        )
    emr.modify_cluster(ClusterId=key, StepConcurrencyLevel=4)
    found = emr.describe_cluster(ClusterId=key)["Cluster"]
    assert found["StepConcurrencyLevel"] == 4
    with pytest.raises(ClientError, match="must be CONTINUE"):
        add(aws, key, step("s3://b/a.py", action="CANCEL_AND_WAIT"))
    assert emr.list_steps(ClusterId=key)["Steps"] == []
    with pytest.raises(ClientError, match="Step id 's-1' is not valid"):
        emr.describe_step(ClusterId=key, StepId="s-1")
