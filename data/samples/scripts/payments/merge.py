"""Merge the tables of a bucket by Spark SQL, as a job of AWS Glue.

Arguments: --bucket, which has the tables below `raw/` and the queries `queries/*.sql`,
and --queries, their names with commas between them. The rows of a query go to
`out/<its name>/` as Parquet.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

TABLES = {
    "customers": ("csv", "customer_id string, tier string, since date"),
    "terminals": ("json", "terminal_id string, kind string, concourse string"),
    "payments": ("parquet", None),
    "receipts": ("parquet", None),
    "refunds": (
        "csv",
        "refund_id string, payment_id bigint, refunded_at timestamp, amount double",
    ),
}


def main() -> None:
    """Make a view of each table, run each query, write its rows."""
    args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket", "queries"])
    glue = GlueContext(SparkContext.getOrCreate())
    spark, job = glue.spark_session, Job(glue)
    job.init(args["JOB_NAME"], args)
    spark.conf.set("spark.sql.shuffle.partitions", 4)
    root = f"s3://{args['bucket']}"
    for name, (form, schema) in TABLES.items():
        reader = spark.read.option("header", True)
        reader = reader.schema(schema) if schema else reader
        view = reader.format(form).load(f"{root}/raw/{name}/")
        view.createOrReplaceTempView(name)
    for name in args["queries"].split(","):
        text = spark.read.text(f"{root}/queries/{name}.sql", wholetext=True)
        rows = spark.sql(text.first()[0])
        target = f"{root}/out/{name}/"
        rows.coalesce(1).write.mode("overwrite").parquet(target)
    job.commit()


main()
