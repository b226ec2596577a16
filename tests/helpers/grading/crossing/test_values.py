"""What crosses comes back as it was; what a hostile box sends is refused."""

import datetime as dt
import json
import math
from collections import Counter, OrderedDict, namedtuple
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from helpers.grading.crossing import values

UTC = dt.timezone(dt.timedelta(hours=2))


def there(value, keep=None):
    """Send a value: over JSON, as it would go."""
    return json.loads(json.dumps(values.encoded(value, keep)))


def crossed(value):
    return values.decoded(there(value), None)


SAME = [
    None,
    True,
    -3,
    2**70,
    -(10**3000),
    0.1,
    "ä\ud800",
    b"\0\xff",
    [1, [2, "x"], {}],
    (1, (2,)),
    {"a": 1, 2: [3], (1, 2): None},
    {1, 2},
    frozenset({"a"}),
    1 + 2j,
    dt.datetime(2013, 1, 2, 3, 4, 5, 6),
    dt.datetime(2013, 1, 2, tzinfo=UTC),
    dt.date(2013, 1, 2),
    dt.time(3, 4, 5),
    dt.timedelta(days=-2, seconds=3, microseconds=4),
    Decimal("1.10"),
    Fraction(1, 3),
    UUID(int=7),
    Path("a/b"),
    pd.NaT,
    pd.NA,
    pd.Timestamp("2013-01-02 03:04:05.123456789"),
    pd.Timestamp("2013-01-02", tz="America/New_York"),
    pd.Timedelta(5, "s"),
    np.int64(3),
    np.float32(0.5),
    np.bool_(True),
    np.datetime64("2013-01-02", "D"),
]


@pytest.mark.parametrize("value", SAME, ids=repr)
def test_a_value_comes_back_as_it_was(value):
    found = crossed(value)
    assert type(found) is type(value)
    assert found is value if value is pd.NaT or value is pd.NA else found == value


class Kind(StrEnum):
    ONE = "one"


class Rank(IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Kind.ONE, "one"),
        (Rank.HIGH, 3),
        (OrderedDict(a=1), {"a": 1}),
        (Counter("aab"), {"a": 2, "b": 1}),
        (namedtuple("Point", "x y")(1, 2), (1, 2)),
        (bytearray(b"a"), b"a"),
    ],
    ids=str,
)
def test_a_kind_of_a_plain_type_comes_back_plain(value, plain):
    found = crossed(value)
    assert type(found) is type(plain)
    assert found == plain


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_float_that_is_no_number_crosses(value):
    found = crossed([value])[0]
    assert found == value or (math.isnan(found) and math.isnan(value))


ARRAYS = [
    np.arange(6, dtype="int16").reshape(2, 3),
    np.array([[1.5, np.nan]]),
    np.array([], dtype="float64"),
    np.array(["a", "bc"]),
    np.array([b"a", b"bc"]),
    np.array(["a", 1, None], dtype=object),
    np.arange(3, dtype=">i4"),
    np.array(["2013-01-01"], dtype="M8[s]"),
    np.array(7.0),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda each: str(each.dtype))
def test_an_array_comes_back_as_it_was(array):
    found = crossed(array)
    assert found.shape == array.shape
    assert found.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(found, array)


FRAME = pd.DataFrame(
    {
        "whole": [1, 2, 3],
        "real": [0.5, np.nan, np.inf],
        "text": ["a", None, "c"],
        "mixed": [1, "b", None],
        "at": pd.to_datetime(["2013-01-01", None, "2013-01-03"]),
        "zoned": pd.date_range("2013-01-01", periods=3, tz="Europe/Berlin"),
        "kind": pd.Categorical(["x", "y", None], ordered=True),
        "maybe": pd.array([1, None, 3], dtype="Int64"),
        "flag": pd.array([True, None, False], dtype="boolean"),
        "bytes": [b"a", b"", b"\0"],
        "span": pd.to_timedelta([1, 2, 3], unit="s"),
    }
)
TABLES = [
    FRAME,
    FRAME.set_index("text"),
    FRAME.set_index(["whole", "at"]),
    FRAME[[]],
    FRAME.iloc[:0],
    pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
    pd.DataFrame([[1, 2]], columns=["twice", "twice"]),
    FRAME.rename_axis(columns="names"),
    FRAME.sort_values("real", ascending=False),
]


@pytest.mark.parametrize("frame", TABLES, ids=range(len(TABLES)))
def test_a_table_comes_back_as_it_was(frame):
    pd.testing.assert_frame_equal(crossed(frame), frame, check_freq=False)


@pytest.mark.parametrize("name", [*FRAME])
def test_a_series_and_an_index_come_back_as_they_were(name):
    column = FRAME[name]
    pd.testing.assert_series_equal(crossed(column), column, check_freq=False)
    index = pd.Index(column, name="n")
    pd.testing.assert_index_equal(crossed(index), index)


def test_what_has_no_type_here_is_kept_and_a_handle_is_sent():
    kept = []

    def keep(value):
        kept.append(value)
        return {values.MARK: "handle", "v": {"handle": len(kept)}}

    sent = there({"readers": [print, object]}, keep)
    assert kept == [print, object]
    found = values.decoded(sent, lambda handle: handle["handle"])
    assert found == {"readers": [1, 2]}


def test_a_value_that_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(ValueError, match="nested more than"):
        there(loop)


def marked(name, value):
    return {values.MARK: name, "v": value}


HOSTILE = [
    marked("pickle", "gASV"),
    marked("handle", None),
    marked("dict", [[[1], 2]]),
    marked("dict", [1]),
    marked("set", [[1]]),
    marked("bytes", "***"),
    marked("bytes", 7),
    marked("int", "0x" + "f" * 5000),
    marked("int", 7),
    marked("decimal", "no number"),
    marked("moment", "now s"),
    marked("moment", "2013-01-01 weeks"),
    marked("array", ["<i8", [10**12], "AAAAAAAAAAA="]),
    marked("array", ["<i8", [-1], "AAAAAAAAAAA="]),
    marked("array", ["<i8", None, ""]),
    marked("array", ["|O8", [1], "AAAAAAAAAAA="]),
    marked("array", ["<i8,O", [1], "AAAAAAAAAAA="]),
    marked("objects", ["V", [1], [1]]),
    marked("objects", ["O", [5], [1]]),
    marked("masked", ["object", [1]]),
    marked("groups", [marked("array", ["|i1", [1], "BQ=="]), ["a"], True]),
    marked("zoned", ["/etc/passwd", marked("array", ["<M8[s]", [1], "AAAAAAAAAAA="])]),
    marked("frame", [["a"], [[1]], [1]]),
    marked("frame", [marked("index", [["a"], None]), [], [1]]),
    marked("frame", "abcd"),
    marked("frame", [marked("index", [["a"], None]), [[1, 2]], [1]]),
    marked("indexes", [[1, 2], [None]]),
    marked("range", [0, 1, 0, None]),
    {values.MARK: "tuple"},
    {"v": 1},
    marked(["tuple"], [1]),
]


@pytest.mark.parametrize("sent", HOSTILE, ids=range(len(HOSTILE)))
def test_what_no_value_is_sent_as_is_refused(sent):
    def find(handle):
        return handle["handle"]

    with pytest.raises(ValueError):
        values.decoded([sent], find)


def test_a_value_that_is_nested_too_deeply_is_refused():
    deep = 1
    for _ in range(400):
        deep = [deep]
    with pytest.raises(ValueError, match="nested too deeply"):
        values.decoded(deep, None)
