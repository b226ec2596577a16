"""Files as frames: CSV, JSON, Parquet, ORC and Avro, as sources of AWS Glue."""

import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from pyspark import RDD
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql import types as spark

from localaws.glue_runtime import inference, records
from localaws.glue_runtime.choices import quoted, spark_type
from localaws.glue_runtime.inference import CHOICE
from localaws.glue_runtime.refusing import NotActingHere, only

Options = dict[str, Any]
FORMATS = ("csv", "json", "parquet", "glueparquet", "orc", "avro")
_CSV = {"separator", "withHeader", "quoteChar", "escaper", "multiLine", "multiline"}
_WHOLE = r"^\s*[+-]?\d+\s*$"
_WHOLES = ("tinyint", "smallint", "int", "integer", "bigint")


def truth(value: Any) -> bool:
    """Return an option that scripts give as a Boolean or as text."""
    return value is True or str(value).lower() == "true"


def empty(session: SparkSession) -> DataFrame:
    """Return a frame without records and without fields."""
    return session.createDataFrame([], spark.StructType([]))


def read(
    session: SparkSession, kind: str, paths: list[str], options: Options, base: str = ""
) -> tuple[DataFrame, tuple[RDD, ...]]:
    """Return the records of files, and those that are in error.

    Args:
        session: Spark's.
        kind: One of `FORMATS`.
        paths: The objects.
        options: As `format_options`.
        base: Folder below which folders such as `day=1` are columns.
    """
    if kind not in FORMATS:
        raise NotActingHere(f"format={kind!r}", "reads that format")
    reader = _reader(session, base)
    if kind == "csv":
        return _csv(reader, paths, options), ()
    if kind == "json":
        return _json(session, reader, paths, options)
    only(f"format {kind}", options, set())
    if kind == "avro":
        return _avro(session, paths), ()
    return reader.format("orc" if kind == "orc" else "parquet").load(_s3a(paths)), ()


def _reader(session: SparkSession, base: str) -> Any:
    return session.read.option("basePath", *_s3a([base])) if base else session.read


def _s3a(paths: list[str]) -> list[str]:
    return [f"s3a://{path.partition('://')[2]}" for path in paths]


def _csv(
    reader: Any, paths: list[str], options: Options, names: list[str] | None = None
) -> DataFrame:
    only("format csv", options, _CSV)
    header = truth(options.get("withHeader", False))
    quote = str(options.get("quoteChar", '"'))
    lines = options.get("multiLine", options.get("multiline", False))
    reader = (
        reader.option("header", header)
        .option("sep", options.get("separator", ","))
        .option("quote", "" if quote == "-1" else quote)
        .option("escape", options.get("escaper") or quote)
        .option("multiLine", truth(lines))
        .option("enforceSchema", names is not None)
    )
    if names is not None:
        every = [spark.StructField(name, spark.StringType()) for name in names]
        reader = reader.schema(spark.StructType(every))
    data = reader.csv(_s3a(paths))
    # Spark cannot tell an empty field from none; AWS Glue has an empty string
    blank = f.lit("")
    data = data.select(
        [f.coalesce(quoted(one), blank).alias(one) for one in data.columns]
    )
    if header or names is not None:
        return data
    renamed = [
        f"col{one[2:]}" if one[:2] == "_c" and one[2:].isdigit() else one
        for one in data.columns
    ]
    return data.toDF(*renamed)


