"""A Glue job: merge the flights with four tables, and mark what finds no partner."""

import json
import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

# Each table with its format, its key in the flights, and its own name for that key.
TABLES = {
    "weather": ("parquet", ["origin", "time_hour"], {}),
    "planes": ("json", ["tailnum"], {"year": "built"}),
    "airports": ("csv", ["dest"], {"faa": "dest", "name": "airport"}),
    "airlines": ("csv", ["carrier"], {"name": "airline"}),
}


def read(glue: GlueContext, source: str, name: str, kind: str) -> DataFrame:
    """Read the files of a table, whatever they are."""
    form = {"withHeader": True} if kind == "csv" else {}
    return glue.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [f"{source}/{name}/"], "recurse": True},
        format=kind,
        format_options=form,
        transformation_ctx=name,
    ).toDF()


def merge(flights: DataFrame, others: dict[str, DataFrame]) -> DataFrame:
    """Join each table to the flights, and keep the flights that find nothing.

    Returns:
        As many rows as flights; a column `has_<table>` says whether there was a row.
    """
    for name, table in others.items():
        _, key, _ = TABLES[name]
        new = [column for column in table.columns if column not in flights.columns]
        table = table.select(*key, *new).withColumn(f"has_{name}", F.lit(True))
        flights = flights.join(F.broadcast(table), key, "left")
    return flights.fillna(False, [f"has_{name}" for name in others])


def main() -> None:
    """Read five prefixes, write one."""
    args = getResolvedOptions(sys.argv, ["JOB_NAME", "source", "target"])
    glue = GlueContext(SparkContext.getOrCreate())
    job = Job(glue)
    job.init(args["JOB_NAME"], args)

    others = {}
    for name, (kind, _, names) in TABLES.items():
        table = read(glue, args["source"], name, kind)
        for old, new in names.items():
            table = table.withColumnRenamed(old, new)
        others[name] = table
    merged = merge(read(glue, args["source"], "flights", "parquet"), others).cache()
    merged.write.mode("overwrite").parquet(args["target"])

    lacking = [
        F.sum((~F.col(f"has_{name}")).cast("int")).alias(name) for name in others
    ]
    counted = merged.agg(F.count("*").alias("flights"), *lacking).first()
    print(json.dumps(counted.asDict()))
    job.commit()


if __name__ == "__main__":
    main()
