"""SHOW and DESCRIBE: what the Data Catalog has, as lines of text."""

import re
from typing import Any

from localaws.lake.errors import QueryError
from localaws.services.athena.definitions import Answer, Definitions, folder_of
from localaws.services.athena.statements import Statement

_WIDTH = 20
Members = dict[str, Any]


class Shown(Definitions):
    """Runs statements that change nothing; arguments as for `Definitions`."""

    def run(self, statement: Statement) -> Answer:
        """Return names of the answer's columns, and its lines.

        Raises:
            QueryError: What is asked for does not exist.
        """
        answer: Answer = SHOWS[statement.kind](self, statement)
        return answer

    def _show_databases(self, statement: Statement) -> Answer:
        pages = self.glue.get_paginator("get_databases").paginate()
        names = [one["Name"] for page in pages for one in page["DatabaseList"]]
        return ["database_name"], sorted(_like(statement, names))

    def _show_tables(self, statement: Statement) -> Answer:
        database = statement.database or self.database
        try:
            pages = self.glue.get_paginator("get_tables").paginate(
                DatabaseName=database
            )
            tables = [one for page in pages for one in page["TableList"]]
        except self.errors.EntityNotFoundException as error:
            raise QueryError(
                "FAILED: SemanticException [Error 10072]: Database does not exist: "
                f"{database}",
                1301,
            ) from error
        names = [
            one["Name"]
            for one in tables
            if statement.kind == "SHOW_TABLES" or one.get("TableType") == "VIRTUAL_VIEW"
        ]
        column = "tab_name" if statement.kind == "SHOW_TABLES" else "views"
        return [column], sorted(_like(statement, names))

    def _show_partitions(self, statement: Statement) -> Answer:
        table = self.table(statement)
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        if not keys:
            raise QueryError(
                f"FAILED: SemanticException [Error 10241]: Table {statement.table} is "
                "not a partitioned table",
                1003,
            )
        found = (folder_of(keys, one["Values"]) for one in self.partitions(table))
        return ["partition"], sorted(found)

    def _show_columns(self, statement: Statement) -> Answer:
        table = self.table(statement)
        every = [
            *table["StorageDescriptor"]["Columns"],
            *table.get("PartitionKeys", []),
        ]
        return ["field"], [one["Name"].ljust(_WIDTH) for one in every]

    def _show_properties(self, statement: Statement) -> Answer:
        given = self.table(statement).get("Parameters", {})
        return ["prpt_name"], [f"{key}\t{given[key]}" for key in sorted(given)]

    def _describe(self, statement: Statement) -> Answer:
        table = self.table(statement)
        lines = [_described(one) for one in table["StorageDescriptor"]["Columns"]]
        keys = table.get("PartitionKeys", [])
        lines += [_described(key) for key in keys]
        if keys:
            head = _described({"Name": "# col_name", "Type": "data_type"}, "comment")
            blank = "\t ".join([" " * _WIDTH] * 3)
            title = f"# Partition Information\t {' ' * _WIDTH}\t {' ' * _WIDTH}"
            lines += [blank, title, head, blank, *(_described(key) for key in keys)]
        return ["col_name", "data_type", "comment"], lines

    def _show_create(self, statement: Statement) -> Answer:
        table = self.table(statement)
        if table.get("TableType") == "VIRTUAL_VIEW":
            raise QueryError(
                "FAILED: SemanticException SHOW CREATE TABLE of a view", 1003
            )
        storage = table["StorageDescriptor"]
        name = f"`{table['DatabaseName']}.{table['Name']}`"
        lines = [f"CREATE EXTERNAL TABLE {name}(", *_definitions(storage["Columns"])]
        if table.get("PartitionKeys"):
            lines += ["PARTITIONED BY ( ", *_definitions(table["PartitionKeys"])]
        serde = storage["SerdeInfo"]
        lines += ["ROW FORMAT SERDE ", f"  '{serde['SerializationLibrary']}' "]
        if serde.get("Parameters"):
            lines += ["WITH SERDEPROPERTIES ( ", *_properties(serde["Parameters"])]
        lines += ["STORED AS INPUTFORMAT ", f"  '{storage['InputFormat']}' "]
        lines += ["OUTPUTFORMAT ", f"  '{storage['OutputFormat']}'"]
        lines += ["LOCATION", f"  '{storage['Location']}'"]
        lines += ["TBLPROPERTIES (", *_properties(table.get("Parameters", {}))]
        return ["createtab_stmt"], lines


def _described(column: Members, comment: str | None = None) -> str:
    said = comment or column.get("Comment", "")
    parts = (column["Name"], column.get("Type", "string"), said)
    return "\t".join(part.ljust(_WIDTH) for part in parts)


def _definitions(columns: list[Members]) -> list[str]:
    shown = [
        f"  `{one['Name']}` {one.get('Type', 'string')}"
        + (f" COMMENT '{one['Comment']}'" if one.get("Comment") else "")
        for one in columns
    ]
    return [f"{line}, " for line in shown[:-1]] + [f"{shown[-1]})"]


def _properties(given: dict[str, str]) -> list[str]:
    shown = [f"  '{key}'='{given[key]}'" for key in sorted(given)]
    return [f"{line}, " for line in shown[:-1]] + [f"{line})" for line in shown[-1:]]


def _like(statement: Statement, names: list[str]) -> list[str]:
    pattern = statement.parts.get("like")
    if pattern is None:
        return names
    shape = re.compile(pattern.replace("*", ".*"), re.IGNORECASE)
    return [name for name in names if shape.fullmatch(name)]


SHOWS: dict[str, Any] = {
    "SHOW_DATABASES": Shown._show_databases,
    "SHOW_TABLES": Shown._show_tables,
    "SHOW_VIEWS": Shown._show_tables,
    "SHOW_PARTITIONS": Shown._show_partitions,
    "SHOW_COLUMNS": Shown._show_columns,
    "SHOW_CREATE_TABLE": Shown._show_create,
    "SHOW_TBLPROPERTIES": Shown._show_properties,
    "DESCRIBE_TABLE": Shown._describe,
}
