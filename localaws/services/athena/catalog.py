"""Tables of the Data Catalog as a query sees them, with the objects that they hold."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError
from sqlglot import exp

from localaws.lake import dialect
from localaws.lake.errors import QueryError
from localaws.lake.hive import duckdb_type
from localaws.lake.plan import File, Partition, Table
from localaws.services.athena import projection
from localaws.services.lakeformation.acting import unheld
from localaws.services.lakeformation.reading import Reading, held_back
from localaws.services.lakeformation.sight import Sight
from localaws.services.permissions import Caller

_SERDES = {
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe": "lazy",
    "org.apache.hadoop.hive.serde2.OpenCSVSerde": "opencsv",
    "org.openx.data.jsonserde.JsonSerDe": "json",
    "org.apache.hive.hcatalog.data.JsonSerDe": "json",
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe": "parquet",
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde": "orc",
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe": "avro",
}
_VIEW = "/* Presto View: "
Members = dict[str, Any]


class Catalog:
    """The catalog and S3, as who runs a query may see them.

    Args:
        glue: Client of the catalog.
        caller: Whose permissions count.
        reading: What Lake Formation lets the caller read; all if it is None.
    """

    def __init__(
        self, glue: Any, caller: Caller, reading: Reading | None = None
    ) -> None:
        self._glue = glue
        self._caller = caller
        self._reading = reading

    def tables(self, sql: str, database: str, *, files: bool = True) -> list[Table]:
        """Return every table and view that a query reads, also through views.

        Args:
            sql: The query.
            database: Where names without a database are.
            files: Whether their objects are wanted too.

        Raises:
            QueryError: One of them does not exist or cannot be read.
        """
        found: dict[str, Table] = {}
        todo = [(sql, database)]
        while todo:
            text, place = todo.pop()
            tree = dialect.parse(text)
            for node, name in _names(tree, place):
                if name in found:
                    continue
                found[name] = table = self._table(node, name, files)
                if table.view is not None:
                    todo.append((table.view, name.partition(".")[0]))
        return list(found.values())

    def _table(self, node: exp.Table, name: str, files: bool) -> Table:
        database, _, table = name.partition(".")
        if database == "information_schema":
            raise QueryError(
                "NOT_SUPPORTED: information_schema does not act in the local endpoint",
                1200,
            )
        self._caller.demand("glue:GetTable", f"table/{database}/{table}")
        with unheld(self._caller):
            given, sight = self._found(node, name), None
            if self._reading is not None:
                where = dialect.place(dialect.plan_text(node))
                sight = self._reading.table(given, where)
            if given.get("TableType") == "VIRTUAL_VIEW":
                return Table(name, [], view=view_query(given))
            return self._described(name, given, files, sight)

    def _found(self, node: exp.Table, name: str) -> Members:
        """Return a table as the catalog has it, with all its columns."""
        database, _, table = name.partition(".")
        missing = self._glue.exceptions.EntityNotFoundException
        try:
            return self._glue.get_table(DatabaseName=database, Name=table)["Table"]
        except missing as error:
            try:
                self._glue.get_database(Name=database)
            except missing:
                where = dialect.place(dialect.plan_text(node))
                raise QueryError(
                    f"SCHEMA_NOT_FOUND: {where}Schema '{database}' does not exist"
                ) from error
            raise dialect.missing_table(node, name) from error

    def _described(
        self, name: str, given: Members, files: bool, sight: Sight | None
    ) -> Table:
        storage = given["StorageDescriptor"]
        serde = storage.get("SerdeInfo", {})
        library = serde.get("SerializationLibrary", "")
        if given.get("Parameters", {}).get("table_type", "").upper() == "ICEBERG":
            library = "Apache Iceberg"
        if library not in _SERDES:
            raise QueryError(
                f"NOT_SUPPORTED: {library or 'a table without a SerDe'} does not act "
                "in the local endpoint",
                1200,
            )
        table = Table(
            name,
            _columns(storage.get("Columns", [])),
            _columns(given.get("PartitionKeys", [])),
            _SERDES[library],
            {**given.get("Parameters", {}), **serde.get("Parameters", {})},
            cells=sight.plan() if sight else None,
        )
        every = [*table.columns, *table.keys]
        if len({n for n, _ in every}) < len(every):
            raise QueryError(
                "HIVE_INVALID_METADATA: Hive metadata for table "
                f"{name.partition('.')[2]} is invalid: Table descriptor contains "
                "duplicate columns",
                1004,
            )
        for column, kind in every:
            try:
                duckdb_type(kind)
            except ValueError as error:
                raise QueryError(
                    f"HIVE_INVALID_METADATA: Column {column}: {error}", 1004
                ) from error
        if files:
            governed = self._reading if sight is not None else None
            reads = governed.reader if governed else lambda _: self._caller
            table.partitions.extend(
                one
                for one in self._partitions(table, given, reads)
                if not held_back(sight, table.keys, one.values)
            )
        return table

    def _partitions(
        self, table: Table, given: Members, reads: Callable[[str], Caller]
    ) -> Iterator[Partition]:
        location = given["StorageDescriptor"].get("Location", "")
        if not table.keys:
            yield Partition([], list(self.objects(location, reads(location))))
            return
        projected = projection.partitions(table, given, location)
        if projected is None:
            database, _, name = table.name.partition(".")
            pages = self._glue.get_paginator("get_partitions").paginate(
                DatabaseName=database, TableName=name
            )
            projected = [
                (one["Values"], one["StorageDescriptor"].get("Location", ""))
                for page in pages
                for one in page["Partitions"]
            ]
        if not projected:
            return
        below = list(self.objects(location, reads(location))) if location else []
        for values, place in projected:
            folder = f"{place.rstrip('/')}/"
            if location and folder.startswith(f"{location.rstrip('/')}/"):
                files = [file for file in below if file.uri.startswith(folder)]
            else:
                files = list(self.objects(place, reads(place)))
            yield Partition(values, files)

    def objects(self, location: str, reader: Caller | None = None) -> Iterator[File]:
        """Yield what is below a location, without empty and hidden objects.

        Args:
            location: As `s3://...`.
            reader: Who reads there; the caller if it is None.

        Raises:
            QueryError: The bucket does not exist, or may not be read.
        """
        reader = reader or self._caller
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        reader.demand("s3:ListBucket", f"arn:aws:s3:::{bucket}")
        reader.demand("s3:GetObject", f"arn:aws:s3:::{bucket}/{prefix}*")
        pages = reader.client("s3").get_paginator("list_objects_v2")
        try:
            for page in pages.paginate(Bucket=bucket, Prefix=prefix):
                for one in page.get("Contents", []):
                    key = one["Key"]
                    hidden = key.rpartition("/")[2].startswith(("_", "."))
                    if one["Size"] and not hidden:
                        yield File(
                            reader.signed(bucket, key),
                            f"s3://{bucket}/{key}",
                            one["Size"],
                        )
        except ClientError as error:
            raise s3_failure(error) from error


def s3_failure(error: ClientError) -> QueryError:
    """Return what a query says of an error of S3."""
    said = error.response["Error"]
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    kind = {"NoSuchBucket": 1306, "AccessDenied": 1501}.get(said["Code"], 1302)
    return QueryError(
        f"{said['Message']} (Service: Amazon S3; Status Code: {status}; "
        f"Error Code: {said['Code']})",
        kind,
    )


def _columns(given: list[Members]) -> list[tuple[str, str]]:
    return [(one["Name"].lower(), one.get("Type", "string")) for one in given]


def _names(tree: exp.Expression, database: str) -> Iterator[tuple[exp.Table, str]]:
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for node in tree.find_all(exp.Table):
        named = isinstance(node.this, exp.Identifier)
        if named and (node.db or node.name.lower() not in ctes):
            if node.catalog and node.catalog.lower() != "awsdatacatalog":
                raise QueryError(
                    f"CATALOG_NOT_FOUND: Catalog '{node.catalog}' does not exist", 1301
                )
            yield node, f"{(node.db or database).lower()}.{node.name.lower()}"


def view_query(given: Members) -> str:
    """Return the query of a view of the catalog.

    Raises:
        QueryError: It is not a view that Athena made.
    """
    text = given.get("ViewOriginalText", "")
    if not text.startswith(_VIEW):
        raise QueryError("INVALID_VIEW: not a view of Athena", 1107)
    return json.loads(base64.b64decode(text[len(_VIEW) :].split()[0]))["originalSql"]


def view_text(sql: str, database: str, columns: list[Members]) -> str:
    """Return the text in which the catalog keeps a view."""
    shown = [{"name": one["Name"], "type": one["Type"]} for one in columns]
    document = {
        "originalSql": sql,
        "catalog": "awsdatacatalog",
        "schema": database,
        "columns": shown,
    }
    return f"{_VIEW}{base64.b64encode(json.dumps(document).encode()).decode()} */"