def typed_csv(
    session: SparkSession,
    paths: list[str],
    options: Options,
    columns: list[tuple[str, str]],
    base: str,
) -> DataFrame:
    """Return a CSV of the Data Catalog: a value that has not its type is a choice."""
    reader = _reader(session, base)
    data = _csv(reader, paths, options, [name for name, _ in columns])
    kinds = {
        name: kind
        for name, kind in columns
        if kind != "string" and "<" not in kind and not kind.startswith("varchar")
    }
    tests = {name: _fits(name, kind) for name, kind in kinds.items()}
    if not tests:
        return data
    wrong = data.select(
        [f.max((~fits).cast("int")).alias(name) for name, (fits, _) in tests.items()]
    ).first()
    assert wrong is not None
    made = []
    for name in data.columns:
        column = f.col(quoted(name))
        if name in tests:
            fits, value = tests[name]
            one = "long" if kinds[name] == "bigint" else kinds[name]
            parts = f.struct(value.alias(one), f.when(~fits, column).alias("string"))
            marked = {CHOICE: [one, "string"]}
            choice = f.when(column != "", parts).alias(name, metadata=marked)
            column = choice if wrong[name] else value.alias(name)
        made.append(column)
    return data.select(made)


def _fits(name: str, kind: str) -> tuple[Any, Any]:
    column = f.col(quoted(name))
    value = column.cast(spark_type(kind))
    if kind in _WHOLES:
        value = f.when(column.rlike(_WHOLE), f.trim(column).cast(kind))
    return (column == "") | value.isNotNull(), value


def _parsed(lines: Iterable[str]) -> Iterator[tuple[Any, bool]]:
    for line in lines:
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError:
            yield None, False
            continue
        for one in found if isinstance(found, list) else [found]:
            yield (one, True) if isinstance(one, dict) else (None, False)


def _json(
    session: SparkSession, reader: Any, paths: list[str], options: Options
) -> tuple[DataFrame, tuple[RDD, ...]]:
    only("format json", options, {"multiline", "multiLine"})
    whole = truth(options.get("multiline", options.get("multiLine", False)))
    if whole:
        files = session.sparkContext.wholeTextFiles(",".join(_s3a(paths)))
        every = files.values().mapPartitions(_parsed)
        every = every.persist()
        good = every.filter(lambda one: one[1]).keys()
        return records.frame(session, good), (every.filter(lambda one: not one[1]),)
    text = reader.text(_s3a(paths))
    parsed = text.rdd.map(lambda row: row[0]).mapPartitions(_parsed)
    fields = inference.seen_of(parsed.keys().filter(lambda one: one is not None))
    bad = parsed.filter(lambda one: not one[1])
    partitions = [one for one in text.columns if one != "value"]
    simple = not any(map(inference.has_choice, fields.values()))
    if simple:
        found = reader.schema(_with(inference.schema(fields), text.schema))
        return found.option("mode", "DROPMALFORMED").json(_s3a(paths)), (bad,)
    rows = text.rdd.flatMap(
        lambda row: [
            (*inference.row(fields, one), *row[1:])
            for one, ok in _parsed([row[0]])
            if ok
        ]
    )
    schema = _with(inference.schema(fields), text.schema)
    assert len(schema) == len(fields) + len(partitions)
    return session.createDataFrame(rows, schema, verifySchema=False), (bad,)


def inferred(data: DataFrame, column: str) -> tuple[DataFrame, RDD]:
    """Return the records that a column holds as JSON, and those in error.

    Args:
        data: The frame; its other columns become fields of each record.
        column: The name.
    """

    def read(row: Any) -> list[tuple[Any, bool]]:
        more = {name: row[name] for name in row.__fields__ if name != column}
        return [
            ({**one, **more} if ok else None, ok) for one, ok in _parsed([row[column]])
        ]

    every = data.rdd.flatMap(read).persist()
    good = every.filter(lambda one: one[1]).keys()
    return records.frame(data.sparkSession, good), every.filter(lambda one: not one[1])


def _with(schema: spark.StructType, text: spark.StructType) -> spark.StructType:
    """Add the columns that folders are."""
    return spark.StructType([*schema, *[one for one in text if one.name != "value"]])


def _avro(session: SparkSession, paths: list[str]) -> DataFrame:
    files = session.sparkContext.binaryFiles(",".join(_s3a(paths)))
    return records.frame(session, files.values().flatMap(_avro_records))


def _avro_records(body: bytes) -> Iterator[dict[str, Any]]:
    import fastavro

    yield from fastavro.reader(io.BytesIO(body))
