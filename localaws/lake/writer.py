"""Rows of a query as the files of a table."""

from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pyarrow as pa
from fastavro.write import Writer
from pyarrow import compute, orc, parquet

from localaws.lake.columnar_files import load_avro
from localaws.lake.errors import QueryError
from localaws.lake.hive import hive_type
from localaws.lake.rendering import text
from localaws.lake.scans import NULL_PARTITION
from localaws.lake.sql_text import quoted

_MOST_PARTITIONS = 100
MEMORY = "1GB"
# Types of Arrow that have one in Avro which Athena reads back.
_AVRO = {"int32", "int64", "float", "double", "bool", "string", "binary", "date32[day]"}


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


def _copy(rows: pa.Table, path: Path, options: str, avro: bool = False) -> None:
    con = duckdb.connect(config={"memory_limit": MEMORY, "threads": 2})
    con.execute("SET TimeZone = 'UTC'")
    if avro:
        load_avro(con)
    con.register("rows", rows)
    con.execute(f"COPY rows TO {quoted(str(path))} ({options})")
    con.close()


def _json(rows: pa.Table, path: Path, order: dict[str, Any]) -> None:
    _copy(rows, path, f"FORMAT json, COMPRESSION {order['compression']}")


def _text(rows: pa.Table, path: Path, order: dict[str, Any]) -> None:
    delimiter = order.get("delimiter") or "\x01"
    lines = compute.binary_join_element_wise(
        *map(_shown, rows.columns),
        delimiter,
        null_handling="replace",
        null_replacement=r"\N",
    )
    codec = order["compression"].lower()
    with pa.output_stream(path, compression=None if codec == "none" else codec) as to:
        to.write("".join(f"{line}\n" for line in lines.to_pylist()).encode())


def _shown(column: pa.ChunkedArray) -> pa.Array:
    """Return the text of a column's values; equal ones are rendered once."""
    if pa.types.is_nested(column.type):
        return pa.array(map(text, column.to_pylist()), pa.string())
    values = column.combine_chunks().dictionary_encode()
    shown = pa.array(map(text, values.dictionary.to_pylist()), pa.string())
    return shown.take(values.indices)


def _avro(rows: pa.Table, path: Path, order: dict[str, Any]) -> None:
    for field in rows.schema:
        if str(field.type) not in _AVRO:
            raise QueryError(f"HIVE_WRITER_OPEN_ERROR: {field.type} in Avro", 1001)
    plain = path.with_suffix(".plain")
    _copy(rows, plain, "FORMAT avro, ROOT_NAME 'hive_record'", avro=True)
    codec = {"none": "null", "gzip": "deflate"}.get(order["compression"].lower())
    with plain.open("rb") as source, path.open("wb") as target:
        blocks = fastavro.block_reader(source)
        packed = Writer(target, blocks.writer_schema, codec or "snappy")
        for block in blocks:
            packed.write_block(block)
        packed.flush()
    plain.unlink()


_WRITERS = {
    "parquet": _parquet,
    "orc": _orc,
    "json": _json,
    "textfile": _text,
    "avro": _avro,
}
