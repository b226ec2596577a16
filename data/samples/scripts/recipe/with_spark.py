"""The recipe as an application of Apache Spark, for Amazon EMR."""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

SCHEMA = """id BIGINT, origin STRING, distance DOUBLE, pressure DOUBLE,
    wind_speed DOUBLE, dep_delay DOUBLE"""


def main(source: str, target: str) -> None:
    """Read raw CSV, cook, write Parquet."""
    spark = SparkSession.builder.appName("recipe").getOrCreate()
    rows = spark.read.csv(source, schema=SCHEMA, header=True, enforceSchema=False)
    rows = rows.withColumnsRenamed({"wind_speed": "wind", "dep_delay": "delay"})
    rows = rows.dropna(subset=["delay"]).dropDuplicates()
    low, high, median = rows.agg(
        F.min("distance"), F.max("distance"), F.percentile("pressure", 0.5)
    ).first()
    rows = rows.fillna(median, ["pressure"])
    rows = rows.withColumn("distance", (F.col("distance") - low) / (high - low))
    for (airport,) in rows.select("origin").distinct().collect():
        is_it = (F.col("origin") == airport).cast("double")
        rows = rows.withColumn(f"origin_{airport}", is_it)
    rows.drop("origin").coalesce(1).write.mode("overwrite").parquet(target)
    print(f"{rows.count()} rows, pressure filled with {median}")


if __name__ == "__main__":
    main(*sys.argv[1:])
