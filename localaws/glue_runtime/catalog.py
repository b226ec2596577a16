"""Tables of the Data Catalog, as sources and sinks of a job."""

from typing import Any

from pyspark import RDD
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from localaws.glue_runtime import bookmark, formats, objects
from localaws.glue_runtime.choices import quoted
from localaws.glue_runtime.refusing import NotActingHere, only

Table = dict[str, Any]
_SERDES = {
    "parquet": "parquet",
    "orc": "orc",
    "json": "json",
    "avro": "avro",
    "csv": "csv",
    "simple": "csv",
}


def table(database: str, name: str) -> Table:
    """Return a table as GetTable does.

    Raises:
        NotActingHere: Not IAM alone decides who reads it.
    """
    answer = objects.client("glue").get_table(DatabaseName=database, Name=name)
    found: Table = answer["Table"]
    # the local catalog says this of tables that Lake Formation governs alone
    if "IsRegisteredWithLakeFormation" in found:
        raise NotActingHere(
            f"the table {database}.{name}, which Lake Formation governs",
            "reads it with the permissions that the job's role has there",
        )
    return found


def columns(found: Table) -> list[tuple[str, str]]:
    """Return names and types of a table's columns, partitions not among them."""
    every = found["StorageDescriptor"].get("Columns", [])
    return [(one["Name"], one.get("Type", "string")) for one in every]


def kind(found: Table) -> str:
    """Return the format of a table's files.

    Raises:
        NotActingHere: It is another than those that can be read here.
    """
    known = found.get("Parameters", {}).get("classification", "")
    if known in formats.FORMATS:
        return known
    serde = found["StorageDescriptor"].get("SerdeInfo", {})
    library = serde.get("SerializationLibrary", "").lower()
    for part, name in _SERDES.items():
        if part in library:
            return name
    raise NotActingHere(
        f"the table {found['Name']} of {known or library or 'no format'}", "reads it"
    )


def csv_options(found: Table) -> dict[str, Any]:
    """Return format_options of a table of CSV files."""
    serde = found["StorageDescriptor"].get("SerdeInfo", {}).get("Parameters", {})
    parameters = found.get("Parameters", {})
    separator = serde.get("field.delim") or serde.get("separatorChar")
    return {
        "separator": separator or parameters.get("delimiter", ","),
        "withHeader": parameters.get("skip.header.line.count", "0") != "0",
        "quoteChar": serde.get("quoteChar", '"'),
    }


def read(
    session: SparkSession,
    database: str,
    name: str,
    predicate: str,
    context: str,
    more: dict[str, Any],
) -> tuple[DataFrame, tuple[RDD, ...]]:
    """Return a table's records, and those in error.

    Args:
        session: Spark's.
        database: Of the table.
        name: The table.
        predicate: On the partitions: others are not read at all.
        context: The transformation_ctx, under which the bookmark is.
        more: `additional_options`.
    """
    only("from_catalog additional_options", more, {"exclusions"})
    found = table(database, name)
    location = f"{found['StorageDescriptor']['Location'].rstrip('/')}/"
    keys = found.get("PartitionKeys", [])
    folders = [location]
    if keys:
        folders = _folders(session, database, name, keys, predicate)
    elif predicate:
        raise ValueError(f"push_down_predicate: {name} has no partition keys")
    listed = objects.listed(folders, True, more.get("exclusions", ()))
    paths = [uri for uri, _ in bookmark.fresh(context, listed)]
    if not paths:
        return formats.empty(session), ()
    base = location if keys else ""
    format_ = kind(found)
    failed: tuple[RDD, ...] = ()
    if format_ == "csv":
        options = csv_options(found)
        data = formats.typed_csv(session, paths, options, columns(found), base)
    else:
        data, failed = formats.read(session, format_, paths, {}, base)
    types = {one["Name"]: one.get("Type", "string") for one in keys}
    return data.select([_cast(one, types) for one in data.columns]), failed


def _cast(name: str, types: dict[str, str]) -> Any:
    column = f.col(quoted(name))
    return column.cast(types[name]).alias(name) if name in types else column


def _folders(
    session: SparkSession, database: str, name: str, keys: list[Any], predicate: str
) -> list[str]:
    pages = objects.client("glue").get_paginator("get_partitions")
    every = pages.paginate(DatabaseName=database, TableName=name)
    found = [one for page in every for one in page["Partitions"]]
    for one in found:
        hive = "/".join(
            f"{key['Name']}={value}"
            for key, value in zip(keys, one["Values"], strict=True)
        )
        if not one["StorageDescriptor"]["Location"].rstrip("/").endswith(hive):
            raise NotActingHere(
                f"the partition {one['StorageDescriptor']['Location']} (here only "
                f"folders such as {hive})",
                "reads it",
            )
    rows = [
        (f"{one['StorageDescriptor']['Location'].rstrip('/')}/", *one["Values"])
        for one in found
    ]
    if predicate and rows:
        names = [key["Name"] for key in keys]
        data = session.createDataFrame(rows, ["_at", *names])
        typed = [
            f.col(quoted(key["Name"]))
            .cast(key.get("Type", "string"))
            .alias(key["Name"])
            for key in keys
        ]
        rows = data.select("_at", *typed).where(predicate).select("_at").collect()
    return [row[0] for row in rows]
