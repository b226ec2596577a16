"""Parquet, ORC and Avro as Athena reads them: queries of DuckDB over files."""

from importlib.resources import files as packaged
from pathlib import Path

import duckdb
import duckdb_extension_avro
import fastavro
import pyarrow as pa
from pyarrow import orc as orc_files
from pyarrow import parquet as parquet_files

from localaws.lake.errors import QueryError
from localaws.lake.hive import athena_type, duckdb_type
from localaws.lake.plan import Table
from localaws.lake.sql_text import listed

# Physical types of Parquet that Athena reads as a type of the catalog.
_FITS = {
    "TINYINT": {"int8", "int16", "int32"},
    "SMALLINT": {"int8", "int16", "int32"},
    "INTEGER": {"int8", "int16", "int32", "uint8", "uint16"},
    "BIGINT": {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"},
    "FLOAT": {"float"},
    "DOUBLE": {"float", "double"},
    "BOOLEAN": {"bool"},
    "VARCHAR": {"string", "large_string", "binary", "dictionary"},
    "BLOB": {"binary", "large_binary", "string", "fixed_size_binary"},
    "DATE": {"date32"},
    "TIMESTAMP": {"timestamp"},
}
_STAGED = {
    "double": "DOUBLE",
    "float": "FLOAT",
    "int32": "INT32",
    "int64": "INT64",
    "bool": "BOOLEAN",
}


def parquet(
    con: duckdb.DuckDBPyConnection, table: Table, files: list[Path], used: set[str]
) -> str:
    """Parquet by names; files of one schema are read together."""
    groups: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for path in files:
        schema = parquet_files.read_schema(path)
        groups.setdefault(
            tuple((field.name, str(field.type)) for field in schema), []
        ).append(path)
    selects = []
    for fields, paths in groups.items():
        found = {name.lower(): (name, kind) for name, kind in fields}
        columns = []
        for name, kind in table.columns:
            typed = duckdb_type(kind)
            if name.lower() not in found:
                columns.append(f'NULL::{typed} AS "{name}"')
                continue
            stored, physical = found[name.lower()]
            if name in used:
                _check_type(name, kind, typed, physical, paths[0])
            columns.append(f'CAST("{stored}" AS {typed}) AS "{name}"')
        rows = (
            f"read_parquet({listed(paths)}, hive_partitioning=true,"
            " hive_types={'__p': 'INTEGER'})"
        )
        selects.append(f"SELECT {', '.join(columns)}, __p FROM {rows}")
    return " UNION ALL ".join(selects)


def _check_type(name: str, kind: str, typed: str, physical: str, path: Path) -> None:
    base = physical.partition("[")[0].partition("(")[0].partition("<")[0]
    fits = _FITS.get(typed)
    if typed.startswith("DECIMAL"):
        fits = {"decimal128", "decimal256", "int32", "int64"}
    if fits is None or base in fits:
        return
    shown = _STAGED.get(base, "BINARY" if base == "string" else base.upper())
    raise QueryError(
        f"HIVE_BAD_DATA: Field {name}'s type {shown} in parquet file {path.name} is "
        f"incompatible with type {athena_type(typed)} defined in table schema",
        1001,
    )


def orc(
    con: duckdb.DuckDBPyConnection, table: Table, files: list[Path], used: set[str]
) -> str:
    """ORC by positions, as Athena reads it unless told otherwise."""
    selects = []
    for path in files:
        file = orc_files.ORCFile(path)
        stored = file.schema.names
        wanted = [
            stored[at]
            for at, (name, _) in enumerate(table.columns)
            if at < len(stored) and name in used
        ]
        rows = file.read(columns=wanted) if wanted else pa.table({})
        if not wanted:
            rows = pa.table({"__none": pa.nulls(file.nrows)})
        selects.append(_staged(con, table, path, rows, dict(enumerate(stored))))
    return " UNION ALL ".join(selects)


def avro(
    con: duckdb.DuckDBPyConnection, table: Table, files: list[Path], used: set[str]
) -> str:
    """Avro by names."""
    selects = []
    names = {name.lower(): place for place, (name, _) in enumerate(table.columns)}
    for path in files:
        source = f"read_avro({listed([path])})"
        kinds = con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        stored = {names[n.lower()]: n for n, *_ in kinds if n.lower() in names}
        if _decimals(table, {name: kind for name, kind, *_ in kinds}, stored):
            with path.open("rb") as file:
                rows = pa.Table.from_pylist(list(fastavro.reader(file)))
            selects.append(_staged(con, table, path, rows, stored))
        else:
            selects.append(_select(table, path, source, stored))
    return " UNION ALL ".join(selects)


def _decimals(table: Table, kinds: dict[str, str], stored: dict[int, str]) -> bool:
    """Return whether there is a decimal, which DuckDB reads as its bytes."""
    return any(
        kinds[name] == "BLOB" and table.columns[place][1].startswith("decimal")
        for place, name in stored.items()
    )


def load_avro(con: duckdb.DuckDBPyConnection) -> None:
    """Let a connection read Avro; files outside must still be open to it."""
    version = con.execute("PRAGMA version").fetchall()[0][0]
    folder = packaged(duckdb_extension_avro) / "extensions" / version
    con.execute(f"LOAD '{folder / 'avro.duckdb_extension'}'")


def _staged(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    path: Path,
    rows: pa.Table,
    stored: dict[int, str],
) -> str:
    """Register rows that another library read."""
    name = f"__{table.name.replace('.', '_')}_{path.parent.name}_{path.name}"
    con.register(name, rows)
    present = set(rows.schema.names)
    held = {at: column for at, column in stored.items() if column in present}
    return _select(table, path, f'"{name}"', held)


def _select(table: Table, path: Path, source: str, stored: dict[int, str]) -> str:
    columns = []
    for at, (column, kind) in enumerate(table.columns):
        typed = duckdb_type(kind)
        value = f'CAST("{stored[at]}" AS {typed})' if at in stored else f"NULL::{typed}"
        columns.append(f'{value} AS "{column}"')
    partition = path.parent.name.partition("=")[2]
    return f"SELECT {', '.join(columns)}, {partition} AS __p FROM {source}"
