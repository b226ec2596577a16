"""Reading CSV and libsvm."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from localaws.algorithms import UserError, tables


@pytest.fixture
def train(tmp_path: Path) -> Path:
    folder = tmp_path / "train"
    folder.mkdir()
    return folder


def test_files_of_a_channel_in_order_and_hidden_ones_left_out(train) -> None:
    (train / "b.csv").write_text("0,2\n")
    (train / "deep").mkdir()
    (train / "deep" / "a.csv").write_text("1,3")
    (train / "a.csv").write_text("1,1\n")
    (train / "_SUCCESS").write_text("junk")
    (train / ".hidden").write_text("junk")
    (train / "empty.csv").write_text("\n")
    table = tables.read_csv(train)
    assert table.features.tolist() == [[1], [2], [3]]
    assert table.labels.tolist() == [1, 0, 1]
    assert table.weights is None


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters(train, delimiter) -> None:
    (train / "a").write_text(delimiter.join(["1", "0.5", "-2e3"]) + "\r\n")
    assert tables.read_csv(train).features.tolist() == [[0.5, -2000]]


def test_missing_cells_are_nan(train) -> None:
    (train / "a").write_text("1,,3\n0,2,\n")
    features = tables.read_csv(train).features
    assert np.isnan(features).tolist() == [[True, False], [False, True]]


def test_weights(train) -> None:
    (train / "a").write_text("1,0.5,3\n")
    table = tables.read_csv(train, weighted=True)
    assert (table.weights.tolist(), table.features.tolist()) == ([0.5], [[3]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "No data in train channel path"),
        ("late,dep_hour\n1,2\n", "First line 'late,dep_hour...' .* like a header"),
        ("1,2\n1,2,3\n", "Line 2 of file 'a.csv' has 3 columns, line 1 has 2"),
        ("1,2,3\n1,2\n", "Line 2 of file 'a.csv' has 2 columns, line 1 has 3"),
        ("1,2\n1,x\n", "Line 2 of file 'a.csv' is not numeric: column 2 holds 'x'"),
        ("1,2\n,2\n", "Row 2 of the train channel has no label"),
        ("1,2\n1,inf\n", "Line 2 of file 'a.csv' holds an infinite value"),
        ("1\n0\n", r"have 1 column\(s\): expected the label first"),
    ],
)
def test_what_is_wrong_with_a_csv(train, content, message) -> None:
    (train / "a.csv").write_text(content)
    with pytest.raises(UserError, match=message):
        tables.read_csv(train)


def test_binary_files_are_told(train) -> None:
    (train / "a.parquet").write_bytes(b"PAR1\xff\xfe")
    with pytest.raises(UserError, match=r"'a\.parquet' is not UTF-8 text"):
        tables.read_csv(train)


def test_files_of_different_width(train) -> None:
    (train / "a").write_text("1,2\n")
    (train / "b").write_text("1,2,3\n")
    with pytest.raises(UserError, match=r"different numbers of columns: \[2, 3\]"):
        tables.read_csv(train)


def parquet(path: Path, **columns: list) -> None:
    pd.DataFrame(columns).to_parquet(path)


def test_parquet(train) -> None:
    parquet(train / "a", label=[1, 0], far=[0.5, None], late=[True, False])
    parquet(train / "b", label=[1], far=[2.0], late=[True])
    table = tables.read_parquet(train)
    assert table.labels.tolist() == [1, 0, 1]
    assert table.features.dtype == np.float32
    assert np.nan_to_num(table.features, nan=-1).tolist() == [[0.5, 1], [-1, 0], [2, 1]]
    weighted = tables.read_parquet(train, weighted=True)
    assert weighted.features.shape == (3, 1)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"label": [1], "carrier": ["UA"]}, "Column 'carrier' of file 'a' is .*string"),
        ({"label": [1]}, r"have 1 column\(s\): expected the label first"),
        ({"label": [None, 1.0], "far": [1, 2]}, "Row 1 of the train channel has no"),
    ],
)
def test_what_is_wrong_with_a_parquet(train, columns, message) -> None:
    parquet(train / "a", **columns)
    with pytest.raises(UserError, match=message):
        tables.read_parquet(train)


def test_what_is_not_parquet(train) -> None:
    (train / "a").write_text("1,2")
    with pytest.raises(UserError, match="File 'a' is not Parquet"):
        tables.read_parquet(train)


def test_libsvm(train) -> None:
    (train / "a").write_text("1 0:0.5 2:3\n\n0:2.0 1:-1\n")
    table = tables.read_libsvm(train)
    assert table.features.toarray().tolist() == [[0.5, 0, 3], [0, -1, 0]]
    assert table.labels.tolist() == [1, 0]
    assert table.weights.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "No data in train channel path"),
        ("1,2,3\n", "Line '1,2,3...' of file 'a' is not 'LIBSVM' format"),
        ("1 2\n", "'2' is not <index>:<value>"),
        ("1 -1:2\n", "the index of '-1:2' is negative"),
        ("1 a:2\n", "is not 'LIBSVM' format"),
    ],
)
def test_what_is_wrong_with_a_libsvm(train, content, message) -> None:
    (train / "a").write_text(content)
    with pytest.raises(UserError, match=message):
        tables.read_libsvm(train)
