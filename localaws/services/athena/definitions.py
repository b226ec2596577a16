"""DDL: what a statement without a query does to the Data Catalog."""

import re
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from localaws.lake.errors import QueryError
from localaws.services.athena.catalog import Catalog
from localaws.services.athena.formats import storage_of
from localaws.services.athena.statements import Statement

_TASK = (
    "FAILED: Execution Error, return code 1 from "
    "org.apache.hadoop.hive.ql.exec.DDLTask. "
)
Members = dict[str, Any]
Answer = tuple[list[str], list[str]]


class Definitions:
    """Runs DDL statements.

    Args:
        glue: Client of the catalog.
        catalog: Lists S3, for MSCK REPAIR TABLE.
        database: Where names without a database are.
    """

    def __init__(self, glue: Any, catalog: Catalog, database: str) -> None:
        self.glue = glue
        self._catalog = catalog
        self.database = database
        self.errors = glue.exceptions

    def run(self, statement: Statement) -> Answer:
        """Do what a statement says.

        Returns:
            Names of the answer's columns, and its lines.

        Raises:
            QueryError: It fails.
        """
        action: Callable[[Definitions, Statement], Answer] = _ACTIONS[statement.kind]
        return action(self, statement)

    def name(self, statement: Statement) -> Members:
        """Return database and name of a statement's target, as Glue wants them."""
        database = statement.database or self.database
        return {"DatabaseName": database, "Name": statement.table}

    def table(self, statement: Statement) -> Members:
        """Return the target as the catalog has it.

        Raises:
            QueryError: It does not exist.
        """
        name = self.name(statement)
        try:
            return self.glue.get_table(**name)["Table"]
        except self.errors.EntityNotFoundException as error:
            raise QueryError(
                f"FAILED: SemanticException [Error 10001]: Table not found "
                f"{name['DatabaseName']}.{name['Name']}",
                1301,
            ) from error

    def _create_database(self, statement: Statement) -> Answer:
        tree = statement.tree
        assert tree is not None
        given: Members = {"Name": statement.table}
        for found in tree.find_all(exp.SchemaCommentProperty):
            given["Description"] = found.this.name
        for found in tree.find_all(exp.LocationProperty):
            given["LocationUri"] = found.this.name
        try:
            self.glue.create_database(DatabaseInput=given)
        except self.errors.AlreadyExistsException as error:
            if not tree.args.get("exists"):
                raise QueryError(
                    f"{_TASK}Database {statement.table} already exists", 1003
                ) from error
        return [], []

    def _drop_database(self, statement: Statement) -> Answer:
        name = statement.table
        try:
            tables = self.glue.get_tables(DatabaseName=name)["TableList"]
        except self.errors.EntityNotFoundException as error:
            if "exists" in statement.parts:
                return [], []
            raise QueryError(
                f"FAILED: SemanticException [Error 10072]: Database does not exist: "
                f"{name}",
                1301,
            ) from error
        cascade = "CASCADE" in statement.parts.get("rest", "").upper()
        if tables and not cascade:
            raise QueryError(
                f"{_TASK}InvalidOperationException(message:Database {name} is not "
                "empty. One or more tables exist.)",
                1003,
            )
        self.glue.delete_database(Name=name)
        return [], []

    def _create_table(self, statement: Statement) -> Answer:
        tree = statement.tree
        assert isinstance(tree, exp.Create)
        name = self.name(statement)
        table = storage_of(tree, statement.table)
        try:
            self.glue.create_table(DatabaseName=name["DatabaseName"], TableInput=table)
        except self.errors.AlreadyExistsException as error:
            if not tree.args.get("exists"):
                raise QueryError(
                    f"{_TASK}AlreadyExistsException(message:Table {statement.table} "
                    "already exists)",
                    1003,
                ) from error
        except self.errors.EntityNotFoundException as error:
            raise QueryError(
                "FAILED: SemanticException [Error 10072]: Database does not exist: "
                f"{name['DatabaseName']}",
                1301,
            ) from error
        return [], []

    def _drop(self, statement: Statement) -> Answer:
        try:
            table = self.table(statement)
        except QueryError:
            if "exists" in statement.parts:
                return [], []
            raise
        is_view = table.get("TableType") == "VIRTUAL_VIEW"
        if is_view != (statement.kind == "DROP_VIEW"):
            what = "a view with DROP TABLE" if is_view else "a table with DROP VIEW"
            raise QueryError(f"FAILED: SemanticException Cannot drop {what}", 1003)
        self.glue.delete_table(**self.name(statement))
        return [], []

    def _add_partitions(self, statement: Statement) -> Answer:
        table = self.table(statement)
        place = table["StorageDescriptor"].get("Location", "").rstrip("/")
        for values, location in _partitions(statement.parts["rest"], table):
            folder = "/".join(
                f"{key['Name']}={value}"
                for key, value in zip(table["PartitionKeys"], values, strict=True)
            )
            added = self.add_partition(table, values, location or f"{place}/{folder}/")
            if not added and "exists" not in statement.parts:
                raise QueryError(
                    f"{_TASK}AlreadyExistsException(message:Partition already exists.)",
                    1003,
                )
        return [], []

    def add_partition(self, table: Members, values: list[str], location: str) -> bool:
        """Register a partition; False if the catalog has it already."""
        storage = {**table["StorageDescriptor"], "Location": location}
        try:
            self.glue.create_partition(
                DatabaseName=table["DatabaseName"],
                TableName=table["Name"],
                PartitionInput={"Values": values, "StorageDescriptor": storage},
            )
        except self.errors.AlreadyExistsException:
            return False
        return True

    def _drop_partitions(self, statement: Statement) -> Answer:
        table = self.table(statement)
        for values, _ in _partitions(statement.parts["rest"], table):
            try:
                self.glue.delete_partition(
                    DatabaseName=table["DatabaseName"],
                    TableName=table["Name"],
                    PartitionValues=values,
                )
            except self.errors.EntityNotFoundException as error:
                if "exists" not in statement.parts:
                    raise QueryError(
                        "FAILED: SemanticException [Error 10006]: Partition not found",
                        1003,
                    ) from error
        return [], []

    def _repair(self, statement: Statement) -> Answer:
        table = self.table(statement)
        place = table["StorageDescriptor"]["Location"].rstrip("/")
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        known = {tuple(one["Values"]) for one in self.partitions(table)}
        found: dict[tuple[str, ...], str] = {}
        for file in self._catalog.objects(place):
            folders = file.uri[len(place) + 1 :].split("/")[:-1]
            pairs = [folder.partition("=") for folder in folders[: len(keys)]]
            if len(pairs) == len(keys) and [pair[0].lower() for pair in pairs] == keys:
                values = tuple(pair[2] for pair in pairs)
                found[values] = f"{place}/{'/'.join(folders[: len(keys)])}/"
        new = [values for values in sorted(found) if values not in known]
        lines = []
        if new:
            shown = "\t".join(f"{statement.table}:{folder_of(keys, v)}" for v in new)
            lines.append(f"Partitions not in metastore:\t{shown}")
        for values in new:
            self.add_partition(table, list(values), found[values])
            folder = folder_of(keys, values)
            lines.append(
                f"Repair: Added partition to metastore {statement.table}:{folder}"
            )
        return ["result"], lines

    def partitions(self, table: Members) -> list[Members]:
        """Return the partitions that the catalog has of a table."""
        pages = self.glue.get_paginator("get_partitions").paginate(
            DatabaseName=table["DatabaseName"], TableName=table["Name"]
        )
        return [one for page in pages for one in page["Partitions"]]


