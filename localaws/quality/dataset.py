"""The table that is evaluated, and those that it is compared with, in DuckDB."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot.errors import ParseError

from localaws.lake import sources
from localaws.lake.connection import connect
from localaws.lake.fetching import fetch
from localaws.lake.plan import Table
from localaws.lake.scans import partition_rows
from localaws.quality.errors import RuleBroken, RuleFailed, RunEnded

PRIMARY = "primary"
_NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE")


def quoted(name: str) -> str:
    """Return a name as DuckDB takes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as DuckDB takes it."""
    return "'" + text.replace("'", "''") + "'"


def translated(sql: str) -> str:
    """Return a query in Spark's SQL as DuckDB takes it.

    Raises:
        RuleBroken: It is not one.
    """
    try:
        tree = sqlglot.parse_one(sql, dialect="spark")
    except ParseError as error:
        raise RuleBroken(str(error).partition("\n")[0]) from error
    return tree.sql("duckdb", identify=True)


class Dataset:
    """What the rules are held against.

    Args:
        folder: For files.
        tables: By the name that they have in the catalog.
    """

    def __init__(self, folder: Path, tables: dict[str, Table]) -> None:
        self._folder = folder
        self._tables = tables
        self._columns: dict[str, dict[str, str]] = {}
        avro = any(one.serde == "avro" for one in tables.values())
        self._con = connect(folder, avro)

    def load(self, alias: str, name: str, predicate: str | None) -> None:
        """Read a table.

        Args:
            alias: What rules call it.
            name: In the catalog.
            predicate: Of the partitions that are read; None for all.

        Raises:
            RunEnded: The predicate cannot be evaluated.
            QueryError: A file does not fit the catalog.
        """
        number = len(self._columns)
        table = replace(self._tables[name], name=f"__stored{number}.rows")
        places = self._places(table, predicate)
        paths = fetch(table, places, self._folder / "tables" / str(number))
        used = {column for column, _ in table.columns}
        sources.attach(self._con, table, paths, used)
        schema, _, made = alias.rpartition(".")
        if schema:
            self._con.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        target = f"{quoted(schema)}.{quoted(made)}" if schema else quoted(made)
        rows = f"SELECT * FROM {quoted(f'__stored{number}')}.rows"
        self._con.execute(f"CREATE TABLE {target} AS {rows}")
        found = self._con.execute(f"DESCRIBE {target}").fetchall()
        self._columns[alias] = {one[0].lower(): one[1] for one in found}

    def _places(self, table: Table, predicate: str | None) -> list[int]:
        every = list(range(len(table.partitions)))
        if not predicate or not every:
            return every
        if not table.keys:
            raise RunEnded(f"The table has no partitions to push {predicate} down to.")
        rows = f"SELECT * FROM ({partition_rows(table)})"
        try:
            test = translated(f"SELECT * FROM t WHERE {predicate}").partition("WHERE")
            found = self._con.execute(f"{rows} WHERE {test[2]}").fetchall()
        except (RuleBroken, duckdb.Error) as error:
            said = str(error).partition("\n")[0]
            raise RunEnded(
                f"The pushDownPredicate {predicate} failed: {said}"
            ) from error
        return sorted(one[0] for one in found)

    def columns(self, alias: str = PRIMARY) -> dict[str, str]:
        """Return the types of a table's columns, by their names in lower case."""
        return self._columns[alias]

    def need(self, name: str, alias: str = PRIMARY) -> str:
        """Return a column as SQL.

        Raises:
            RuleFailed: The table does not have it.
        """
        if name.lower() not in self._columns[alias]:
            where = "Input data" if alias == PRIMARY else f"Dataset {alias}"
            raise RuleFailed(f"{where} does not include column {name}!")
        return quoted(name.lower())

    def is_number(self, name: str, alias: str = PRIMARY) -> bool:
        """Return whether a column holds numbers."""
        kind = self._columns[alias][name.lower()]
        return kind in _NUMERIC or kind.startswith("DECIMAL")

    def is_date(self, name: str) -> bool:
        """Return whether a column holds dates or times."""
        return self._columns[PRIMARY][name.lower()].startswith(("DATE", "TIMESTAMP"))

    def reference(self, alias: str) -> str:
        """Return a table that the data are compared with, as SQL.

        Raises:
            RuleFailed: None has this alias.
        """
        if alias not in self._columns:
            raise RuleFailed(f"{alias} not found in additional data sources")
        return ".".join(quoted(part) for part in alias.split("."))

    def rows(self, where: str | None) -> str:
        """Return the rows that a rule speaks of, as SQL.

        Raises:
            RuleBroken: The filter is not SQL.
        """
        if where is None:
            return quoted(PRIMARY)
        return f"({translated(f'SELECT * FROM {PRIMARY} WHERE {where}')})"

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the first row of a query.

        Raises:
            RuleBroken: It fails.
        """
        found = self.all(sql)
        return found[0] if found else (None,)

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises:
            RuleBroken: It fails.
        """
        try:
            return self._con.execute(sql).fetchall()
        except duckdb.Error as error:
            raise RuleBroken(str(error).partition("\n")[0]) from error

    def named(self, sql: str) -> list[str]:
        """Return the names of a query's columns.

        Raises:
            RuleBroken: It fails.
        """
        return [str(one[0]) for one in self.all(f"DESCRIBE {sql}")]
