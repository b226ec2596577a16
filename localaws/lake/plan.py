"""What a query reads, as the service hands it over."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class File:
    """One object.

    Attributes:
        url: Signed address.
        uri: Where it is, as `s3://...`.
        size: Its bytes.
    """

    url: str
    uri: str
    size: int


@dataclass(frozen=True)
class Partition:
    """The objects of one partition, or of a table that has none."""

    values: list[str]
    files: list[File]


@dataclass(frozen=True)
class Table:
    """One table of the catalog, or one view.

    Attributes:
        name: Database and table, with a dot between.
        columns: Names and types, without the partition keys.
        keys: Names and types of the partition keys.
        serde: `lazy`, `opencsv`, `json`, `parquet`, `orc` or `avro`.
        options: Parameters of the table and of its SerDe.
        view: The view's query; None for a table.
        cells: What may be read: each with `columns` and `rows`, the expression that
            its rows meet or None for all; None for the whole table.
    """

    name: str
    columns: list[tuple[str, str]]
    keys: list[tuple[str, str]] = field(default_factory=list)
    serde: str = ""
    options: dict[str, str] = field(default_factory=dict)
    partitions: list[Partition] = field(default_factory=list)
    view: str | None = None
    cells: list[dict[str, Any]] | None = None

    @property
    def readable(self) -> list[str]:
        """The columns that a query may name, the partition keys last."""
        every = [name for name, _ in (*self.columns, *self.keys)]
        if self.cells is None:
            return every
        seen = {name for cell in self.cells for name in cell["columns"]}
        return [name for name in every if name in seen]


@dataclass(frozen=True)
class Plan:
    """One query.

    Attributes:
        sql: In Athena's dialect.
        database: Where names without a database are.
        now: The time that the query sees, in ISO 8601.
        tables: What it may read.
        limit: Most bytes that it may scan; None for no limit.
        write: How its rows are written as a table: format, compression,
            partitioned_by, delimiter, types; None for a result.
        explain: Whether only the plan is asked for.
    """

    sql: str
    database: str
    now: str
    tables: list[Table]
    limit: int | None = None
    write: dict[str, Any] | None = None
    explain: bool = False

    @classmethod
    def read(cls, given: dict[str, Any]) -> "Plan":
        """Read what `dataclasses.asdict` made of a plan."""
        tables = [
            Table(
                **{
                    **table,
                    "columns": [(name, kind) for name, kind in table["columns"]],
                    "keys": [(name, kind) for name, kind in table["keys"]],
                    "partitions": [
                        Partition(
                            partition["values"],
                            [File(**file) for file in partition["files"]],
                        )
                        for partition in table["partitions"]
                    ],
                }
            )
            for table in given["tables"]
        ]
        return cls(**{**given, "tables": tables})
