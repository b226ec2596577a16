"""Records as dictionaries: what functions of a script see, and what they return."""

import datetime as dt
import decimal
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyspark import RDD
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import types as spark

from localaws.glue_runtime import inference
from localaws.glue_runtime.choices import is_choice

Function = Callable[["DynamicRecord"], Any]


class DynamicRecord(dict[str, Any]):
    """One record, as a function of a script sees it."""


def record(row: Row | None, schema: spark.StructType) -> DynamicRecord | None:
    """Return a row as a dictionary; of a choice, the value."""
    if row is None:
        return None
    return DynamicRecord(
        (field.name, _value(value, field))
        for field, value in zip(schema.fields, row, strict=True)
    )


def _value(value: Any, field: spark.StructField) -> Any:
    if value is None:
        return None
    kind = field.dataType
    if is_choice(field):
        found = (
            _value(item, one)
            for one, item in zip(kind.fields, value, strict=True)
            if item is not None
        )
        return next(found, None)
    if isinstance(kind, spark.StructType):
        return record(value, kind)
    if isinstance(kind, spark.ArrayType):
        element = spark.StructField("element", kind.elementType)
        return [_value(item, element) for item in value]
    return value


def shown(found: DynamicRecord | None) -> str:
    """Return a record as DynamicFrame.show prints it."""

    def plain(value: Any) -> Any:
        if isinstance(value, decimal.Decimal):
            return float(value)
        return value.isoformat() if isinstance(value, dt.date) else str(value)

    return json.dumps(found, default=plain)


def records(data: DataFrame) -> RDD:
    """Return a frame's records."""
    schema = data.schema
    return data.rdd.map(lambda row: record(row, schema))


def frame(session: SparkSession, found: RDD) -> DataFrame:
    """Return a frame of records, with the types that they have."""
    found = found.persist()
    fields = inference.seen_of(found)
    rows = found.map(lambda one: inference.row(fields, one))
    return session.createDataFrame(rows, inference.schema(fields), verifySchema=False)


def kept(data: DataFrame, chosen: Function) -> tuple[DataFrame, RDD]:
    """Return the records that a function chooses, and those that it fails on."""
    schema = data.schema

    def judged(rows: Iterable[Row]) -> Iterator[tuple[Row, bool | None]]:
        for row in rows:
            try:
                yield row, bool(chosen(record(row, schema)))
            except Exception as error:
                print(f"filter: {type(error).__name__}: {error}")
                yield row, None

    every = data.rdd.mapPartitions(judged).persist()
    good = every.filter(lambda one: one[1]).map(lambda one: one[0])
    bad = every.filter(lambda one: one[1] is None)
    made = data.sparkSession.createDataFrame(good, schema, verifySchema=False)
    return made, bad


def mapped(data: DataFrame, made: Function) -> tuple[DataFrame, RDD]:
    """Return what a function makes of each record, and what it fails on."""
    schema = data.schema

    def tried(rows: Iterable[Row]) -> Iterator[tuple[Any, bool]]:
        for row in rows:
            try:
                answer = made(record(row, schema))
                inference.look({}, answer)
                yield dict(answer), True
            except Exception as error:
                print(f"map: {type(error).__name__}: {error}")
                yield None, False

    every = data.rdd.mapPartitions(tried).persist()
    good = every.filter(lambda one: one[1]).map(lambda one: one[0])
    return frame(data.sparkSession, good), every.filter(lambda one: not one[1])
