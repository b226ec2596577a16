"""Which partitions and columns a query reads, and how many bytes that is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from pyarrow import parquet
from sqlglot import exp
from sqlglot.optimizer.pushdown_predicates import pushdown_predicates
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.scope import Scope, traverse_scope

from localaws.lake import filters, orc_file
from localaws.lake.dialect import to_duckdb
from localaws.lake.hive import duckdb_type
from localaws.lake.plan import Plan, Table

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_FLIP = {exp.LT: exp.GT, exp.GT: exp.LT, exp.LTE: exp.GTE, exp.GTE: exp.LTE}
# Whether a row group of these extremes may hold a row that passes.
_MAY: dict[type, Callable[[Any, Any, Any], bool]] = {
    exp.EQ: lambda low, high, value: low <= value <= high,
    exp.LT: lambda low, high, value: low < value,
    exp.LTE: lambda low, high, value: low <= value,
    exp.GT: lambda low, high, value: high > value,
    exp.GTE: lambda low, high, value: high >= value,
}
Test = tuple[str, type, Any]


@dataclass
class Scan:
    """One place of a query at which a table is read.

    Attributes:
        table: What is read.
        alias: Its name there.
        columns: Those that the query needs.
        conjuncts: Conditions that speak of this table alone.
        partitions: Places of the partitions that can hold a row.
    """

    table: Table
    alias: str
    columns: set[str] = field(default_factory=set)
    conjuncts: list[exp.Expression] = field(default_factory=list)
    partitions: list[int] = field(default_factory=list)


def find(query: exp.Expression, plan: Plan, con: duckdb.DuckDBPyConnection) -> list:
    """Return the scans of a resolved query, with the partitions that they need.

    Args:
        query: As `dialect.resolve` returns it; not changed.
        plan: Holds the tables.
        con: Evaluates conditions.
    """
    tables = {table.name: table for table in plan.tables}
    pushed = pushdown_predicates(pushdown_projections(query.copy()), dialect="athena")
    found: dict[tuple[int, str], Scan] = {}
    scopes = list(traverse_scope(pushed))
    for scope in scopes:
        for alias, source in scope.sources.items():
            if isinstance(source, exp.Table):
                table = tables.get(f"{source.db}.{source.name}")
                if table is not None:
                    found[id(scope), alias] = Scan(table, alias)
    for scope in scopes:
        for column in scope.columns:
            owner: Scope | None = scope
            while owner is not None and column.table not in owner.sources:
                owner = owner.parent
            scan = found.get((id(owner), column.table))
            if scan is not None:
                scan.columns.add(column.name)
        for conjunct in _conjuncts(scope):
            names = {column.table for column in conjunct.find_all(exp.Column)}
            scan = found.get((id(scope), next(iter(names), "")))
            if len(names) == 1 and scan and not conjunct.find(exp.Query):
                scan.conjuncts.append(conjunct)
    for scan in found.values():
        if scan.table.cells is not None:
            scan.columns |= filters.columns(scan.table)
        if any(cell["rows"] is not None for cell in scan.table.cells or []):
            scan.conjuncts = filters.conjuncts(scan.table)
            scan.partitions = list(range(len(scan.table.partitions)))
        else:
            scan.partitions = _partitions(scan, plan, con)
    return list(found.values())


def _conjuncts(scope: Scope) -> Iterator[exp.Expression]:
    where = scope.expression.args.get("where")
    if where is not None:
        yield from (
            where.this.flatten() if isinstance(where.this, exp.And) else (where.this,)
        )


def _partitions(scan: Scan, plan: Plan, con: duckdb.DuckDBPyConnection) -> list[int]:
    table = scan.table
    every = list(range(len(table.partitions)))
    keys = {name for name, _ in table.keys}
    tests = [
        to_duckdb(conjunct, plan.now)
        for conjunct in scan.conjuncts
        if {column.name for column in conjunct.find_all(exp.Column)} <= keys
    ]
    if not tests or not every:
        return every
    rows = partition_rows(table)
    answer = con.execute(
        f'SELECT __p FROM ({rows}) AS "{scan.alias}" WHERE {" AND ".join(tests)}'
    )
    return sorted(row[0] for row in answer.fetchall())


def partition_rows(table: Table) -> str:
    """Return a query of the values of a table's partitions, each with its place."""
    names = ", ".join(["__p", *(f'"__{name}"' for name, _ in table.keys)])
    rows = ", ".join(
        f"({', '.join([str(place), *map(_literal, partition.values)])})"
        for place, partition in enumerate(table.partitions)
    )
    typed = ", ".join(
        ["__p", *(f'CAST("__{n}" AS {duckdb_type(t)}) AS "{n}"' for n, t in table.keys)]
    )
    return f"SELECT {typed} FROM (VALUES {rows}) AS v({names})"


def _literal(value: str) -> str:
    if value == NULL_PARTITION:
        return "NULL"
    return "'" + value.replace("'", "''") + "'"


def scanned(
    scan: Scan, paths: dict[int, list[Path]], con: duckdb.DuckDBPyConnection, now: str
) -> int:
    """Return the bytes that a scan reads.

    Parquet and ORC: what the needed columns take, Parquet without the row groups
    that its statistics rule out. Other formats: the objects as they are stored.

    Args:
        scan: What is read.
        paths: Its files by partition.
        con: Evaluates constants.
        now: The query's time.
    """
    files = [path for place in scan.partitions for path in paths.get(place, [])]
    if scan.table.serde == "parquet":
        tests = list(_tests(scan, con, now))
        return sum(_parquet(path, scan.columns, tests) for path in files)
    if scan.table.serde == "orc":
        places = {
            place
            for place, (name, _) in enumerate(scan.table.columns)
            if name in scan.columns
        }
        return sum(orc_file.column_bytes(path, places) for path in files)
    return sum(path.stat().st_size for path in files)


def _parquet(path: Path, columns: set[str], tests: list[Test]) -> int:
    metadata = parquet.read_metadata(path)
    total = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        chunks = [group.column(place) for place in range(group.num_columns)]
        if all(_may_hold(chunks, test) for test in tests):
            total += sum(
                chunk.total_compressed_size
                for chunk in chunks
                if chunk.path_in_schema.partition(".")[0].lower() in columns
            )
    return total


def _may_hold(chunks: list[Any], test: Test) -> bool:
    name, kind, value = test
    for chunk in chunks:
        if chunk.path_in_schema.lower() == name and chunk.is_stats_set:
            found = chunk.statistics
            if found.has_min_max:
                try:
                    return _MAY[kind](found.min, found.max, value)
                except TypeError:
                    return True
    return True


def _tests(scan: Scan, con: duckdb.DuckDBPyConnection, now: str) -> Iterator[Test]:
    """Yield the conditions that compare a column with a constant."""
    for conjunct in scan.conjuncts:
        if isinstance(conjunct, exp.Between):
            pairs = [
                (exp.GTE, conjunct.this, conjunct.args["low"]),
                (exp.LTE, conjunct.this, conjunct.args["high"]),
            ]
        elif type(conjunct) in _MAY:
            pairs = [(type(conjunct), conjunct.this, conjunct.expression)]
        else:
            continue
        for kind, left, right in pairs:
            if isinstance(right, exp.Column):
                kind, left, right = _FLIP.get(kind, kind), right, left
            if isinstance(left, exp.Column) and not right.find(exp.Column):
                answer = con.execute(f"SELECT {to_duckdb(right, now)}").fetchone()
                if answer is not None and answer[0] is not None:
                    yield left.name.lower(), kind, answer[0]
