"""CSV and JSON as Athena's SerDes read them: queries of DuckDB over files."""

import csv
import gzip
from pathlib import Path

import duckdb

from localaws.lake.errors import QueryError
from localaws.lake.hive import duckdb_type
from localaws.lake.plan import Table
from localaws.lake.sql_text import listed, quoted

_LINE = (
    "read_csv({files}, columns={{'__line': 'VARCHAR'}}, delim='{delimiter}', quote='',"
    " escape='', header=false, skip={skip}, auto_detect=false, max_line_size=2097152,"
    " strict_mode=false,"
    " hive_partitioning=true, hive_types={{'__p': 'INTEGER'}})"
)
_EPOCH = {
    "DATE": "DATE '1970-01-01' + CAST({whole} AS INTEGER)",
    "TIMESTAMP": "epoch_ms({whole})",
}


def _lines(table: Table, files: list[Path], delimiter: str) -> str:
    skip = int(table.options.get("skip.header.line.count", 0))
    return _LINE.format(files=listed(files), delimiter=delimiter, skip=skip)


def lazy(
    con: duckdb.DuckDBPyConnection, table: Table, files: list[Path], used: set[str]
) -> str:
    """LazySimpleSerDe: no quotes; what is not of its column's type is NULL."""
    options = table.options
    delimiter = options.get("field.delim") or options.get("serialization.format", "")
    delimiter = "\x01" if delimiter in ("", "1") else delimiter
    escape = options.get("escape.delim")
    line, back = "__line", "{}"
    if escape:
        line = f"replace(__line, {quoted(escape + escape)}, '\x03')"
        line = f"replace({line}, {quoted(escape + delimiter)}, '\x04')"
        back = (
            f"replace(replace(replace({{}}, {quoted(escape)}, ''),"
            f" '\x03', {quoted(escape)}), '\x04', {quoted(delimiter)})"
        )
    null = quoted(options.get("serialization.null.format", r"\N"))
    columns = []
    for place, (name, kind) in enumerate(table.columns, 1):
        typed = duckdb_type(kind)
        if typed.endswith("]") or typed.startswith(("STRUCT", "MAP")):
            if name in used:
                raise QueryError(
                    f"NOT_SUPPORTED: column {name} of type {kind} in a delimited file "
                    "does not act in the local endpoint",
                    1200,
                )
            columns.append(f'NULL AS "{name}"')
            continue
        value = back.format(f"__f[{place}]")
        value = f"CASE WHEN __f[{place}] = {null} THEN NULL ELSE {value} END"
        if typed == "BOOLEAN":
            value = (
                f"CASE lower({value}) WHEN 'true' THEN true WHEN 'false' THEN false END"
            )
        elif typed != "VARCHAR":
            value = f"TRY_CAST({value} AS {typed})"
        columns.append(f'{value} AS "{name}"')
    rows = _lines(table, files, "\x02" if delimiter == "\x01" else "\x01")
    split = f"string_split({line}, {quoted(delimiter)})"
    return (
        f"SELECT {', '.join(columns)}, __p "
        f"FROM (SELECT {split} AS __f, __p FROM {rows})"
    )


def opencsv(
    con: duckdb.DuckDBPyConnection, table: Table, files: list[Path], used: set[str]
) -> str:
    """OpenCSVSerDe: quotes count; what is not of its column's type is an error."""
    options = table.options
    delimiter = options.get("separatorChar", ",")
    quote, escape = options.get("quoteChar", '"'), options.get("escapeChar", "\\")
    width = max(len(table.columns), *(_width(path, delimiter, quote) for path in files))
    names = ", ".join(f"'__c{place}': 'VARCHAR'" for place in range(width))
    skip = int(options.get("skip.header.line.count", 0))
    rows = (
        f"read_csv({listed(files)}, columns={{{names}}}, delim={quoted(delimiter)},"
        f" quote={quoted(quote)}, escape={quoted(escape)}, header=false,"
        f" skip={skip}, auto_detect=false, null_padding=true, strict_mode=false,"
        " hive_partitioning=true, hive_types={'__p': 'INTEGER'})"
    )
    columns = []
    for place, (name, kind) in enumerate(table.columns):
        value, typed = f"__c{place}", duckdb_type(kind)
        if typed != "VARCHAR":
            whole = f"TRY_CAST({value} AS BIGINT)"
            found = _EPOCH.get(typed, f"TRY_CAST({value} AS {typed})")
            found = found.format(whole=whole)
            value = (
                f"CASE WHEN {value} IS NOT NULL AND ({found}) IS NULL THEN error("
                f"'HIVE_BAD_DATA: Error parsing field value ''' || {value} || "
                f"''' for field {place}: For input string: \"' || {value} || '\"') "
                f"ELSE {found} END"
            )
        columns.append(f'{value} AS "{name}"')
    return f"SELECT {', '.join(columns)}, __p FROM {rows}"


def _width(path: Path, delimiter: str, quote: str) -> int:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", errors="replace", newline="") as file:
        first = next(csv.reader(file, delimiter=delimiter, quotechar=quote), [])
    return len(first)


def json(
    con: duckdb.DuckDBPyConnection, table: Table, files: list[Path], used: set[str]
) -> str:
    """JSON SerDes: one object a line; keys in any case."""
    lines = (
        f"(SELECT __line, __p FROM {_lines(table, files, chr(1))} WHERE __line <> '')"
    )
    if table.options.get("ignore.malformed.json", "").lower() == "true":
        line = "CASE WHEN json_valid(__line) THEN __line ELSE '{}' END"
    else:
        bad = (
            "'HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: ' || "
            "left(__line, 80)"
        )
        line = f"CASE WHEN json_valid(__line) THEN __line ELSE error({bad}) END"
    sample = con.execute(
        f"SELECT DISTINCT unnest(json_keys(__line)) FROM (SELECT * FROM {lines} "
        "LIMIT 1000) WHERE json_valid(__line) AND json_type(__line) = 'OBJECT'"
    )
    spelled = {key.lower(): key for (key,) in sample.fetchall()}
    keys = {name: spelled.get(name.lower(), name) for name, _ in table.columns}
    shape = ", ".join(
        f'"{keys[name]}": "{_escaped(duckdb_type(kind))}"'
        for name, kind in table.columns
    )
    columns = ", ".join(f'__s."{keys[name]}" AS "{name}"' for name, _ in table.columns)
    return (
        f"SELECT {columns}, __p FROM (SELECT json_transform({line}, "
        f"{quoted('{' + shape + '}')}) AS __s, __p FROM {lines})"
    )


def _escaped(kind: str) -> str:
    return kind.replace('"', '\\"')
