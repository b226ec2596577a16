"""What lies below a prefix: its format by the first bytes, its rows, its sums."""

import gzip
import io
from typing import TYPE_CHECKING, Any

from helpers.check import JSON

if TYPE_CHECKING:
    from pandas import DataFrame

MAGIC = {b"PAR1": "parquet", b"ORC": "orc", b"Obj\x01": "avro", b"{": "json"}
GZIP = b"\x1f\x8b"


def stored(s3: Any, bucket: str, prefix: str) -> JSON:
    """Say what lies below a prefix of a bucket.

    Returns:
        `keys`, `bytes`, `formats`, `columns`; and where the files can be read as one
        table of payments, `rows`, `distinct` payments, the sum of their ids and the
        sum of the amounts in cents. Where they cannot, `unread` says why.
    """
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    listed = [each for page in pages for each in page.get("Contents", [])]
    listed = [each for each in listed if each["Size"]]
    found: JSON = {"keys": len(listed), "bytes": sum(each["Size"] for each in listed)}
    bodies = [
        s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in listed
    ]
    formats = sorted({form(body) for body in bodies})
    found |= {"formats": formats, "columns": []}
    if len(formats) != 1 or formats == ["text"]:
        return found
    try:
        return found | _summed([table(body, formats[0]) for body in bodies])
    except (ValueError, TypeError, KeyError, EOFError, OSError) as error:
        return found | {"unread": f"{type(error).__name__}: {error}"[:300]}


def form(body: bytes) -> str:
    """Name the format of a file by its first bytes; `text` if it is none of ours."""
    start = body[:64]
    if start.startswith(GZIP):
        start = gzip.GzipFile(fileobj=io.BytesIO(body)).read(64)
    known = (name for magic, name in MAGIC.items() if start.startswith(magic))
    return next(known, "text")


def table(body: bytes, name: str) -> "DataFrame":
    """Read a file of a format that `form` has named."""
    from pandas import DataFrame, read_orc, read_parquet

    file = io.BytesIO(body)
    if name == "avro":
        from fastavro import reader

        return DataFrame(list(reader(file)))
    if name == "json":
        from pyarrow.json import read_json

        text = gzip.decompress(body) if body.startswith(GZIP) else body
        return read_json(io.BytesIO(text)).to_pandas()
    return (read_parquet if name == "parquet" else read_orc)(file)


def kind(body: bytes, column: str) -> str:
    """Give the type of a column of a Parquet or ORC file, as Athena calls it."""
    from pyarrow import orc, parquet, types

    file = io.BytesIO(body)
    if form(body) == "orc":
        schema = orc.ORCFile(file).schema
    else:
        schema = parquet.read_schema(file)
    found = schema.field(column).type
    if types.is_decimal(found):
        return f"decimal({found.precision},{found.scale})"
    return {"float": "float", "double": "double"}.get(str(found), "string")


def _summed(frames: "list[DataFrame]") -> JSON:
    from pandas import concat

    rows = concat(frames, ignore_index=True)
    told: JSON = {"columns": sorted(map(str, rows)), "rows": len(rows)}
    if {"payment_id", "amount"} <= set(rows):
        ids = rows["payment_id"].astype("int64")
        cents = (rows["amount"].astype(float) * 100).round()
        told |= {
            "distinct": int(ids.nunique()),
            "ids": int(ids.sum()),
            "cents": int(cents.sum()),
        }
    return told
