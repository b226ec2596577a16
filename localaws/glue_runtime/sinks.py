"""Frames as files in S3, as sinks of AWS Glue write them."""

import io
import uuid
from collections.abc import Iterable
from typing import Any

from pyspark.sql import DataFrame, Row

from localaws.glue_runtime import objects, records
from localaws.glue_runtime.choices import choices, glue_type, plain
from localaws.glue_runtime.formats import FORMATS, truth
from localaws.glue_runtime.refusing import NotActingHere, only

_CSV = {"separator", "quoteChar", "escaper", "writeHeader"}
_PARQUET = {"compression", "useGlueParquetWriter"}
_AVRO = {
    "int": "int",
    "long": "long",
    "double": "double",
    "float": "float",
    "string": "string",
    "boolean": "boolean",
    "short": "int",
    "byte": "int",
    "binary": "bytes",
}


def write(
    data: DataFrame, kind: str, options: dict[str, Any], given: dict[str, Any]
) -> None:
    """Add files of a frame's records to a path.

    Args:
        data: The frame; of choices, structs are written.
        kind: The format.
        options: `connection_options`.
        given: `format_options`.
    """
    if kind not in FORMATS:
        raise NotActingHere(f"format={kind!r}", "writes that format")
    only("write connection_options", options, {"path", "partitionKeys", "compression"})
    if not data.columns:
        return
    path = f"s3a://{'/'.join(objects.split(options['path'])).rstrip('/')}/"
    if kind == "csv":
        found = list(choices(data.schema))
        if found:
            raise ValueError(f"CSV has no type for the choice {found[0]}: resolve it")
    if kind == "avro":
        only("format avro", given, set())
        only("write to avro", options, {"path"})
        _avro(plain(data), options["path"])
        return
    writer = plain(data).write.mode("append")
    if options.get("partitionKeys"):
        writer = writer.partitionBy(*options["partitionKeys"])
    compression = options.get("compression") or given.get("compression")
    if compression:
        writer = writer.option("compression", compression)
    if kind == "csv":
        only("format csv", given, _CSV)
        quote = str(given.get("quoteChar", '"'))
        writer.option("header", truth(given.get("writeHeader", True))).option(
            "sep", given.get("separator", ",")
        ).option("quote", "" if quote == "-1" else quote).option(
            "escape", given.get("escaper") or quote
        ).csv(path)
    elif kind == "json":
        only("format json", given, set())
        writer.json(path)
    elif kind == "orc":
        only("format orc", given, set())
        writer.orc(path)
    else:
        only(f"format {kind}", given, _PARQUET)
        writer.parquet(path)


def _avro(data: DataFrame, path: str) -> None:
    fields = []
    for field in data.schema.fields:
        name = glue_type(field.dataType)
        if name not in _AVRO:
            raise NotActingHere(f"the type {name} in an Avro file", "is written")
        fields.append({"name": field.name, "type": ["null", _AVRO[name]]})
    schema = {"type": "record", "name": "topLevelRecord", "fields": fields}
    bucket, key = objects.split(path)
    types = data.schema
    run = uuid.uuid4().hex

    def put(number: int, rows: Iterable[Row]) -> list[int]:
        import fastavro

        body = io.BytesIO()
        found = [records.record(row, types) for row in rows]
        if found:
            fastavro.writer(body, schema, found, codec="deflate")
            name = f"{key.rstrip('/')}/run-{run}-part-r-{number:05}.avro"
            objects.client("s3").put_object(
                Bucket=bucket, Key=name.lstrip("/"), Body=body.getvalue()
            )
        return [len(found)]

    data.rdd.mapPartitionsWithIndex(put).collect()
