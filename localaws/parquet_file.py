"""Writes Parquet in a process of its own: pyarrow would stay in the daemon's memory.

The child reads one JSON document, and answers with each file after its length.
"""

import datetime as dt
import io
import json
import struct
import subprocess
import sys
from typing import Any

_LENGTH = struct.Struct(">Q")
_PATIENCE = 120


def write(columns: dict[str, str], tables: list[list[list[Any]]]) -> list[bytes]:
    """Return one Parquet file for each table.

    Args:
        columns: Type of each column: `int64`, `double`, `string`, `bool`, or
            `timestamp` in milliseconds since 1970, UTC.
        tables: Rows of each table, with values in the order of the columns.

    Raises:
        OSError: The files could not be written.
    """
    given = json.dumps({"columns": columns, "tables": tables}).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-I", __file__],
            input=given,
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
    except subprocess.SubprocessError as error:
        said = (getattr(error, "stderr", None) or b"").decode(errors="replace")
        raise OSError(f"Parquet files could not be written: {said[-500:]}") from error
    stream, files = io.BytesIO(done.stdout), []
    while head := stream.read(_LENGTH.size):
        files.append(stream.read(*_LENGTH.unpack(head)))
    return files


def _file(columns: dict[str, str], rows: list[list[Any]]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = {
        "int64": pa.int64(),
        "double": pa.float64(),
        "string": pa.string(),
        "bool": pa.bool_(),
        "timestamp": pa.timestamp("ms"),
    }
    arrays = {}
    for place, (name, kind) in enumerate(columns.items()):
        values = [row[place] for row in rows]
        if kind == "timestamp":
            start = dt.datetime(1970, 1, 1)
            values = [start + dt.timedelta(milliseconds=value) for value in values]
        arrays[name] = pa.array(values, kinds[kind])
    buffer = io.BytesIO()
    parquet.write_table(pa.table(arrays), buffer, compression="snappy")
    return buffer.getvalue()


def _main() -> None:
    given = json.load(sys.stdin.buffer)
    for rows in given["tables"]:
        body = _file(given["columns"], rows)
        sys.stdout.buffer.write(_LENGTH.pack(len(body)) + body)


if __name__ == "__main__":
    _main()
