"""The recipe as a job of AWS Glue, with its DynamicFrame where that helps."""

import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import ApplyMapping
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

MAPPINGS = [
    ("id", "string", "id", "bigint"),
    ("origin", "string", "origin", "string"),
    ("distance", "string", "distance", "double"),
    ("pressure", "string", "pressure", "double"),
    ("wind_speed", "string", "wind", "double"),
    ("dep_delay", "string", "delay", "double"),
]


def main() -> None:
    """Read raw CSV, cook, write Parquet."""
    args = getResolvedOptions(sys.argv, ["JOB_NAME", "source", "target"])
    glue = GlueContext(SparkContext.getOrCreate())
    job = Job(glue)
    job.init(args["JOB_NAME"], args)

    raw = glue.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [args["source"]]},
        format="csv",
        format_options={"withHeader": True},
    )
    rows = ApplyMapping.apply(raw, mappings=MAPPINGS).toDF()
    rows = rows.dropna(subset=["delay"]).dropDuplicates()
    low, high, median = rows.agg(
        F.min("distance"), F.max("distance"), F.percentile("pressure", 0.5)
    ).first()
    rows = rows.fillna(median, ["pressure"])
    rows = rows.withColumn("distance", (F.col("distance") - low) / (high - low))
    for (airport,) in rows.select("origin").distinct().collect():
        is_it = (F.col("origin") == airport).cast("double")
        rows = rows.withColumn(f"origin_{airport}", is_it)
    cooked = DynamicFrame.fromDF(rows.drop("origin").coalesce(1), glue, "cooked")
    glue.write_dynamic_frame.from_options(
        cooked, "s3", {"path": args["target"]}, "parquet"
    )
    job.commit()


if __name__ == "__main__":
    main()
