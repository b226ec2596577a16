"""Glue's Spark jobs: a merge of five tables, and how a script fails."""

import io
from typing import Any

import pandas as pd
import pytest
from pyarrow import parquet

from tests.localaws.services.etl import (
    BUCKET,
    Aws,
    allow,
    became,
    done,
    ended,
    lines,
    make_job,
    make_role,
    needs_spark,
    ran,
    start,
)

pytestmark = needs_spark
BEGIN = """
import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
"""
MERGE = f"""{BEGIN}
args = getResolvedOptions(sys.argv, ["JOB_NAME", "TempDir"])
job = Job(glue)
job.init(args["JOB_NAME"], args)
tables = {{
    name: glue.create_dynamic_frame.from_catalog(database="desk", table_name=name)
    for name in ("flights", "weather", "planes", "airports", "airlines")
}}
planes = tables["planes"].select_fields(["tailnum", "seats"])
planes = planes.rename_field("tailnum", "plane").toDF()
airlines = tables["airlines"].rename_field("name", "airline").toDF()
airports = tables["airports"].rename_field("faa", "dest").toDF()
flights = tables["flights"].toDF()
merged = (
    flights.join(planes, flights.tailnum == planes.plane, "left")
    .join(tables["weather"].toDF(), ["origin", "hour"], "left")
    .join(airlines, "carrier", "left")
    .join(airports, "dest", "left")
)
glue.write_dynamic_frame.from_options(
    frame=DynamicFrame.fromDF(merged, glue, "merged"),
    connection_type="s3",
    connection_options={{"path": "s3://{BUCKET}/merged/", "partitionKeys": ["month"]}},
    format="parquet",
)
found = spark.read.parquet("s3://{BUCKET}/merged/")
print(found.count(), found.where("plane is null").count())
print(found.where("temp is null").count(), args["TempDir"])
job.commit()
"""


@pytest.fixture(autouse=True)
def _role(aws: Aws, bucket: str) -> None:
    make_role(aws)


def table(aws: Aws, name: str, rows: pd.DataFrame) -> None:
    """Put a table into the lake and the Data Catalog."""
    body = io.BytesIO()
    rows.to_parquet(body, index=False)
    aws("s3").put_object(Bucket=BUCKET, Key=f"{name}/a.parquet", Body=body.getvalue())
    kinds = {"int64": "bigint", "float64": "double"}
    columns = [
        {"Name": one, "Type": kinds.get(str(kind), "string")}
        for one, kind in rows.dtypes.items()
    ]
    aws("glue").create_table(
        DatabaseName="desk",
        TableInput={
            "Name": name,
            "Parameters": {"classification": "parquet"},
            "StorageDescriptor": {
                "Location": f"s3://{BUCKET}/{name}/",
                "Columns": columns,
            },
        },
    )


