"""The tables of a query as views of DuckDB over the files that were fetched."""

from pathlib import Path

import duckdb

from localaws.lake import columnar_files, text_files
from localaws.lake.hive import duckdb_type
from localaws.lake.plan import Table
from localaws.lake.scans import partition_rows

_READERS = {
    "lazy": text_files.lazy,
    "opencsv": text_files.opencsv,
    "json": text_files.json,
    "parquet": columnar_files.parquet,
    "orc": columnar_files.orc,
    "avro": columnar_files.avro,
}


def attach(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    paths: dict[int, list[Path]],
    used: set[str],
) -> None:
    """Make a view of a table.

    Args:
        con: Where.
        table: What the catalog says of it.
        paths: Its files by partition, each in a folder `__p=<partition>`.
        used: Columns that the query needs; others are not looked at.

    Raises:
        QueryError: A file does not fit the catalog.
    """
    database, _, name = table.name.partition(".")
    con.execute(f'CREATE SCHEMA IF NOT EXISTS "{database}"')
    files = [path for place in sorted(paths) for path in paths[place]]
    rows = _READERS[table.serde](con, table, files, used) if files else _nothing(table)
    columns = ", ".join(f's."{name}"' for name, _ in table.columns)
    if table.keys and table.partitions:
        keys = ", ".join(f'p."{name}"' for name, _ in table.keys)
        columns = f"{columns}, {keys}"
        rows = f"({rows}) AS s JOIN ({partition_rows(table)}) AS p USING (__p)"
    else:
        keys = ", ".join(f'NULL::{duckdb_type(t)} AS "{n}"' for n, t in table.keys)
        columns = f"{columns}, {keys}" if keys else columns
        rows = f"({rows}) AS s"
    con.execute(f'CREATE VIEW "{database}"."{name}" AS SELECT {columns} FROM {rows}')


def _nothing(table: Table) -> str:
    columns = (f'NULL::{duckdb_type(t)} AS "{n}"' for n, t in table.columns)
    return f"SELECT {', '.join(columns)}, 0 AS __p WHERE false"
