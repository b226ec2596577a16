r"""The form of a journal on disk.

    file    b"localaws journal 1 <crc32>\n" record...
    record  length of head, length of body, crc32 of both, crc32 of these three numbers;
            head (JSON); body (bytes)

A record that was cut short by a kill is the last one, and is passed over. Anything
else that does not fit its checksum is damage.
"""

import base64
import datetime as dt
import io
import json
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JOURNAL = "journal"
SCHEMA = 1
PRIVATE = ("clock", "endpoint", "failed", "full")
_LENGTHS = struct.Struct(">IQI")
_CHECK = struct.Struct(">I")
_TIME, _BYTES = "localaws:time", "localaws:bytes"


class Corrupt(Exception):
    """The file is no journal, or was changed by somebody else."""


class OtherVersion(Exception):
    """An endpoint of another version has written the journal."""


@dataclass(frozen=True)
class Record:
    """One change.

    Attributes:
        kind: Who takes it up again, such as `moto` or `document`.
        moment: The clock's time.
        payload: What JSON, times and bytes can say of it.
        carried: What the clock and the meter had to save.
        body: What is large.
    """

    kind: str
    moment: dt.datetime
    payload: dict[str, Any]
    carried: dict[str, Any]
    body: bytes


def check(path: Path) -> tuple[int, int, int] | None:
    """Look through a journal.

    Returns:
        How many records it holds, how many of them are changes, and where the last
        whole one ends; None if there is no journal, or an empty one.

    Raises:
        Corrupt: It is not as it was written.
        OtherVersion: It is of another version.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    with file:
        if not _check_header(file):
            return None
        count = changes = 0
        end = file.tell()
        for head, _ in _frames(file):
            count += 1
            changes += head["k"] not in PRIVATE
            end = file.tell()
        return count, changes, end


def read(path: Path) -> Iterator[Record]:
    """Yield the records of a journal that was looked through."""
    with path.open("rb") as file:
        _check_header(file)
        for head, body in _frames(file):
            yield Record(head["k"], head["t"], head["p"], head["c"], body)


def identity(home: Path) -> dict[str, Any]:
    """Return the keys and the port of the endpoint whose journal it is.

    Args:
        home: Folder of the endpoint.

    Returns:
        access_key, secret_key and port; nothing if they cannot be read.

    Raises:
        OtherVersion: An endpoint of another version has written the journal.
    """
    try:
        for record in read(home / JOURNAL):
            if record.kind == "endpoint":
                return record.payload
    except (Corrupt, FileNotFoundError):
        pass
    return {}


def set_aside(path: Path) -> Path:
    """Rename a journal that cannot be used, and return its new name."""
    number = 1
    while (kept := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    return path.rename(kept)


def header() -> bytes:
    """Return the first line of a journal."""
    text = f"localaws journal {SCHEMA}"
    return f"{text} {zlib.crc32(text.encode()):08x}\n".encode()


def _check_header(file: io.BufferedReader) -> bool:
    """Return whether there is anything in a journal that this version reads."""
    line = file.readline(64)
    if not line.endswith(b"\n"):
        # a file cut short within its first line has held no change
        if header().startswith(line):
            return False
        raise Corrupt("its first line is not a journal's")
    text, _, check = line[:-1].rpartition(b" ")
    name, _, schema = text.rpartition(b" ")
    if name != b"localaws journal" or check != f"{zlib.crc32(text):08x}".encode():
        raise Corrupt("its first line is not a journal's")
    if schema != b"%d" % SCHEMA:
        raise OtherVersion(
            f"it is of schema {schema.decode()}; this version of localaws reads "
            f"schema {SCHEMA}"
        )
    return True


def _frames(file: io.BufferedReader) -> Iterator[tuple[dict[str, Any], bytes]]:
    size = os.fstat(file.fileno()).st_size
    while True:
        start = file.tell()
        frame = file.read(_LENGTHS.size + _CHECK.size)
        if len(frame) < _LENGTHS.size + _CHECK.size:
            return
        numbers = frame[: _LENGTHS.size]
        if _CHECK.unpack(frame[_LENGTHS.size :])[0] != zlib.crc32(numbers):
            raise Corrupt(f"the record at byte {start} is damaged")
        head, body, check = _LENGTHS.unpack(numbers)
        if file.tell() + head + body > size:
            # the process was killed while it wrote
            return
        text, large = file.read(head), file.read(body)
        if zlib.crc32(large, zlib.crc32(text)) != check:
            raise Corrupt(f"the record at byte {start} is damaged")
        yield decode(text), large


def parts(
    kind: str,
    moment: dt.datetime,
    payload: dict[str, Any],
    carried: dict[str, Any],
    body: bytes,
) -> list[bytes]:
    """Return what is written for one record, as `Record` describes it."""
    head = encode({"k": kind, "t": moment, "p": payload, "c": carried})
    check = zlib.crc32(body, zlib.crc32(head))
    numbers = _LENGTHS.pack(len(head), len(body), check)
    return [numbers + _CHECK.pack(zlib.crc32(numbers)), head, body]


def encode(value: Any) -> bytes:
    """Return JSON of a value that may hold times and bytes."""
    return json.dumps(value, default=_plain, separators=(",", ":")).encode()


def _plain(value: Any) -> dict[str, str]:
    if isinstance(value, dt.datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, bytes | bytearray):
        return {_BYTES: base64.b64encode(value).decode()}
    raise TypeError(f"{type(value).__name__} cannot be kept in the journal")


def decode(text: bytes) -> Any:
    """Return the value that `encode` was given."""
    return json.loads(text, object_hook=_rich)


def _rich(value: dict[str, Any]) -> Any:
    if len(value) == 1:
        [(name, text)] = value.items()
        if name == _TIME:
            return dt.datetime.fromisoformat(text)
        if name == _BYTES:
            return base64.b64decode(text)
    return value
