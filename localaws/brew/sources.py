"""Data sets: objects in S3 and tables of the Data Catalog, as frames."""

import io
import json
from pathlib import PurePosixPath
from typing import Any

import boto3
import pandas as pd
import pyarrow as pa
from botocore.exceptions import ClientError

from localaws.brew.casting import cast, narrowed
from localaws.brew.errors import BrewError, NotActed
from localaws.brew.frames import kind, normal, texts

Members = dict[str, Any]
_HIDDEN = ("_", ".")
_FORMATS = {
    ".csv": "CSV",
    ".tsv": "CSV",
    ".json": "JSON",
    ".jsonl": "JSON",
    ".parquet": "PARQUET",
    ".orc": "ORC",
}
_PACKED = {".gz": "gzip", ".bz2": "bz2"}
_SERDES = {"parquet": "PARQUET", "orc": "ORC", "json": "JSON", "csv": "CSV"}


class Sources:
    """What a job may read: with the role's credentials, its data sets by name.

    Args:
        known: The documents of the data sets.
    """

    def __init__(self, known: dict[str, Members]) -> None:
        self._known = known
        self._s3 = boto3.client("s3")

    def read(self, name: str, place: Members | None = None) -> pd.DataFrame:
        """Read a data set by its name, or CSV, JSON or Parquet at a place.

        Raises:
            BrewError: It is not there, or cannot be read.
        """
        if name in self._known:
            return self.open(self._known[name])
        if place is None:
            raise BrewError(f"The dataset {name!r} does not exist.")
        return self._objects(place["Bucket"], place.get("Key", ""), None, {})

    def open(self, document: Members) -> pd.DataFrame:
        """Read a data set by its document."""
        given, options = document["Input"], document.get("FormatOptions", {})
        if "DataCatalogInputDefinition" in given:
            frame = self._table(given["DataCatalogInputDefinition"])
        else:
            place = given["S3InputDefinition"]
            form = document.get("Format")
            frame = self._objects(place["Bucket"], place.get("Key", ""), form, options)
        shown = f"{len(frame)} rows, {len(frame.columns)} columns"
        print(f"Dataset {document['Name']}: {shown}", flush=True)
        return frame

    def _objects(
        self, bucket: str, key: str, form: str | None, options: Members
    ) -> pd.DataFrame:
        frames = []
        for name, body in self._bodies(bucket, key):
            frames.append(_parsed(name, body, form, options))
        if not frames:
            raise BrewError(f"There is no object to read at s3://{bucket}/{key}.")
        return _joined(frames)

    def _bodies(self, bucket: str, key: str) -> list[tuple[str, bytes]]:
        if key and not key.endswith("/"):
            try:
                return [(key, self._body(bucket, key))]
            except ClientError as error:
                if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
                    raise
                key = f"{key}/"
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=key
        )
        found = [one["Key"] for page in pages for one in page.get("Contents", ())]
        names = [
            one
            for one in found
            if not one.endswith("/") and not PurePosixPath(one).name.startswith(_HIDDEN)
        ]
        return [(name, self._body(bucket, name)) for name in names]

    def _body(self, bucket: str, key: str) -> bytes:
        body: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def _table(self, given: Members) -> pd.DataFrame:
        glue, database = boto3.client("glue"), given["DatabaseName"]
        table = glue.get_table(DatabaseName=database, Name=given["TableName"])["Table"]
        # the local catalog says this of tables that Lake Formation governs alone
        if "IsRegisteredWithLakeFormation" in table:
            raise NotActed(
                f"the table {table['Name']}, which Lake Formation governs",
                "reads it with the permissions that the role has there",
            )
        keys = table.get("PartitionKeys") or []
        storage = table["StorageDescriptor"]
        if not keys:
            return self._stored(storage, storage, table.get("Parameters", {}))
        parts = []
        pages = glue.get_paginator("get_partitions").paginate(
            DatabaseName=database, TableName=given["TableName"]
        )
        for one in (part for page in pages for part in page["Partitions"]):
            frame = self._stored(
                one["StorageDescriptor"], storage, table.get("Parameters", {})
            )
            for column, value in zip(keys, one["Values"], strict=True):
                held = pd.Series([value] * len(frame), dtype=object)
                frame[column["Name"]] = cast(held, column.get("Type", "string"))
            parts.append(frame)
        if not parts:
            raise BrewError(f"The table {given['TableName']} has no partition to read.")
        return _joined(parts)

    def _stored(self, where: Members, like: Members, told: Members) -> pd.DataFrame:
        serde = like.get("SerdeInfo", {})
        hint = told.get("classification") or serde.get("SerializationLibrary", "")
        form = next((f for word, f in _SERDES.items() if word in hint.lower()), "CSV")
        settings = {**serde.get("Parameters", {}), **told}
        named = [one["Name"] for one in like["Columns"]]
        skipped = int(settings.get("skip.header.line.count", 0))
        delimiter = settings.get("separatorChar") or settings.get("field.delim", ",")
        options: Members = {"Csv": {"Delimiter": delimiter, "HeaderRow": False}}
        if form == "CSV":
            options["Csv"] |= {"names": named, "skip": skipped}
        bucket, _, key = where["Location"].split("://", 1)[1].partition("/")
        folder = f"{key.rstrip('/')}/" if key else ""
        frame = self._objects(bucket, folder, form, options)
        made = {}
        for one in like["Columns"]:
            name = next((n for n in frame if n.lower() == one["Name"].lower()), None)
            if name is None:
                empty = pd.Series([None] * len(frame), dtype=object)
                made[one["Name"]] = cast(empty, one.get("Type", "string"))
            elif kind(frame[name]) in ("array", "struct"):
                made[one["Name"]] = frame[name]
            else:
                made[one["Name"]] = cast(frame[name], one.get("Type", "string"))
        return pd.DataFrame(made)


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Put files together; columns that differ in type are strings in all."""
    names = list(dict.fromkeys(name for frame in frames for name in frame))
    for name in names:
        kinds = {kind(f[name]) for f in frames if name in f and f[name].notna().any()}
        if len(kinds) > 1:
            number = kinds <= {"int", "long", "double"}
            wanted = ("long" if "double" not in kinds else "double") if number else ""
            for frame in frames:
                if name in frame:
                    column = frame[name]
                    frame[name] = cast(column, wanted) if wanted else texts(column)
    return normal(pd.concat(frames, ignore_index=True))


def _parsed(key: str, body: bytes, form: str | None, options: Members) -> pd.DataFrame:
    path = PurePosixPath(key)
    packed = _PACKED.get(path.suffix)
    suffix = path.with_suffix("").suffix if packed else path.suffix
    form = form or _FORMATS.get(suffix.lower())
    if form is None:
        raise BrewError(f"The format of {key} is not known; set the dataset's Format.")
    try:
        if form == "CSV":
            return _csv(body, packed, options.get("Csv", {}))
        if form == "JSON":
            return _json(body, packed, options.get("Json", {}))
        read = pd.read_parquet if form == "PARQUET" else pd.read_orc
        return normal(read(io.BytesIO(body)))
    except (ValueError, OSError, EOFError, pa.ArrowException) as error:
        raise BrewError(f"{key} cannot be read as {form}: {error}") from error


def _csv(body: bytes, packed: str | None, options: Members) -> pd.DataFrame:
    """Read CSV; the types are told by the values, or by who gives the names."""
    header, named = options.get("HeaderRow", True), options.get("names")
    frame = pd.read_csv(
        io.BytesIO(body),
        sep=options.get("Delimiter", ","),
        header=0 if header else None,
        names=named,
        skiprows=options.get("skip", 0),
        compression=packed,
        dtype=object if named else None,
        dtype_backend="numpy_nullable",
        keep_default_na=False,
        na_values=[""],
        index_col=False,
        low_memory=False,
    )
    if not header and not named:
        count = len(frame.columns)
        frame.columns = pd.Index([f"Column_{n}" for n in range(1, count + 1)])
    made = normal(frame)
    return pd.DataFrame({name: narrowed(made[name]) for name in made})


def _json(body: bytes, packed: str | None, options: Members) -> pd.DataFrame:
    if packed:
        raise NotActed(f"JSON packed by {packed}", "unpacks it")
    text = body.decode("utf-8")
    if options.get("MultiLine"):
        read = json.loads(text)
        rows = read if isinstance(read, list) else [read]
    else:
        lines = (line for line in text.splitlines() if line.strip())
        rows = [json.loads(line) for line in lines]
        if len(rows) == 1 and isinstance(rows[0], list):
            rows = rows[0]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("its records are not objects")
    return normal(pd.DataFrame(rows))
