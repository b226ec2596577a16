"""A streaming job of AWS Glue: flights and mean delay of each scheduled hour.

An hour is written when it is final: when the newest departure is later than its end
by the watermark. What comes for it after that is dropped.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

SCHEMA = "id BIGINT, origin STRING, scheduled TIMESTAMP, delay INT"


def hourly(departures: DataFrame, watermark: str) -> DataFrame:
    """Aggregate each airport's hours, every departure once."""
    return (
        departures.dropna()
        .withWatermark("scheduled", watermark)
        .dropDuplicates(["id", "scheduled"])
        .groupBy("origin", F.window("scheduled", "1 hour"))
        .agg(F.count("*").alias("flights"), F.avg("delay").alias("delay"))
        .select("origin", F.col("window.start").alias("hour"), "flights", "delay")
    )


def main() -> None:
    """Read the stream until the job is stopped."""
    names = ["JOB_NAME", "stream", "target", "watermark"]
    args = getResolvedOptions(sys.argv, names)
    glue = GlueContext(SparkContext.getOrCreate())
    glue.spark_session.conf.set("spark.sql.shuffle.partitions", "1")
    job = Job(glue)
    job.init(args["JOB_NAME"], args)

    departures = glue.create_data_frame.from_options(
        connection_type="kinesis",
        connection_options={
            "typeOfData": "kinesis",
            "streamARN": args["stream"],
            "startingPosition": "TRIM_HORIZON",
            "classification": "json",
            "schema": SCHEMA,
            "inferSchema": "false",
        },
    )

    def write(hours: DataFrame, number: int) -> None:
        hours.write.mode("append").parquet(f"{args['target']}/hours/")

    glue.forEachBatch(
        frame=hourly(departures, args["watermark"]),
        batch_function=write,
        options={
            "windowSize": "60 seconds",
            "checkpointLocation": f"{args['target']}/checkpoint/",
        },
    )
    job.commit()


if __name__ == "__main__":
    main()
