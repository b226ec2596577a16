"""What a recipe job writes: files in S3, named as DataBrew's are."""

import bz2
import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import fastavro
import pandas as pd
import pyarrow as pa
from pyarrow import orc, parquet

from localaws.brew.errors import BrewError
from localaws.brew.frames import kind, need, texts

Members = dict[str, Any]
_NULL = "__HIVE_DEFAULT_PARTITION__"
_SUFFIX = {"GLUEPARQUET": "parquet"}
_PACK = {"GZIP": (gzip.compress, ".gz"), "BZIP2": (bz2.compress, ".bz2")}
_AVRO = {
    "byte": "int",
    "short": "int",
    "int": "int",
    "long": "long",
    "float": "float",
    "double": "double",
    "boolean": "boolean",
    "timestamp": {"type": "long", "logicalType": "timestamp-micros"},
    "date": {"type": "int", "logicalType": "date"},
}


def write(frame: pd.DataFrame, output: Members, stem: str, job: str) -> str:
    """Write an output, and return where it is.

    Args:
        frame: The data.
        output: One of the job's Outputs.
        stem: `<job>_<date>_<milliseconds>`, which a run has of its own.
        job: The job's name.

    Raises:
        BrewError: It cannot be written.
    """
    s3, bucket = boto3.client("s3"), output["Location"]["Bucket"]
    prefix = output["Location"].get("Key", "")
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    if output.get("Overwrite"):
        stem = job
        _clear(s3, bucket, folder, job)
    else:
        folder = f"{folder}{stem}/"
    form = output.get("Format", "CSV")
    packing = output.get("CompressionFormat")
    for path, rows in _partitions(frame, output.get("PartitionColumns") or []):
        body, suffix = _body(rows, form, packing, output.get("FormatOptions", {}))
        key = f"{folder}{path}{stem}_part00000.{suffix}"
        s3.put_object(Bucket=bucket, Key=key, Body=body)
        print(f"Output: {len(rows)} rows at s3://{bucket}/{key}", flush=True)
    return f"s3://{bucket}/{folder}"


def _clear(s3: Any, bucket: str, folder: str, job: str) -> None:
    """Delete what an earlier run of the job has written to the place."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
    for page in pages:
        for one in page.get("Contents", ()):
            if one["Key"].rpartition("/")[2].startswith(f"{job}_part"):
                s3.delete_object(Bucket=bucket, Key=one["Key"])


def _partitions(
    frame: pd.DataFrame, columns: list[str]
) -> Iterator[tuple[str, pd.DataFrame]]:
    if not columns:
        yield "", frame
        return
    need(frame, *columns)
    if len(columns) == len(frame.columns):
        raise BrewError("PartitionColumns must leave a column to write.")
    shown = [texts(frame[name]).fillna(_NULL) for name in columns]
    folders = [
        "".join(f"{n}={v}/" for n, v in zip(columns, row, strict=True))
        for row in zip(*shown, strict=True)
    ]
    rest = frame.drop(columns=columns)
    for folder, rows in rest.groupby(pd.Series(folders, index=frame.index), sort=True):
        yield str(folder), rows


def _body(
    frame: pd.DataFrame, form: str, packing: str | None, options: Members
) -> tuple[bytes, str]:
    suffix = _SUFFIX.get(form, form.lower())
    if form in ("PARQUET", "GLUEPARQUET"):
        sink = io.BytesIO()
        parquet.write_table(
            _table(frame), sink, compression=(packing or "SNAPPY").lower()
        )
        shown = "" if packing is None else f"{packing.lower()}."
        return sink.getvalue(), f"{shown}{suffix}"
    if form == "ORC":
        sink = io.BytesIO()
        orc.write_table(_table(frame), sink)
        return sink.getvalue(), suffix
    if form == "AVRO":
        return _avro(frame), suffix
    text = _csv(frame, options) if form == "CSV" else _json(frame)
    body = text.encode()
    if packing:
        pack, ending = _PACK[packing]
        return pack(body), f"{suffix}{ending}"
    return body, suffix


def _table(frame: pd.DataFrame) -> pa.Table:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    # a column without any value has no type in pandas; it is one of strings
    fields = [
        pa.field(one.name, pa.string() if pa.types.is_null(one.type) else one.type)
        for one in table.schema
    ]
    return table.replace_schema_metadata(None).cast(pa.schema(fields))


def _csv(frame: pd.DataFrame, options: Members) -> str:
    shown = {name: _cell(frame[name]) for name in frame}
    delimiter = options.get("Csv", {}).get("Delimiter", ",")
    return pd.DataFrame(shown).to_csv(index=False, sep=delimiter, lineterminator="\n")


def _cell(series: pd.Series) -> pd.Series:
    found = kind(series)
    if found == "timestamp":
        return series.dt.strftime("%Y-%m-%dT%H:%M:%S.%f").str[:-3] + "Z"
    if found in ("boolean", "array", "struct", "date", "decimal"):
        return texts(series)
    return series


def _records(frame: pd.DataFrame) -> Iterator[Members]:
    columns = [frame[name].astype(object) for name in frame]
    for row in zip(*columns, strict=True):
        yield {
            name: None if pd.api.types.is_scalar(value) and pd.isna(value) else value
            for name, value in zip(frame, row, strict=True)
        }


def _json(frame: pd.DataFrame) -> str:
    """Write an object a line, without the members that are null, as Spark does."""
    shown = frame.assign(
        **{
            name: _cell(frame[name])
            for name in frame
            if kind(frame[name]) in ("timestamp", "date")
        }
    )
    lines = (
        json.dumps({k: v for k, v in row.items() if v is not None}, default=_plain)
        for row in _records(shown)
    )
    return "".join(f"{line}\n" for line in lines)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)


def _avro(frame: pd.DataFrame) -> bytes:
    fields = [
        {"name": name, "type": ["null", _AVRO.get(kind(frame[name]), "string")]}
        for name in frame
    ]
    strange = [n for n in frame if kind(frame[n]) not in (*_AVRO, "string")]
    shown = frame.assign(**{name: texts(frame[name]) for name in strange})
    records = [
        {
            k: v.to_pydatetime() if hasattr(v, "to_pydatetime") else v
            for k, v in r.items()
        }
        for r in _records(shown)
    ]
    sink = io.BytesIO()
    schema = {"type": "record", "name": "topLevelRecord", "fields": fields}
    fastavro.writer(sink, fastavro.parse_schema(schema), records, codec="deflate")
    return sink.getvalue()
