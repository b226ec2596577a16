"""Runs one query: `python -m localaws.lake.query FOLDER`.

The folder holds `plan.json`. What comes of it is `answer.json` with either `error`
and `kind`, or `columns` and `scanned`; a result's rows are in `result.csv`, a table's
files in `files/`.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import duckdb

from localaws.lake import dialect, rendering, scans, sources, writer
from localaws.lake.connection import connect
from localaws.lake.errors import QueryError, ScanLimit
from localaws.lake.fetching import fetch
from localaws.lake.hive import WIDE, duckdb_type, hive_type
from localaws.lake.plan import Plan

_BATCH = 10_000


def main(folder: Path) -> None:
    """Answer the plan of a folder."""
    told = folder / "plan.json"
    plan = Plan.read(json.loads(told.read_text()))
    told.unlink()
    answer: dict[str, Any]
    try:
        answer = run(plan, folder)
    except (QueryError, duckdb.Error) as error:
        failure = error if isinstance(error, QueryError) else _failure(error)
        answer = {
            "error": failure.message,
            "kind": failure.kind,
            "category": failure.category,
        }
    except ScanLimit as error:
        answer = {"cancelled": str(error), "scanned": error.scanned}
    (folder / "answer.json").write_text(json.dumps(answer))


def run(plan: Plan, folder: Path) -> dict[str, Any]:
    """Run a query and write what it returns.

    Raises:
        QueryError: It fails.
        duckdb.Error: It fails in DuckDB.
        ScanLimit: It would read too much.
    """
    query = dialect.resolve(plan)
    con = connect(folder, any(table.serde == "avro" for table in plan.tables))
    needed: dict[str, tuple[set[str], set[int]]] = {}
    found = scans.find(query, plan, con)
    for scan in found:
        columns, places = needed.setdefault(scan.table.name, (set(), set()))
        columns |= scan.columns
        places |= set(scan.partitions)
    tables = {table.name: table for table in plan.tables}
    paths = {
        name: fetch(tables[name], sorted(places), folder / "tables" / str(number))
        for number, (name, (_, places)) in enumerate(needed.items())
    }
    scanned = sum(
        scans.scanned(scan, paths[scan.table.name], con, plan.now) for scan in found
    )
    if plan.explain:
        scanned = 0
    elif plan.limit is not None and scanned > plan.limit:
        raise ScanLimit(scanned)
    for name, (columns, _) in needed.items():
        sources.attach(con, tables[name], paths[name], columns)
    sql = dialect.to_duckdb(query, plan.now)
    return {**_execute(con, sql, plan, folder), "scanned": scanned}


def _execute(
    con: duckdb.DuckDBPyConnection, sql: str, plan: Plan, folder: Path
) -> dict[str, Any]:
    if plan.explain:
        lines = con.execute(f"EXPLAIN {sql}").fetchall()[0][1].splitlines()
        columns = [rendering.column("Query Plan", "VARCHAR")]
        (folder / "result.csv").write_text("\n".join(lines) + "\n")
        return {"columns": columns, "rows": len(lines)}
    relation = con.sql(sql)
    types = [str(kind) for kind in relation.types]
    if plan.write is not None:
        narrow = _narrow(relation.columns, types, plan.write)
        relation = relation.project(narrow)
        types = [str(kind) for kind in relation.types]
        rows = relation.to_arrow_table()
        return writer.write(rows, types, plan.write, folder / "files")
    columns = [
        rendering.column(name, kind)
        for name, kind in zip(relation.columns, types, strict=True)
    ]
    kinds = [column["Type"] for column in columns]
    hive = [hive_type(kind) for kind in types]
    count = 0
    with (folder / "result.csv").open("w", newline="") as file:
        file.write(rendering.quoted([*relation.columns]) + "\n")
        while rows := relation.fetchmany(_BATCH):
            count += len(rows)
            file.writelines(
                rendering.quoted([*map(rendering.text, row, kinds)]) + "\n"
                for row in rows
            )
    return {"columns": columns, "hive": hive, "rows": count}


def _narrow(names: list[str], types: list[str], order: dict[str, Any]) -> str:
    """Return the columns that are written, in the types of the table."""
    if "into" not in order:
        return ", ".join(
            f'CAST("{name}" AS BIGINT) AS "{name}"' if kind == WIDE else f'"{name}"'
            for name, kind in zip(names, types, strict=True)
        )
    into = order["given"] or [name for name, _ in order["into"]]
    if len(into) != len(names):
        raise QueryError(
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: "
            f"Table: [{', '.join(into)}], Query: [{', '.join(types)}]"
        )
    given = dict(zip(into, names, strict=True))
    unknown = given.keys() - {name for name, _ in order["into"]}
    if unknown:
        raise QueryError(
            "COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target "
            f"table: {', '.join(sorted(unknown))}"
        )
    columns = []
    for name, kind in order["into"]:
        value = f'"{given[name]}"' if name in given else "NULL"
        columns.append(f'CAST({value} AS {duckdb_type(kind)}) AS "{name}"')
    return ", ".join(columns)


def _failure(error: duckdb.Error) -> QueryError:
    """Return what Athena would say of what DuckDB says."""
    text = str(error)
    said = re.search(r"(HIVE_\w+: .*|DIVISION_BY_ZERO)", text)
    if said:
        message = said[1]
        if message == "DIVISION_BY_ZERO":
            message = "DIVISION_BY_ZERO: Division by zero"
        return QueryError(message, 1001)
    named = re.search(r"Function with name (\w+) does not exist", text)
    if named:
        name = named[1].lower()
        return QueryError(
            f"FUNCTION_NOT_FOUND: Function '{name}' not registered (the local endpoint "
            "has the functions that DuckDB has too)",
            1303,
        )
    line = text.partition("\n")[0]
    kind, _, rest = line.partition(": ")
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryError("Query exhausted resources at this scale factor", 0, 3)
    if isinstance(error, duckdb.ConversionException):
        return QueryError(f"INVALID_CAST_ARGUMENT: {rest}", 1001)
    if isinstance(error, duckdb.BinderException):
        return QueryError(f"TYPE_MISMATCH: {rest}")
    return QueryError(f"GENERIC_USER_ERROR: {rest or kind}", 1000)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
