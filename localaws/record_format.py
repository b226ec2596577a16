"""Partitions JSON records and turns them into Parquet or ORC, in its own process.

pyarrow would stay in the daemon's memory, and a learner's jq program might never end.
The child reads one JSON document; it answers with one, and then the files.
"""

import base64
import io
import json
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct(">Q")
_PATIENCE = 120
_PARQUET = {"UNCOMPRESSED": "none", "GZIP": "gzip", "SNAPPY": "snappy"}
_ORC = {"NONE": "uncompressed", "ZLIB": "zlib", "SNAPPY": "snappy"}


@dataclass(frozen=True)
class Group:
    """Records that go into one object.

    Attributes:
        keys: Values of the partition keys.
        places: Which records, by their place from 0.
        body: Their bytes: a file, or the records one after another.
    """

    keys: dict[str, str]
    places: list[int]
    body: bytes


@dataclass(frozen=True)
class Failure:
    """A record that could not be processed.

    Attributes:
        place: Which record, from 0.
        kind: `processing-failed` or `format-conversion-failed`.
        code: AWS's error code.
        message: What was wrong.
    """

    place: int
    kind: str
    code: str
    message: str


def process(
    records: Sequence[bytes],
    query: str | None = None,
    conversion: dict[str, Any] | None = None,
    separator: bytes = b"",
) -> tuple[list[Group], list[Failure]]:
    """Partition and convert records.

    Args:
        records: The records.
        query: A jq program that makes an object of partition keys of each record.
        conversion: `columns` (pairs of name and Hive's type), `format` (parquet or
            orc), `compression`, `dots`, `exact`, `mappings`, of Firehose's
            deserializers and serializers.
        separator: Follows each record that is not converted.

    Raises:
        OSError: The process failed, or did not end.
    """
    given = {
        "records": [base64.b64encode(record).decode() for record in records],
        "query": query,
        "conversion": conversion,
        "separator": separator.decode("latin-1"),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-I", __file__, str(Path(__file__).parents[1])],
            input=json.dumps(given).encode(),
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
    except subprocess.SubprocessError as error:
        said = (getattr(error, "stderr", None) or b"").decode(errors="replace")
        raise OSError(f"records could not be processed: {said[-500:]}") from error
    stream = io.BytesIO(done.stdout)
    answer = json.loads(stream.read(*_LENGTH.unpack(stream.read(_LENGTH.size))))
    groups = []
    for keys, places in answer["groups"]:
        body = stream.read(*_LENGTH.unpack(stream.read(_LENGTH.size)))
        groups.append(Group(keys, places, body))
    return groups, [Failure(*failure) for failure in answer["failures"]]


def _main() -> None:
    sys.path.insert(0, sys.argv[1])
    given = json.load(sys.stdin.buffer)
    records = [base64.b64decode(record) for record in given["records"]]
    conversion, query = given["conversion"], given["query"]
    failures: list[tuple[int, str, str, str]] = []
    groups: dict[str, list[int]] = {}
    rows: dict[int, dict[str, Any]] = {}
    program = _program(query) if query else None
    reader = _Reader(conversion) if conversion else None
    for place, record in enumerate(records):
        try:
            keys = program(record) if program else {}
            if reader:
                rows[place] = reader.row(record)
        except _Wrong as error:
            failures.append((place, error.kind, error.code, str(error)))
        else:
            groups.setdefault(json.dumps(keys), []).append(place)
    head = {
        "groups": [(json.loads(keys), places) for keys, places in groups.items()],
        "failures": failures,
    }
    separator = given["separator"].encode("latin-1")
    bodies = [
        reader.file([rows[place] for place in places])
        if reader
        else b"".join(records[place] + separator for place in places)
        for places in groups.values()
    ]
    for part in (json.dumps(head).encode(), *bodies):
        sys.stdout.buffer.write(_LENGTH.pack(len(part)) + part)


class _Wrong(Exception):
    """A record that cannot be processed."""

    def __init__(self, kind: str, code: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.code = kind, code


def _program(query: str) -> Any:
    import jq

    program = jq.compile(query)

    def keys(record: bytes) -> dict[str, str]:
        try:
            found = program.input_text(record.decode()).first()
            values = found.items()
        except (ValueError, AttributeError, StopIteration) as error:
            raise _Wrong(
                "processing-failed",
                "DynamicPartitioning.MetadataExtractionFailed",
                f"partitionKeys could not be extracted: {error}",
            ) from error
        empty = [name for name, value in values if value in (None, "")]
        if empty:
            raise _Wrong(
                "processing-failed",
                "DynamicPartitioning.MetadataExtractionFailed",
                f"partitionKeys values must not be null or empty: {', '.join(empty)}",
            )
        return {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in values
        }

    return keys


class _Reader:
    """Reads records by a schema, and writes them as one file."""

    def __init__(self, conversion: dict[str, Any]) -> None:
        from localaws import record_types

        self._types = record_types
        self._how = conversion
        self._columns = {
            name.lower(): record_types.parse(kind)
            for name, kind in conversion["columns"]
        }

    def row(self, record: bytes) -> dict[str, Any]:
        try:
            values = json.loads(record)
            if not isinstance(values, dict):
                raise ValueError("not an object")
        except ValueError as error:
            raise _Wrong(
                "format-conversion-failed",
                "DataFormatConversion.ParseError",
                f"Encountered malformed JSON. {error}",
            ) from error
        named = {self._name(key): value for key, value in values.items()}
        for column, key in self._how["mappings"].items():
            named[column] = values.get(key)
        converters = {name: convert for name, (_, convert) in self._columns.items()}
        try:
            return self._types.row(converters, named)
        except self._types.Mismatch as error:
            raise _Wrong(
                "format-conversion-failed",
                "DataFormatConversion.ParseError",
                f"The data does not match the schema. {error}",
            ) from error

    def _name(self, key: str) -> str:
        key = key.replace(".", "_") if self._how["dots"] else key
        return key if self._how["exact"] else key.lower()

    def file(self, rows: list[dict[str, Any]]) -> bytes:
        import pyarrow as pa
        from pyarrow import orc, parquet

        schema = pa.schema([(name, kind) for name, (kind, _) in self._columns.items()])
        table, buffer = pa.Table.from_pylist(rows, schema), io.BytesIO()
        if self._how["format"] == "orc":
            orc.write_table(table, buffer, compression=_ORC[self._how["compression"]])
        else:
            compression = _PARQUET[self._how["compression"]]
            parquet.write_table(table, buffer, compression=compression)
        return buffer.getvalue()


if __name__ == "__main__":
    _main()
