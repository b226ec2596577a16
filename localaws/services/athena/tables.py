"""CTAS, INSERT INTO and UNLOAD: rows of a query as files in S3 and in the catalog."""

import re
import uuid
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from sqlglot import exp

from localaws.errors import NotImplementedHere
from localaws.lake.errors import QueryError
from localaws.services.athena import formats
from localaws.services.athena.catalog import Catalog, s3_failure
from localaws.services.athena.definitions import Definitions, folder_of
from localaws.services.athena.results import split
from localaws.services.athena.statements import Statement
from localaws.services.permissions import Caller

_GZIPPED = ("json", "textfile")
_SERDES = {serde: kind for kind, (_, _, serde) in formats.FORMATS.items()} | {
    "org.apache.hive.hcatalog.data.JsonSerDe": "JSON"
}
_KNOWN = {
    "format",
    "external_location",
    "partitioned_by",
    "field_delimiter",
    "write_compression",
    "compression",
    "is_external",
    "table_type",
    *(f"{kind.lower()}_compression" for kind in formats.FORMATS),
}
Members = dict[str, Any]


class TableWriter:
    """Says how rows are written, and puts what was written where it belongs.

    Args:
        glue: Client of the catalog.
        catalog: Lists S3.
        caller: Writes to S3.
        statement: CTAS, INSERT or UNLOAD.
        database: Where names without a database are.
        output: Where the query's results go.
        enforced: Whether the workgroup says where results go.
    """

    def __init__(
        self,
        glue: Any,
        catalog: Catalog,
        caller: Caller,
        statement: Statement,
        database: str,
        output: str,
        *,
        enforced: bool,
    ) -> None:
        self._glue = glue
        self._catalog = catalog
        self._caller = caller
        self._statement = statement
        self._database = statement.database or database
        self._output = output
        self._enforced = enforced
        self._location = ""
        self._order: Members = {}
        self._table: Members = {}

    @property
    def place(self) -> str:
        """Where the rows go, once it is prepared."""
        return self._location

    def prepare(self) -> Members:
        """Return `Plan.write`, or fail before anything is read.

        Raises:
            QueryError: The target exists, does not exist, or is not fit.
        """
        kind = self._statement.kind
        if kind == "UNLOAD":
            options = _unload_options(self._statement.parts.get("rest", ""))
            if "format" not in options:
                raise QueryError("INVALID_TABLE_PROPERTY: format is required", 1103)
            self._location = f"{self._statement.parts['to'].rstrip('/')}/"
            self._check_empty()
            self._order = formats.written(options)
        elif kind == "INSERT":
            self._order = self._insert_order()
        else:
            self._order = self._ctas_order()
        return self._order

    def _ctas_order(self) -> Members:
        tree, name = self._statement.tree, self._statement.table
        assert tree is not None
        options = _ctas_options(tree)
        for option in options:
            if option not in _KNOWN:
                raise NotImplementedHere(
                    f"athena: CREATE TABLE WITH ({option} ...)", "obeys this property"
                )
        if str(options.get("table_type", "HIVE")).upper() != "HIVE":
            raise NotImplementedHere(
                "athena: CREATE TABLE WITH (table_type ...)", "makes an Iceberg table"
            )
        errors = self._glue.exceptions
        try:
            self._glue.get_table(DatabaseName=self._database, Name=name)
        except errors.EntityNotFoundException:
            self._check_database()
        else:
            raise QueryError(
                "TABLE_ALREADY_EXISTS: line 1:1: Destination table "
                f"'awsdatacatalog.{self._database}.{name}' already exists",
                1003,
            )
        given = options.get("external_location")
        if given and self._enforced:
            raise QueryError(
                "INVALID_TABLE_PROPERTY: external_location cannot be given in a "
                "workgroup that enforces its result location",
                1103,
            )
        self._location = f"{given.rstrip('/')}/" if given else f"{self._output}/"
        self._check_empty()
        return formats.written(options)

    def _check_database(self) -> None:
        try:
            self._glue.get_database(Name=self._database)
        except self._glue.exceptions.EntityNotFoundException as error:
            raise QueryError(
                f"SCHEMA_NOT_FOUND: line 1:1: Schema '{self._database}' does not exist"
            ) from error

    def _check_empty(self) -> None:
        if next(self._catalog.objects(self._location), None) is not None:
            target = f"{self._database}.{self._statement.table}".rstrip(".")
            raise QueryError(
                f"HIVE_PATH_ALREADY_EXISTS: Target directory for table '{target}' "
                f"already exists: {self._location}. You may need to manually clean "
                "the data at this location before retrying. Athena will not delete "
                "data in your account.",
                1003,
            )

    def _insert_order(self) -> Members:
        name = self._statement.table
        try:
            table = self._glue.get_table(DatabaseName=self._database, Name=name)
        except self._glue.exceptions.EntityNotFoundException as error:
            raise QueryError(
                f"TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.{self._database}."
                f"{name}' does not exist",
                1110,
            ) from error
        self._table = table["Table"]
        storage = self._table["StorageDescriptor"]
        serde = storage["SerdeInfo"]
        kind = _SERDES.get(serde["SerializationLibrary"])
        if kind is None:
            raise QueryError(
                "NOT_SUPPORTED: Inserting into a table of this SerDe is not supported",
                1200,
            )
        self._location = f"{storage['Location'].rstrip('/')}/"
        options = {
            "format": kind,
            "field_delimiter": serde.get("Parameters", {}).get("field.delim", ""),
            "partitioned_by": [
                key["Name"] for key in self._table.get("PartitionKeys", [])
            ],
        }
        codec = self._table.get("Parameters", {}).get("write.compression")
        every = [*storage["Columns"], *self._table.get("PartitionKeys", [])]
        order = formats.written(
            options | ({"write_compression": codec} if codec else {})
        )
        return order | {
            "into": [[column["Name"], column["Type"]] for column in every],
            "given": self._statement.parts["columns"],
        }

    def finish(self, answer: Members, folder: Path, stamp: str) -> list[str]:
        """Upload what was written, register it, and return the addresses.

        Args:
            answer: Of the query's process.
            folder: Where it wrote.
            stamp: Begins the names of the files.
        """
        keys = [name for name, _ in answer["keys"]]
        digest = uuid.uuid5(uuid.NAMESPACE_URL, self._output)
        suffix = ".gz" if self._order["format"] in _GZIPPED else ""
        if self._order["compression"] == "NONE":
            suffix = ""
        uris, places = [], {}
        for number, file in enumerate(answer["files"]):
            below = f"{folder_of(keys, file['values'])}/" if keys else ""
            places[tuple(file["values"])] = f"{self._location}{below}"
            name = f"{stamp}_{number:05d}_{digest.hex[:5]}_{digest}{suffix}"
            uri = f"{self._location}{below}{name}"
            self._upload(folder / file["path"], uri)
            uris.append(uri)
        if self._statement.kind == "CREATE_TABLE_AS_SELECT":
            self._create(answer)
        if keys and self._statement.kind != "UNLOAD":
            definitions = Definitions(self._glue, self._catalog, self._database)
            for values, place in places.items():
                definitions.add_partition(self._table, list(values), place)
        return uris

    def _upload(self, path: Path, uri: str) -> None:
        where = split(uri)
        arn = f"arn:aws:s3:::{where['Bucket']}/{where['Key']}"
        try:
            self._caller.demand("s3:PutObject", arn)
            self._caller.client("s3").put_object(**where, Body=path.read_bytes())
        except ClientError as error:
            raise s3_failure(error) from error

    def _create(self, answer: Members) -> None:
        kind = self._order["format"].upper()
        columns, keys = (
            [{"Name": name, "Type": type_} for name, type_ in answer[part]]
            for part in ("columns", "keys")
        )
        delimiter = self._order["delimiter"]
        given = {"field.delim": delimiter, "serialization.format": delimiter}
        table = {
            "Name": self._statement.table,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", "classification": kind.lower()},
            "PartitionKeys": keys,
            "StorageDescriptor": formats.storage(
                kind,
                columns,
                self._location,
                parameters=given if kind == "TEXTFILE" and delimiter else None,
            ),
        }
        self._glue.create_table(DatabaseName=self._database, TableInput=table)
        self._table = table | {"DatabaseName": self._database}


def _unload_options(text: str) -> Members:
    found = re.fullmatch(r"\s*WITH\s*\((.*)\)\s*", text, re.IGNORECASE | re.DOTALL)
    options: Members = {}
    pattern = r"(\w+)\s*=\s*(?:'([^']*)'|ARRAY\s*\[([^\]]*)\])"
    for name, value, names in re.findall(pattern, found[1] if found else "", re.I):
        array = [one.strip().strip("'\"") for one in names.split(",")]
        options[name.lower()] = array if names else value
    return options


def _ctas_options(tree: exp.Expression) -> Members:
    options: Members = {}
    properties = tree.args.get("properties")
    for one in properties.expressions if properties is not None else []:
        if isinstance(one, exp.FileFormatProperty):
            options["format"] = one.this.name
        elif isinstance(one, exp.PartitionedByProperty):
            options["partitioned_by"] = [item.name for item in one.this.expressions]
        elif isinstance(one, exp.Property):
            value = one.args.get("value")
            options[one.name.lower()] = value.name if value is not None else ""
    return options
