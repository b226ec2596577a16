"""Data sets to files, named and laid out as Spark's are."""

import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from localaws.wrangler.errors import FlowError, NotActed
from localaws.wrangler.files import write_parquet
from localaws.wrangler.frames import kind, need, text

Members = dict[str, Any]
# Spark's name of each compression, pandas' name, and what it adds to a file's name.
_CSV = {"none": (None, ""), "gzip": ("gzip", ".gz"), "bzip2": ("bz2", ".bz2")}
_PARQUET = {
    "none": (None, ""),
    "snappy": ("snappy", ".snappy"),
    "gzip": ("gzip", ".gz"),
    "zstd": ("zstd", ".zstd"),
}
_MOST = 9999
_PARTITIONING = ("num_partitions", "partition_by", "has_headers")
_NULL = "__HIVE_DEFAULT_PARTITION__"


def write(frame: pd.DataFrame, folder: Path, form: Members, seed: str) -> int:
    """Write a data set.

    Args:
        frame: It.
        folder: Where its files go.
        form: `content_type`, `delimiter`, `compression`, `partition_config`.
        seed: What the names of the files are made of.

    Returns:
        How many files there are now.
    """
    content = str(form.get("content_type") or "CSV").upper()
    if content not in ("CSV", "PARQUET"):
        raise FlowError(f"content_type must be CSV or Parquet; found {content!r}")
    config = form.get("partition_config") or {}
    unknown = sorted(set(config) - set(_PARTITIONING))
    if unknown:
        raise NotActed(f"partition_config {', '.join(unknown)}", "shapes the files")
    stamp = uuid.uuid5(uuid.NAMESPACE_URL, seed)
    parts = _parts(config.get("num_partitions"))
    count = 0
    for path, rows in _partitions(frame, config.get("partition_by")):
        (folder / path).mkdir(parents=True, exist_ok=True)
        for number, share in enumerate(np.array_split(np.arange(len(rows)), parts)):
            stem = folder / path / f"part-{number:05d}-{stamp}-c000"
            _file(rows.iloc[share], stem, content, form, config.get("has_headers"))
            count += 1
    return count


def _parts(asked: Any) -> int:
    try:
        number = int(asked or 1)
    except (TypeError, ValueError):
        raise FlowError(f"num_partitions must be an integer; found {asked!r}") from None
    return min(max(number, 1), _MOST)


def _partitions(frame: pd.DataFrame, by: Any) -> list[tuple[str, pd.DataFrame]]:
    if not by:
        return [("", frame)]
    names = need(frame, [by] if isinstance(by, str) else by)
    if len(names) == len(frame.columns):
        raise FlowError("partition_by must leave a column to write")
    values = pd.concat([text(frame[name]).fillna(_NULL) for name in names], axis=1)
    folders = [
        "/".join(map("=".join, zip(names, row, strict=True)))
        for row in values.to_numpy()
    ]
    rest = frame.drop(columns=names)
    return [
        (str(path), rows)
        for path, rows in rest.groupby(np.array(folders, dtype=object), sort=True)
    ]


def _file(
    frame: pd.DataFrame, stem: Path, content: str, form: Members, headers: Any
) -> None:
    csv = content == "CSV"
    table = _CSV if csv else _PARQUET
    name = str(form.get("compression") or ("none" if csv else "snappy")).lower()
    if name not in table:
        raise NotActed(f"compression {name!r} of {content}", "compresses the files")
    method, suffix = table[name]
    if not csv:
        path = stem.with_name(f"{stem.name}{suffix}.parquet")
        write_parquet(frame, path, compression=method)
        return
    pd.DataFrame({name: _written(frame[name]) for name in frame}).to_csv(
        stem.with_name(f"{stem.name}.csv{suffix}"),
        index=False,
        sep=form.get("delimiter") or ",",
        header=True if headers is None else bool(headers),
        compression=method,
        lineterminator="\n",
    )


def _written(series: pd.Series) -> pd.Series:
    found = kind(series)
    if found == "datetime":
        return series.dt.strftime("%Y-%m-%dT%H:%M:%S.%f").str[:-3] + "Z"
    spelled = ("bool", "array", "date", "struct", "vector")
    return text(series) if found in spelled else series
