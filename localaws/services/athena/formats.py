"""Formats of a table, as DDL names them and as the Data Catalog keeps them."""

from typing import Any

from sqlglot import exp

from localaws.errors import NotImplementedHere
from localaws.lake.errors import QueryError

_HIVE = "org.apache.hadoop.hive"
_TEXT = (
    "org.apache.hadoop.mapred.TextInputFormat",
    f"{_HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat",
)
_PARQUET = f"{_HIVE}.ql.io.parquet"
# Input format, output format, SerDe.
FORMATS: dict[str, tuple[str, str, str]] = {
    "TEXTFILE": (*_TEXT, f"{_HIVE}.serde2.lazy.LazySimpleSerDe"),
    "PARQUET": (
        f"{_PARQUET}.MapredParquetInputFormat",
        f"{_PARQUET}.MapredParquetOutputFormat",
        f"{_PARQUET}.serde.ParquetHiveSerDe",
    ),
    "ORC": (
        f"{_HIVE}.ql.io.orc.OrcInputFormat",
        f"{_HIVE}.ql.io.orc.OrcOutputFormat",
        f"{_HIVE}.ql.io.orc.OrcSerde",
    ),
    "AVRO": (
        f"{_HIVE}.ql.io.avro.AvroContainerInputFormat",
        f"{_HIVE}.ql.io.avro.AvroContainerOutputFormat",
        f"{_HIVE}.serde2.avro.AvroSerDe",
    ),
    "JSON": (*_TEXT, "org.openx.data.jsonserde.JsonSerDe"),
}
# What CTAS and UNLOAD compress with, unless told otherwise.
COMPRESSION = {
    "PARQUET": "GZIP",
    "ORC": "ZLIB",
    "AVRO": "GZIP",
    "JSON": "GZIP",
    "TEXTFILE": "GZIP",
}
_CODECS = {
    "PARQUET": ("GZIP", "SNAPPY", "ZSTD", "LZ4", "NONE"),
    "ORC": ("ZLIB", "SNAPPY", "ZSTD", "LZ4", "NONE"),
    "AVRO": ("GZIP", "SNAPPY", "NONE"),
    "JSON": ("GZIP", "NONE"),
    "TEXTFILE": ("GZIP", "NONE"),
}
Members = dict[str, Any]


def storage(
    kind: str,
    columns: list[Members],
    location: str,
    serde: str | None = None,
    parameters: dict[str, str] | None = None,
) -> Members:
    """Return a StorageDescriptor.

    Args:
        kind: Key of `FORMATS`.
        columns: With Name and Type.
        location: As `s3://...`.
        serde: Another SerDe than the format's own.
        parameters: Of the SerDe.
    """
    read, written, library = FORMATS[kind]
    return {
        "Columns": columns,
        "Location": location,
        "InputFormat": read,
        "OutputFormat": written,
        "SerdeInfo": {
            "SerializationLibrary": serde or library,
            "Parameters": parameters or {"serialization.format": "1"},
        },
    }


def storage_of(tree: exp.Create, name: str) -> Members:
    """Return the TableInput of a CREATE EXTERNAL TABLE.

    Raises:
        QueryError: It has no location, or an unknown format.
        NotImplementedHere: It has a clause that does not act.
    """
    given = tree.args.get("properties") or exp.Properties(expressions=[])
    kind, serde, serde_given = "TEXTFILE", None, {}
    table: Members = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE"},
        "PartitionKeys": [],
    }
    location, formats = "", None
    for one in given.expressions:
        if isinstance(one, exp.SchemaCommentProperty):
            table["Parameters"]["comment"] = one.this.name
        elif isinstance(one, exp.PartitionedByProperty):
            table["PartitionKeys"] = _columns(one.this)
        elif isinstance(one, exp.RowFormatDelimitedProperty):
            serde_given |= _delimiters(one)
        elif isinstance(one, exp.RowFormatSerdeProperty):
            serde = one.this.name
            serde_given |= _pairs(one.args.get("serde_properties"))
        elif isinstance(one, exp.SerdeProperties):
            serde_given |= _pairs(one)
        elif isinstance(one, exp.FileFormatProperty):
            if isinstance(one.this, exp.InputOutputFormat):
                ends = one.this.args
                formats = (ends["input_format"].name, ends["output_format"].name)
            else:
                kind = one.this.name.upper()
        elif isinstance(one, exp.LocationProperty):
            location = one.this.name
        elif isinstance(one, exp.ExternalProperty):
            continue
        elif type(one) is exp.Property:
            table["Parameters"][one.this.name] = one.args["value"].name
        else:
            raise NotImplementedHere(
                f"athena: CREATE TABLE ... {one.sql('athena')}", "buckets the table"
            )
    if kind not in FORMATS:
        raise QueryError(
            f"FAILED: SemanticException Unrecognized file format in STORED AS clause: "
            f"'{kind}'",
            1003,
        )
    if not location.startswith("s3://"):
        raise QueryError(
            "FAILED: SemanticException table is not partitioned but location is missing"
            if not location
            else f"FAILED: {location} is not an S3 path",
            1003,
        )
    table["StorageDescriptor"] = storage(
        kind, _columns(tree.this), location, serde, serde_given or None
    )
    if formats:
        ends = ("InputFormat", "OutputFormat")
        table["StorageDescriptor"] |= dict(zip(ends, formats, strict=True))
    return table


def written(options: dict[str, Any]) -> Members:
    """Return how rows are written: `Plan.write`.

    Args:
        options: Properties of a CTAS or UNLOAD, names in lower case.

    Raises:
        QueryError: A value is not one that Athena knows.
    """
    kind = str(options.get("format", "PARQUET")).upper()
    if kind not in FORMATS:
        raise QueryError(
            f"INVALID_TABLE_PROPERTY: format {kind} is not supported", 1103
        )
    names = ("write_compression", f"{kind.lower()}_compression", "compression")
    chosen = next((options[name] for name in names if name in options), None)
    codec = str(chosen or COMPRESSION[kind]).upper()
    if codec not in _CODECS[kind]:
        raise QueryError(
            f"INVALID_TABLE_PROPERTY: compression {codec} is not supported for {kind}",
            1103,
        )
    return {
        "format": kind.lower(),
        "compression": codec,
        "partitioned_by": options.get("partitioned_by", []),
        "delimiter": options.get("field_delimiter", ""),
    }


def _columns(schema: exp.Expression) -> list[Members]:
    columns = []
    for one in schema.expressions:
        column = {
            "Name": one.name.lower(),
            "Type": one.args["kind"].sql("hive").lower().replace(": ", ":"),
        }
        comment = one.find(exp.CommentColumnConstraint)
        if comment is not None:
            column["Comment"] = comment.this.name
        columns.append(column)
    return columns


def _delimiters(row: exp.RowFormatDelimitedProperty) -> dict[str, str]:
    names = {
        "fields": "field.delim",
        "escaped": "escape.delim",
        "lines": "line.delim",
        "collection_items": "collection.delim",
        "map_keys": "mapkey.delim",
        "null": "serialization.null.format",
    }
    given = {
        name: row.args[key].name
        for key, name in names.items()
        if row.args.get(key) is not None
    }
    fields = given.get("field.delim")
    return given | ({"serialization.format": fields} if fields else {})


def _pairs(given: exp.Expression | None) -> dict[str, str]:
    found = given.expressions if given is not None else []
    return {one.this.name: one.args["value"].name for one in found}
