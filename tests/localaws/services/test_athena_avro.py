"""Athena over Avro files that another library wrote."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import fastavro
import pytest

from tests.localaws.services.lake import Aws, done, put, rows, table

MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
MONEY = {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 2}
FIELDS: dict[str, tuple[Any, str]] = {
    "id": (["null", "long"], "bigint"),
    "at": ({"type": "long", "logicalType": "timestamp-millis"}, "timestamp"),
    "day": ({"type": "int", "logicalType": "date"}, "date"),
    "tags": ({"type": "array", "items": "string"}, "array<string>"),
    "gate": ({"type": "enum", "name": "gate", "symbols": ["A1", "B2"]}, "string"),
    "fare": (["null", MONEY], "decimal(8,2)"),
}
ROWS = [
    {"id": 1, "tags": ["x", "y"], "gate": "B2", "fare": Decimal("-3.25")},
    {"id": None, "tags": [], "gate": "A1", "fare": None},
]


def written(names: list[str]) -> bytes:
    """Return the rows as a file with these fields."""
    fields = [{"name": name, "type": FIELDS[name][0]} for name in names]
    file = io.BytesIO()
    given = [{**row, "at": MOMENT, "day": MOMENT.date()} for row in ROWS]
    fastavro.writer(file, {"type": "record", "name": "r", "fields": fields}, given)
    return file.getvalue()


@pytest.mark.parametrize("names", [[*FIELDS], [*FIELDS][:-1]], ids=["decimal", "plain"])
def test_logical_types(aws: Aws, bucket: str, names: list[str]) -> None:
    put(aws, "avro/a.avro", written(names))
    columns = ", ".join(f"{name} {FIELDS[name][1]}" for name in names)
    table(
        aws,
        f"CREATE EXTERNAL TABLE found ({columns}, gone int) STORED AS AVRO "
        "LOCATION 's3://on-time-desk/avro/'",
    )
    _, first, second = rows(aws, "SELECT * FROM found ORDER BY id NULLS LAST")
    fares = [["-3.25"], [None]] if "fare" in names else [[], []]
    when = ["2026-01-02 03:04:05.000", "2026-01-02"]
    assert first == ["1", *when, "[x, y]", "B2", *fares[0], None]
    assert second == [None, *when, "[]", "A1", *fares[1], None]


@pytest.mark.parametrize("codec", ["NONE", "GZIP", "SNAPPY"])
def test_every_codec_is_read_again(aws: Aws, bucket: str, codec: str) -> None:
    given = f"format = 'AVRO', write_compression = '{codec}'"
    done(aws, "CREATE DATABASE IF NOT EXISTS desk")
    done(
        aws,
        f"CREATE TABLE small WITH ({given}) AS SELECT 1 AS a, DATE '2026-01-02' AS b",
    )
    assert rows(aws, "SELECT * FROM small") == [["a", "b"], ["1", "2026-01-02"]]
