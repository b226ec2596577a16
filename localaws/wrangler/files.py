"""Frames in Parquet files, with the types that Spark gives them."""

from pathlib import Path
from typing import Any

import pandas as pd

from localaws.wrangler.frames import kind, normal
from localaws.wrangler.vectors import MEMBERS, restored


def write_parquet(frame: pd.DataFrame, path: Path, **options: Any) -> None:
    """Write a frame to one file."""
    frame.to_parquet(path, index=False, schema=_schema(frame), **options)


def _schema(frame: pd.DataFrame) -> Any:
    """Return the schema of a frame: pandas' own but for vectors and empty columns."""
    import pyarrow as pa

    kinds = {name: kind(frame[name]) for name in frame}
    vectors = [name for name in frame if kinds[name] == "vector"]
    others = pa.Schema.from_pandas(frame.drop(columns=vectors), preserve_index=False)
    members = [pa.int8(), pa.int32(), pa.list_(pa.int32()), pa.list_(pa.float64())]
    vector = pa.struct(list(zip(MEMBERS, members, strict=True)))
    known = {
        field.name: pa.field(field.name, pa.string())
        if pa.types.is_null(field.type)
        else field
        for field in others
    }
    return pa.schema([known.get(name) or pa.field(name, vector) for name in frame])


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a file or a folder of files; structs of a vector's members are vectors."""
    import pyarrow.parquet as pq

    frame = from_arrow(pq.read_table(path))
    return frame.assign(**{name: restored(frame[name]) for name in frame})


def from_arrow(table: Any) -> pd.DataFrame:
    """Return a table of Arrow's with the types of this package."""
    import pyarrow as pa

    whole = (pa.int8(), pa.int16(), pa.int32(), pa.int64())
    types = {**dict.fromkeys(whole, pd.Int64Dtype()), pa.bool_(): pd.BooleanDtype()}
    return normal(table.to_pandas(types_mapper=types.get))
