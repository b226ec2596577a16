"""Rows of a query as the files of a table."""

import json
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
from pyarrow import compute, orc, parquet

from localaws.lake.errors import QueryError
from localaws.lake.hive import hive_type
from localaws.lake.rendering import text
from localaws.lake.scans import NULL_PARTITION

_MOST_PARTITIONS = 100
_AVRO = {"int32": "int", "int64": "long", "float": "float", "double": "double"}
_AVRO |= {"bool": "boolean", "string": "string", "binary": "bytes"}


def write(
    rows: pa.Table, types: list[str], order: dict[str, Any], folder: Path
) -> dict[str, Any]:
    """Write rows, by partition, and tell what there is.

    Args:
        rows: The query's rows.
        types: DuckDB's types of their columns.
        order: As `Plan.write`.
        folder: Where the files go.

    Returns:
        columns and keys (name and catalog's type), files (path below the folder, and
        the values of its partition), rows.

    Raises:
        QueryError: There are too many partitions, or a partition column is missing.
    """
    names = [name.lower() for name in rows.schema.names]
    rows = rows.rename_columns(names)
    kinds = [[name, hive_type(kind)] for name, kind in zip(names, types, strict=True)]
    keys = [key.lower() for key in order.get("partitioned_by") or []]
    if keys != names[len(names) - len(keys) :]:
        raise QueryError(
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in "
            "the table and in the same order as the table properties: "
            f"[{', '.join(keys)}]"
        )
    parts = _parts(rows, keys)
    if len(parts) > _MOST_PARTITIONS:
        raise QueryError(
            "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for "
            "partitions/buckets",
            1001,
        )
    files = []
    for number, (values, part) in enumerate(parts):
        below = folder / str(number)
        below.mkdir(parents=True)
        path = below / "part"
        _WRITERS[order["format"]](part.drop_columns(keys), path, order)
        files.append({"path": str(path.relative_to(folder)), "values": values})
    split = len(kinds) - len(keys)
    return {
        "columns": kinds[:split],
        "keys": kinds[split:],
        "files": files,
        "rows": rows.num_rows,
    }


def _parts(rows: pa.Table, keys: list[str]) -> list[tuple[list[str], pa.Table]]:
    if not keys:
        return [([], rows)]
    parts = []
    for found in rows.select(keys).group_by(keys).aggregate([]).to_pylist():
        mask = None
        for key, value in found.items():
            column = rows[key]
            test = (
                compute.is_null(column)
                if value is None
                else compute.equal(column, pa.scalar(value, column.type))
            )
            mask = test if mask is None else compute.and_(mask, test)
        values = [
            NULL_PARTITION if value is None else str(text(value))
            for value in found.values()
        ]
        parts.append((values, rows.filter(mask)))
    return sorted(parts, key=lambda part: part[0])


def _parquet(rows: pa.Table, path: Path, order: dict[str, Any]) -> None:
    parquet.write_table(rows, path, compression=order["compression"].lower())


def _orc(rows: pa.Table, path: Path, order: dict[str, Any]) -> None:
    codec = order["compression"].lower()
    orc.write_table(
        rows, path, compression="uncompressed" if codec == "none" else codec
    )


def _json(rows: pa.Table, path: Path, order: dict[str, Any]) -> None:
    lines = (json.dumps(row, default=text) + "\n" for row in rows.to_pylist())
    _compressed("".join(lines), path, order)


def _text(rows: pa.Table, path: Path, order: dict[str, Any]) -> None:
    delimiter = order.get("delimiter") or "\x01"
    lines = (
        delimiter.join(r"\N" if v is None else str(text(v)) for v in row.values())
        + "\n"
        for row in rows.to_pylist()
    )
    _compressed("".join(lines), path, order)


def _avro(rows: pa.Table, path: Path, order: dict[str, Any]) -> None:
    fields = []
    for field in rows.schema:
        kind = _AVRO.get(str(field.type))
        if kind is None:
            raise QueryError(f"HIVE_WRITER_OPEN_ERROR: {field.type} in Avro", 1001)
        fields.append({"name": field.name, "type": ["null", kind], "default": None})
    schema = {"type": "record", "name": "hive_record", "fields": fields}
    codec = {"none": "null", "gzip": "deflate"}.get(order["compression"].lower())
    with path.open("wb") as file:
        fastavro.writer(file, schema, rows.to_pylist(), codec=codec or "snappy")


def _compressed(body: str, path: Path, order: dict[str, Any]) -> None:
    codec = order["compression"].lower()
    with pa.output_stream(path, compression=None if codec == "none" else codec) as to:
        to.write(body.encode())


_WRITERS = {
    "parquet": _parquet,
    "orc": _orc,
    "json": _json,
    "textfile": _text,
    "avro": _avro,
}
