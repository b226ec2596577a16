"""The recipe of lab 1.2 as a job of AWS Glue: what the other tools have to equal."""

import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import ApplyMapping
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

MAPPINGS = [
    ("application", "string", "application", "bigint"),
    ("homeownership", "string", "homeownership", "string"),
    ("annual_income", "string", "income", "double"),
    ("debt_to_income", "string", "debt", "double"),
    ("emp_length", "string", "emp_length", "double"),
    ("loan_amount", "string", "loan_amount", "double"),
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
    rows = rows.dropna(subset=["debt"]).dropDuplicates()
    low, high, median = rows.agg(
        F.min("loan_amount"), F.max("loan_amount"), F.percentile("emp_length", 0.5)
    ).first()
    rows = rows.fillna(median, ["emp_length"])
    rows = rows.withColumn("loan_amount", (F.col("loan_amount") - low) / (high - low))
    for (home,) in rows.select("homeownership").distinct().collect():
        is_it = (F.col("homeownership") == home).cast("double")
        rows = rows.withColumn(f"homeownership_{home}", is_it)
    cooked = DynamicFrame.fromDF(rows.drop("homeownership").coalesce(1), glue, "cooked")
    glue.write_dynamic_frame.from_options(
        cooked, "s3", {"path": args["target"]}, "parquet"
    )
    job.commit()


if __name__ == "__main__":
    main()
