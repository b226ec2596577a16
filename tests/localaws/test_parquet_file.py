"""Parquet files that a child process writes."""

import io
import math

import pandas as pd
import pytest

from localaws import parquet_file

COLUMNS = {
    "n": "int64",
    "x": "double",
    "s": "string",
    "b": "bool",
    "t": "timestamp",
}


def test_each_table_is_one_file_of_typed_columns() -> None:
    rows = [[2**62, 0.1, "ü", True, 1767607200000], [None, math.inf, None, False, 0]]
    one, two = parquet_file.write(COLUMNS, [rows, []])
    frame = pd.read_parquet(io.BytesIO(one))
    assert list(frame.columns) == list(COLUMNS)
    assert frame.x.tolist() == [0.1, math.inf]
    assert frame.s[0] == "ü" and pd.isna(frame.n[1])
    assert frame.t[0] == pd.Timestamp("2026-01-05T10:00:00")
    assert len(pd.read_parquet(io.BytesIO(two))) == 0


def test_what_cannot_be_written_is_told() -> None:
    with pytest.raises(OSError, match="could not be written"):
        parquet_file.write({"n": "int64"}, [[["many"]]])
