"""The tables of a query as views of DuckDB over the files that were fetched."""

from itertools import chain
from pathlib import Path

import duckdb

from localaws.lake import columnar_files, filters, text_files
from localaws.lake.dialect import PATH
from localaws.lake.hive import duckdb_type
from localaws.lake.plan import Table
from localaws.lake.scans import partition_rows
from localaws.lake.sql_text import quoted

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
    """Make a view of a table, or a table of what may be read of it.

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
    if table.cells is not None:
        filters.keep(con, table, lambda: _rows(con, table, paths, used), used)
        filters.remove(paths)
        return
    rows = _rows(con, table, paths, used)
    con.execute(f'CREATE VIEW "{database}"."{name}" AS {rows}')


def _rows(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    paths: dict[int, list[Path]],
    used: set[str],
) -> str:
    """Return a query of the rows of a table, with all its columns."""
    files = [path for place in sorted(paths) for path in paths[place]]
    read = _READERS[table.serde]
    names = [name for name, _ in table.columns]
    if not files:
        rows = _nothing(table)
    elif PATH in used:
        objects = [table.partitions[place].files for place in sorted(paths)]
        rows = " UNION ALL ".join(
            f'SELECT *, {quoted(one.uri)} AS "{PATH}" '
            f"FROM ({read(con, table, [file], used)})"
            for one, file in zip(chain.from_iterable(objects), files, strict=True)
        )
    else:
        rows = read(con, table, files, used)
    names += [PATH] if PATH in used else []
    columns = ", ".join(f's."{name}"' for name in names)
    if table.keys and table.partitions:
        keys = ", ".join(f'p."{name}"' for name, _ in table.keys)
        columns = f"{columns}, {keys}"
        rows = f"({rows}) AS s JOIN ({partition_rows(table)}) AS p USING (__p)"
    else:
        keys = ", ".join(f'NULL::{duckdb_type(t)} AS "{n}"' for n, t in table.keys)
        columns = f"{columns}, {keys}" if keys else columns
        rows = f"({rows}) AS s"
    return f"SELECT {columns} FROM {rows}"


def _nothing(table: Table) -> str:
    typed = [*table.columns, (PATH, "string")]
    columns = (f'NULL::{duckdb_type(t)} AS "{n}"' for n, t in typed)
    return f"SELECT {', '.join(columns)}, 0 AS __p WHERE false"