def folder_of(keys: list[str], values: Any) -> str:
    """Return `year=2013/month=1` for the values of a partition."""
    return "/".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))


def _partitions(text: str, table: Members) -> list[tuple[list[str], str | None]]:
    """Return the values and location of each PARTITION clause.

    Raises:
        QueryError: A clause does not name each key once.
    """
    keys = [key["Name"].lower() for key in table.get("PartitionKeys", [])]
    found = []
    for clause in re.finditer(
        r"PARTITION\s*\(([^)]*)\)\s*(?:LOCATION\s*'([^']*)')?", text, re.IGNORECASE
    ):
        given = {
            name.strip().strip('`"').lower(): value.strip().strip("'\"")
            for name, _, value in (pair.partition("=") for pair in clause[1].split(","))
        }
        if set(given) != set(keys):
            raise QueryError(
                "FAILED: SemanticException partition spec {"
                + ", ".join(f"{k}={v}" for k, v in given.items())
                + "} doesn't contain all ("
                + str(len(keys))
                + ") partition columns",
                1003,
            )
        found.append(([given[key] for key in keys], clause[2]))
    return found


_ACTIONS: dict[str, Any] = {
    "CREATE_DATABASE": Definitions._create_database,
    "DROP_DATABASE": Definitions._drop_database,
    "CREATE_TABLE": Definitions._create_table,
    "DROP_TABLE": Definitions._drop,
    "DROP_VIEW": Definitions._drop,
    "ALTER_TABLE_ADD_PARTITION": Definitions._add_partitions,
    "ALTER_TABLE_DROP_PARTITION": Definitions._drop_partitions,
    "MSCK_REPAIR": Definitions._repair,
}
