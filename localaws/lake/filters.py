"""Tables of which only some cells may be read.

What the rows and columns of a table are filtered by is applied before the query sees
the table: the rows that pass are put into a table of their own, and the files are
removed. A condition of the query that was evaluated beside the filter could tell of a
hidden value, by an error in which it stands or by how much was read.
"""

from collections.abc import Callable
from itertools import chain
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from localaws.lake.dialect import to_duckdb
from localaws.lake.errors import QueryError
from localaws.lake.hive import duckdb_type
from localaws.lake.plan import Table

_NOW = "1970-01-01T00:00:00+00:00"


def condition(text: str) -> exp.Expression:
    """Return the syntax tree of a row filter expression, its names in quotes."""
    tree = sqlglot.parse_one(f"SELECT 1 FROM t WHERE {text}", dialect="athena")
    found: exp.Expression = tree.args["where"].this
    for name in found.find_all(exp.Identifier):
        name.set("this", name.name.lower())
        name.set("quoted", True)
    return found


def conjuncts(table: Table) -> list[exp.Expression]:
    """Return what is true of every row of a table that may be read."""
    cells = table.cells or []
    if len(cells) != 1 or cells[0]["rows"] is None:
        return []
    found = condition(cells[0]["rows"])
    return [*found.flatten()] if isinstance(found, exp.And) else [found]


def columns(table: Table) -> set[str]:
    """Return the columns that the filters of a table look at."""
    return {
        column.name
        for cell in table.cells or []
        if cell["rows"] is not None
        for column in condition(cell["rows"]).find_all(exp.Column)
    }


def keep(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    rows: Callable[[], str],
    used: set[str],
) -> None:
    """Make the table that a query sees of one that it may read in part.

    Args:
        con: Where.
        table: What may be read of it.
        rows: Returns a query of all rows and columns.
        used: Columns that the query needs.

    Raises:
        QueryError: The data do not fit; it does not say which.
    """
    types = dict([*table.columns, *table.keys])
    shown = ", ".join(
        f'{_value(table, name, name in used)}::{duckdb_type(types[name])} AS "{name}"'
        for name in table.readable
    )
    conditions = {cell["rows"] for cell in table.cells or []}
    passes = "true" if None in conditions else _any(conditions)
    database, _, name = table.name.partition(".")
    try:
        con.execute(
            f'CREATE TABLE "{database}"."{name}" AS SELECT {shown} '
            f"FROM ({rows()}) WHERE {passes}"
        )
    except Exception as error:
        raise QueryError(
            f"HIVE_BAD_DATA: a row of {table.name} does not fit the table's definition",
            1001,
        ) from error


def remove(paths: dict[int, list[Path]]) -> None:
    """Remove the files that held the rows."""
    for file in chain.from_iterable(paths.values()):
        file.unlink(missing_ok=True)


def _value(table: Table, name: str, used: bool) -> str:
    """Return a column's value, NULL in rows in which it may not be read."""
    if not used:
        return "NULL"
    conditions = {cell["rows"] for cell in table.cells or [] if name in cell["columns"]}
    if None in conditions:
        return f'"{name}"'
    return f'CASE WHEN {_any(conditions)} THEN "{name}" END'


def _any(conditions: set[str | None]) -> str:
    found = sorted(text for text in conditions if text is not None)
    return " OR ".join(f"({to_duckdb(condition(text), _NOW)})" for text in found)
