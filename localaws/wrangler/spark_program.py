"""What runs beside Spark: `python spark_program.py FD` answers into a descriptor.

It imports nothing of this package: Spark's environment has none of its libraries.
"""

import json
import os
import sys
import traceback
from typing import Any

_CODE = "<custom transform>"


def main(answers: int) -> None:
    """Run each request of the standard input until it ends."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    with os.fdopen(answers, "w") as out:
        for line in sys.stdin:
            out.write(json.dumps(_run(spark, json.loads(line))) + "\n")
            out.flush()
    spark.stop()


def _run(spark: Any, asked: dict[str, Any]) -> dict[str, str]:
    from pyspark.sql import DataFrame

    scope: dict[str, Any] = {"spark": spark, "df": _read(spark, asked)}
    try:
        exec(compile(asked["code"], _CODE, "exec"), scope)
        result = scope.get("df")
        if not isinstance(result, DataFrame):
            found = type(result).__name__
            return {"error": f"the code must leave a DataFrame in df; found {found}"}
        result.write.parquet(asked["made"])
    except Exception as error:
        print(traceback.format_exc(), flush=True)
        return {"error": f"{type(error).__name__}: {_told(error)}{_where(error)}"}
    return {}


def _read(spark: Any, asked: dict[str, Any]) -> Any:
    from pyspark.ml.linalg import Vectors, VectorUDT
    from pyspark.sql import functions

    def restored(value: Any) -> Any:
        if value is None:
            return None
        if value["type"] == 1:
            return Vectors.dense(value["values"])
        return Vectors.sparse(value["size"], value["indices"], value["values"])

    frame = spark.read.parquet(asked["given"])
    vector = functions.udf(restored, VectorUDT())
    for name in asked["vectors"]:
        frame = frame.withColumn(name, vector(frame[f"`{name}`"]))
    return frame


def _told(error: Exception) -> str:
    """Return the first line of what Spark says; the rest is a plan or Java's trace."""
    return str(error).partition("\n")[0].removesuffix(";")


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [entry.lineno for entry in frames if entry.filename == _CODE]
    return f" in line {lines[-1]} of the code" if lines else ""


if __name__ == "__main__":
    main(int(sys.argv[1]))
