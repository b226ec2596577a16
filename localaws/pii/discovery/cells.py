"""Objects as values with their places: cells, fields of records, lines of text."""

import csv
import functools
import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_TABLES = {"csv": (",", "text/csv"), "tsv": ("\t", "text/tab-separated-values")}
_TEXTS = {"txt": "text/plain", "log": "text/plain", "md": "text/plain"}
_MARKUP = {"html": "text/html", "htm": "text/html", "xml": "application/xml"}
# An archive's contents may hold this many bytes, and this many files.
_EXTRACTED, _MEMBERS = 10 * 2**30, 1_000_000
_NESTED = 10
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|#")
_PLAIN = re.compile(r"[A-Za-z_]\w*")
_WORDLESS = (bool, float, bytes)
csv.field_size_limit(2**28)


class Unreadable(Exception):
    """An object that is not analysed.

    Args:
        reason: AWS's word for why, such as `UNSUPPORTED_FILE_TYPE_EXCEPTION`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Cell:
    """A value.

    Attributes:
        text: What it says.
        place: The name of its column, or of the fields on the way to it.
        kind: `cells`, `records` or `lineRanges`.
        where: The members of its place in a finding; of a text, None.
    """

    text: str
    place: str
    kind: str
    where: dict[str, Any] | None


@dataclass(frozen=True)
class Content:
    """What an object, or a file in an archive, holds.

    Attributes:
        mime: Its type.
        size: Bytes, uncompressed.
        cells: Its values.
    """

    mime: str
    size: int
    cells: Iterator[Cell]


def read(key: str, body: bytes, depth: int = 0) -> list[Content]:
    """Return what an object holds; several where it is an archive.

    Args:
        key: Its name, whose ending counts.
        body: Its bytes.
        depth: How many archives it is in.

    Raises:
        Unreadable: It cannot be analysed.
    """
    if depth > _NESTED:
        raise Unreadable("ARCHIVE_NESTING_LEVEL_OVER_LIMIT")
    ending = key.rpartition(".")[2].lower() if "." in key else ""
    if body[:2] == b"\x1f\x8b":
        try:
            inner = gzip.decompress(body)
        except (OSError, EOFError) as error:
            raise Unreadable("MALFORMED_FILE") from error
        return read(key.removesuffix(".gz"), inner, depth + 1)
    if body[:4] == b"PK\x03\x04" and ending == "zip":
        return _unzipped(body, depth)
    if body[:4] == b"PAR1":
        return [Content("application/x-parquet", len(body), _parquet(body))]
    if body[:4] == b"Obj\x01":
        return [Content("application/avro", len(body), _avro(body))]
    return [_decoded(ending, body)]


def _unzipped(body: bytes, depth: int) -> list[Content]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except zipfile.BadZipFile as error:
        raise Unreadable("MALFORMED_FILE") from error
    entries = [one for one in archive.infolist() if not one.is_dir()]
    if sum(one.file_size for one in entries) > _EXTRACTED:
        raise Unreadable("ARCHIVE_TOTAL_BYTES_EXTRACTED_OVER_LIMIT")
    if len(entries) > _MEMBERS:
        raise Unreadable("ARCHIVE_TOTAL_DOCUMENTS_PROCESSED_OVER_LIMIT")
    found: list[Content] = []
    for one in entries:
        try:
            found += read(one.filename, archive.read(one), depth + 1)
        except (Unreadable, RuntimeError, zipfile.BadZipFile):
            continue
    if not found and entries:
        raise Unreadable("ARCHIVE_CONTAINS_UNPROCESSED_FILES")
    return found


def _decoded(ending: str, body: bytes) -> Content:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("UNSUPPORTED_FILE_TYPE_EXCEPTION") from error
    size = len(body)
    if "\0" in text:
        raise Unreadable("UNSUPPORTED_FILE_TYPE_EXCEPTION")
    if ending in _TABLES:
        sign, mime = _TABLES[ending]
        return Content(mime, size, _table(text, sign))
    if ending in ("json", "jsonl", "ndjson", ""):
        found = _records(text)
        if found is not None:
            return Content("application/json", size, found)
    if ending in ("jsonl", "ndjson", "json", "", *_TEXTS, *_MARKUP):
        mime = _MARKUP.get(ending, "text/plain")
        return Content(mime, size, iter([Cell(text, "", "lineRanges", None)]))
    raise Unreadable("UNSUPPORTED_FILE_TYPE_EXCEPTION")


@functools.lru_cache(4096)
def words(name: str) -> str:
    """Return a field's name, and the words that it is made of."""
    return f"{name} {' '.join(_WORD.findall(name))}"


def _table(text: str, sign: str) -> Iterator[Cell]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    header = next(rows, [])
    places = [words(name) for name in header]
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row):
            if value:
                named = column < len(header)
                where = {
                    "row": number,
                    "column": column + 1,
                    "columnName": header[column] if named else None,
                }
                yield Cell(value, places[column] if named else "", "cells", where)


def _records(text: str) -> Iterator[Cell] | None:
    """Return the values of JSON or of JSON lines; None if it is neither."""
    try:
        return iter(list(_leaves(json.loads(text), "$", "", 0)))
    except (ValueError, RecursionError):
        pass
    found: list[Cell] = []
    try:
        for number, line in enumerate(text.splitlines()):
            if line.strip():
                found += _leaves(json.loads(line), "$", "", number)
    except (ValueError, RecursionError):
        return None
    return iter(found)


def _leaves(value: Any, path: str, place: str, record: int) -> Iterator[Cell]:
    if isinstance(value, dict):
        for name, item in value.items():
            plain = f".{name}" if _PLAIN.fullmatch(name) else f"[{name!r}]"
            named = f"{place} {words(name)}"
            yield from _leaves(item, f"{path}{plain}", named, record)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}[{number}]", place, record)
    else:
        text = _shown(value)
        if text:
            where = {"jsonPath": path, "recordIndex": record}
            yield Cell(text, place, "records", where)


def _shown(value: Any) -> str:
    if value is None or isinstance(value, _WORDLESS):
        return ""
    return value if isinstance(value, str) else str(value)


def _parquet(body: bytes) -> Iterator[Cell]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(io.BytesIO(body))
        start = 0
        for batch in table.iter_batches():
            for number, row in enumerate(batch.to_pylist(), start):
                yield from _leaves(row, "$", "", number)
            start += batch.num_rows
    except pa.ArrowException as error:
        raise Unreadable("UNABLE_TO_PARSE_FILE") from error


def _avro(body: bytes) -> Iterator[Cell]:
    import fastavro

    try:
        for number, row in enumerate(fastavro.reader(io.BytesIO(body))):
            yield from _leaves(row, "$", "", number)
    except (ValueError, EOFError, OSError) as error:
        raise Unreadable("UNABLE_TO_PARSE_FILE") from error