def test_five_tables_are_merged(aws: Aws) -> None:
    aws("glue").create_database(DatabaseInput={"Name": "desk"})
    count = 2000
    flights = pd.DataFrame(
        {
            "month": [1 + one % 12 for one in range(count)],
            "hour": [one % 24 for one in range(count)],
            "carrier": ["UA" if one % 2 else "AA" for one in range(count)],
            "tailnum": [f"N{one % 50}" for one in range(count)],
            "origin": ["JFK"] * count,
            "dest": ["BOS" if one % 3 else "MIA" for one in range(count)],
        }
    )
    table(aws, "flights", flights)
    numbers = range(40)
    planes = {"tailnum": [f"N{one}" for one in numbers], "seats": [*numbers]}
    table(aws, "planes", pd.DataFrame(planes))
    hours = range(20)
    weather = {
        "origin": ["JFK"] * 20,
        "hour": [*hours],
        "temp": [1.0 * one for one in hours],
    }
    table(aws, "weather", pd.DataFrame(weather))
    table(aws, "airports", pd.DataFrame({"faa": ["BOS", "MIA"], "lat": [42.4, 25.8]}))
    table(aws, "airlines", pd.DataFrame({"carrier": ["UA"], "name": ["United"]}))
    make_job(aws, MERGE, "glueetl", WorkerType="G.1X", NumberOfWorkers=2)
    run = done(aws, Arguments={"--TempDir": f"s3://{BUCKET}/tmp/"})
    no_plane = int((~flights.tailnum.isin(planes["tailnum"])).sum())
    no_weather = int((flights.hour >= 20).sum())
    assert lines(aws, run) == [
        f"{count} {no_plane}",
        f"{no_weather} s3://{BUCKET}/tmp/",
    ]
    assert lines(aws, run, "error") == []
    assert (run["MaxCapacity"], run["LogGroupName"]) == (2.0, "/aws-glue/jobs")
    found = aws("s3").list_objects_v2(Bucket=BUCKET, Prefix="merged/")["Contents"]
    keys = [one["Key"] for one in found if one["Key"].endswith(".parquet")]
    months = {key.split("/")[1] for key in keys}
    assert months == {f"month={month}" for month in range(1, 13)}
    assert not any("_temporary" in one["Key"] for one in found)
    bodies = [aws("s3").get_object(Bucket=BUCKET, Key=key)["Body"] for key in keys]
    rows = [
        parquet.ParquetFile(io.BytesIO(body.read())).metadata.num_rows
        for body in bodies
    ]
    assert sum(rows) == count


def test_an_exception_is_the_runs_error(aws: Aws) -> None:
    make_job(aws, "from pyspark.sql import SparkSession\n1 / 0\n", "glueetl")
    run = ran(aws)
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == (
        "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 2; "
        "ZeroDivisionError: division by zero"
    )
    assert lines(aws, run, "error")[-1] == "ZeroDivisionError: division by zero"


def test_a_missing_argument_is_an_invalid_one(aws: Aws) -> None:
    script = (
        "import sys\nfrom awsglue.utils import getResolvedOptions\n"
        "getResolvedOptions(sys.argv, ['JOB_NAME', 'day'])\n"
    )
    make_job(aws, script, "glueetl")
    assert ran(aws)["ErrorMessage"] == (
        "Error Category: INVALID_ARGUMENT_ERROR; Failed Line Number: 3; "
        "GlueArgumentError: the following arguments are required: --day"
    )


def test_a_role_without_s3_rights_is_denied(aws: Aws) -> None:
    aws("s3").put_object(Bucket=BUCKET, Key="in/a.json", Body=b'{"a": 1}\n')
    scripts = f"arn:aws:s3:::{BUCKET}/scripts/*"
    listed = f"arn:aws:s3:::{BUCKET}"
    allow(
        aws,
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": scripts},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": listed},
    )
    make_job(
        aws, f"{BEGIN}spark.read.json('s3://{BUCKET}/in/a.json').show()", "glueetl"
    )
    said = ran(aws)["ErrorMessage"]
    assert said.startswith("Error Category: PERMISSION_ERROR; Failed Line Number: 11")
    assert "AccessDenied" in said


def test_a_spark_job_can_be_stopped_and_takes_settings(aws: Aws) -> None:
    script = f"""{BEGIN}
print(spark.conf.get("spark.sql.shuffle.partitions"), spark.version, flush=True)
spark.range(10 ** 12).selectExpr("sum(id % 7)").show()
"""
    make_job(
        aws,
        script,
        "glueetl",
        DefaultArguments={
            "--conf": "spark.sql.shuffle.partitions=3 --conf spark.a.b=c"
        },
    )
    key = start(aws)
    became(aws, key, ("RUNNING",))
    heard: list[Any] = []
    while not heard:
        run = aws("glue").get_job_run(JobName="desk", RunId=key)["JobRun"]
        assert run["JobRunState"] == "RUNNING", run.get("ErrorMessage")
        heard = lines(aws, run)
    assert heard == ["3 3.5.6"]
    aws("glue").batch_stop_job_run(JobName="desk", JobRunIds=[key])
    assert ended(aws, key)["JobRunState"] == "STOPPED"
