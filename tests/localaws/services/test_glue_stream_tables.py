"""A streaming job over a table of the Data Catalog: windows, sinks, a kill."""

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from pyarrow import parquet

from localaws import daemon
from tests.localaws.faults.killing import again, running
from tests.localaws.faults.test_glue_restart import children
from tests.localaws.services import kinesis_face as kinesis
from tests.localaws.services.etl import (
    BUCKET,
    ended,
    make_job,
    make_role,
    needs_spark,
    start,
    until,
)
from tests.localaws.services.test_glue_spark import BEGIN

pytestmark = needs_spark
GRACE = 20
SCRIPT = f"""{BEGIN}
from pyspark.sql import functions as f
clicks = glue.create_data_frame.from_catalog(
    database="desk", table_name="clicks",
    additional_options={{"startingPosition": "earliest", "addRecordTimestamp": "true"}})
print(clicks.dtypes, flush=True)
counted = (
    clicks.withWatermark("at", "30 seconds")
    .groupBy(f.window("at", "1 minute"), "who").agg(f.sum("n").alias("n"))
    .select(f.date_format("window.start", "HH:mm").alias("minute"), "who", "n"))
out = counted.writeStream.format("parquet").option("path", "s3://{BUCKET}/counted/")
out = out.option("checkpointLocation", "s3://{BUCKET}/points/counted/")
out.trigger(availableNow=True).start().awaitTermination()
def tell(data, number):
    print(number, [(row.who, row.n) for row in data.collect()], flush=True)
seen = clicks.writeStream.foreachBatch(tell)
seen = seen.option("checkpointLocation", "s3://{BUCKET}/points/seen/").start()
seen.awaitTermination()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of an endpoint of the test's own."""
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    daemon.stop()


def make_table(glue: Any) -> None:
    """Describe the stream in the Data Catalog, as AWS Glue's console does."""
    columns = [("at", "timestamp"), ("who", "string"), ("n", "int")]
    glue.create_database(DatabaseInput={"Name": "desk"})
    glue.create_table(
        DatabaseName="desk",
        TableInput={
            "Name": "clicks",
            "Parameters": {"classification": "csv"},
            "StorageDescriptor": {
                "Columns": [{"Name": name, "Type": kind} for name, kind in columns],
                "Location": "orders",
                "Parameters": {
                    "endpointUrl": "https://kinesis.us-east-1.amazonaws.com",
                    "streamName": "orders",
                    "typeOfData": "kinesis",
                },
            },
        },
    )


def test_windows_and_a_kill(home: Path) -> None:
    aws = boto3.client
    with running() as endpoint:
        aws("s3").create_bucket(Bucket=BUCKET)
        make_role(aws, {"Effect": "Allow", "Action": "*", "Resource": "*"})
        make_table(aws("glue"))
        client = kinesis.stream(aws)
        for line in ("08:00:10,a,1", "08:00:50,b,2", "08:00:55,a,4", "08:02:00,a,8"):
            kinesis.put(client, f"2026-01-05 {line}".encode())
        make_job(aws, SCRIPT, "gluestreaming", WorkerType="G.025X", NumberOfWorkers=2)
        # Spark keeps the state of each partition in files of its own
        key = start(aws, Arguments={"--conf": "spark.sql.shuffle.partitions=1"})
        told = until(aws, key, 1)
        types = "[('at', 'timestamp'), ('who', 'string'), ('n', 'int'), "
        assert told[0] == f"{types}('__src_timestamp', 'timestamp')]"
        kinesis.put(client, b"2026-01-05 08:03:00,c,16", b"no click")
        until(aws, key, 2)
        kinesis.put(client, b"2026-01-05 08:03:00,d,32")
        endpoint.control("POST", "clock", {"seconds": 5})
        told = until(aws, key, 3)
        assert told[1:] == [
            "0 [('a', 1), ('b', 2), ('a', 4), ('a', 8), ('c', 16), (None, None)]",
            "1 [('d', 32)]",
        ]
        s3 = aws("s3")
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix="counted/")["Contents"]
        rows = [
            row
            for one in found
            if one["Key"].endswith(".parquet")
            for row in _rows(s3, one["Key"])
        ]
        # the minute of 08:02 is not over: the watermark is 08:01:30
        assert sorted(rows) == [("08:00", "a", 5), ("08:00", "b", 2)]
        assert children(home)
        again()
        run = ended(aws, key)
        assert (run["JobRunState"], "restarted" in run["ErrorMessage"]) == (
            "FAILED",
            True,
        )
        end = time.monotonic() + GRACE
        while children(home):
            assert time.monotonic() < end, "processes of the run are left"
            time.sleep(0.05)


def _rows(s3: Any, key: str) -> list[tuple[str, str, int]]:
    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    found = parquet.read_table(io.BytesIO(body)).to_pylist()
    return [(row["minute"], row["who"], row["n"]) for row in found]
