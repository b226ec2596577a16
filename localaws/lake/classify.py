"""What a file is, and the schema that a Glue crawler infers from its beginning.

The built-in classifiers are tried in Glue's order: Avro, ORC, Parquet, JSON, CSV. A
text is read up to its first megabyte, a CSV up to 1,000 records.
"""

import bz2
import csv
import gzip
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fastavro
from pyarrow import ArrowInvalid, orc, parquet

from localaws.lake.inference import arrow_type, avro_type, json_type, merge, value_type

HEAD = 1 << 20
_RECORDS = 1000
_DELIMITERS = ",|\t;\x01"
_MAGIC = {b"Obj\x01": "avro", b"ORC": "orc", b"PAR1": "parquet"}
_LONGEST_HEADER = 150
Columns = list[list[str]]


@dataclass
class Found:
    """What a classifier says of a file.

    Attributes:
        classification: Such as `csv`; `UNKNOWN` if no classifier knows the file.
        columns: Name and type of each.
        compression: `none`, `gzip` or `bzip2`.
        parameters: What belongs into the table: delimiter, header, SerDe.
        records: How many records were read.
        bytes: What they take.
    """

    classification: str
    columns: Columns = field(default_factory=list)
    compression: str = "none"
    parameters: dict[str, str] = field(default_factory=dict)
    records: int = 0
    bytes: int = 0


def needs_all(head: bytes) -> bool:
    """Return whether a file has to be read to its end to be understood."""
    return any(head.startswith(magic) for magic in _MAGIC)


def classify(path: Path, classifiers: list[dict[str, Any]]) -> Found:
    """Return what a file is.

    Args:
        path: The file, or its first megabyte.
        classifiers: The crawler's own, as Glue describes them, in its order.
    """
    head = path.read_bytes()[:HEAD]
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            try:
                return _BINARY[kind](path)
            except (ArrowInvalid, OSError, ValueError):
                return Found("UNKNOWN")
    compression, body = _unpacked(head)
    whole = path.stat().st_size < HEAD and compression == "none"
    try:
        text = body.decode("utf-8-sig", "strict" if whole else "ignore")
    except UnicodeDecodeError:
        return Found("UNKNOWN")
    for classifier in classifiers:
        found = _custom(classifier, text)
        if found is not None:
            found.compression = compression
            return found
    found = _json(text, "$[*]" if text.lstrip().startswith("[") else None)
    found = found or _csv(text, {})
    if found is None:
        return Found("UNKNOWN", compression=compression)
    found.compression = compression
    return found


def _unpacked(head: bytes) -> tuple[str, bytes]:
    try:
        if head.startswith(b"\x1f\x8b"):
            with gzip.open(io.BytesIO(head)) as stream:
                return "gzip", _some(stream)
        if head.startswith(b"BZh"):
            return "bzip2", _some(bz2.open(io.BytesIO(head)))
    except OSError:
        return "none", head
    return "none", head


def _some(stream: Any) -> bytes:
    """Return the first megabyte of what may be cut off in the middle."""
    parts: list[bytes] = []
    try:
        while sum(map(len, parts)) < HEAD and (part := stream.read(65_536)):
            parts.append(part)
    except EOFError:
        pass
    return b"".join(parts)


def _parquet(path: Path) -> Found:
    file = parquet.ParquetFile(path)
    columns = [[one.name.lower(), arrow_type(one.type)] for one in file.schema_arrow]
    rows = file.metadata.num_rows
    codec = file.metadata.row_group(0).column(0).compression if rows else "none"
    compression = "none" if codec == "UNCOMPRESSED" else codec.lower()
    return Found("parquet", columns, compression, {}, rows, path.stat().st_size)


def _orc(path: Path) -> Found:
    file = orc.ORCFile(path)
    columns = [[one.name.lower(), arrow_type(one.type)] for one in file.schema]
    return Found("orc", columns, "none", {}, file.nrows, path.stat().st_size)


def _avro(path: Path) -> Found:
    with path.open("rb") as stream:
        reader = fastavro.reader(stream)
        schema = reader.writer_schema
        count = sum(1 for _ in reader)
    columns = [
        [one["name"].lower(), avro_type(one["type"])] for one in schema["fields"]
    ]
    literal = {"avro.schema.literal": json.dumps(schema)}
    return Found("avro", columns, "none", literal, count, path.stat().st_size)


_BINARY = {"parquet": _parquet, "orc": _orc, "avro": _avro}


def _json(text: str, path: str | None) -> Found | None:
    """JSON: an object a line, objects one after another, or an array of them."""
    decoder, place, records = json.JSONDecoder(), 0, []
    begin = text.lstrip()[:1]
    if begin not in ("{", "["):
        return None
    while place < len(text):
        rest = text[place:].lstrip()
        if not rest:
            break
        place = len(text) - len(rest)
        try:
            value, place = decoder.raw_decode(text, place)
        except ValueError:
            if place + HEAD // 2 < len(text) or not records or len(text) < HEAD // 2:
                return None
            break
        records += value if isinstance(value, list) and path else [value]
    if not records or not all(isinstance(one, dict) for one in records):
        return None
    columns: dict[str, str] = {}
    for record in records:
        for name, value in record.items():
            kind = json_type(value)
            known = columns.get(name.lower(), kind)
            columns[name.lower()] = merge(known, kind)
    shown = [[name, kind or "string"] for name, kind in columns.items()]
    parameters = {"jsonPath": path} if path else {}
    return Found("json", shown, "none", parameters, len(records), len(text))


def _csv(text: str, given: dict[str, Any]) -> Found | None:
    """CSV, by the built-in rules or those of a custom classifier."""
    quote = given.get("QuoteSymbol") or '"'
    for delimiter in given.get("Delimiter") or _DELIMITERS:
        rows = _rows(text, delimiter, quote)
        width = len(rows[0]) if rows else 0
        least = 1 if given.get("AllowSingleColumn") else 2
        if width < least or (len(rows) < 2 and not given):
            continue
        if sum(len(row) == width for row in rows) < 0.7 * len(rows):
            continue
        return _tabular(rows, text, delimiter, quote, given)
    return None


def _rows(text: str, delimiter: str, quote: str) -> list[list[str]]:
    lines = text.splitlines()
    if len(text) >= HEAD:
        lines = lines[:-1]
    reader = csv.reader(lines[: _RECORDS + 1], delimiter=delimiter, quotechar=quote)
    try:
        return [row for row in reader if row]
    except csv.Error:
        return []


def _tabular(
    rows: list[list[str]],
    text: str,
    delimiter: str,
    quote: str,
    given: dict[str, Any],
) -> Found:
    trim = not given.get("DisableValueTrimming", bool(given))
    if trim:
        rows = [[value.strip() for value in row] for row in rows]
    width = len(rows[0])
    contains = given.get("ContainsHeader", "UNKNOWN")
    header = contains == "PRESENT" or (contains == "UNKNOWN" and _has_header(rows))
    names = rows[0] if header else [f"col{place}" for place in range(width)]
    names = given.get("Header") or names
    body = rows[1:] if header else rows
    kinds = []
    for place in range(width):
        kind = ""
        for row in body:
            if place < len(row) and row[place] != "":
                kind = merge(kind, value_type(row[place]))
        kinds.append(kind or "string")
    names = [name.lower() for name in names] + [
        f"col{place}" for place in range(len(names), width)
    ]
    quoted = any(quote in line for line in text.splitlines()[:_RECORDS])
    serde = given.get("Serde", "None")
    if serde == "None":
        serde = "OpenCSVSerDe" if given.get("QuoteSymbol") else "LazySimpleSerDe"
    parameters = {
        "delimiter": delimiter,
        "columnsOrdered": "true",
        "areColumnsQuoted": "true" if quoted and given else "false",
        "serde": serde,
    }
    if serde == "OpenCSVSerDe":
        parameters["quote"] = quote
    if header:
        parameters["skip.header.line.count"] = "1"
    columns = [list(pair) for pair in zip(names, kinds, strict=False)]
    return Found("csv", columns, "none", parameters, len(body), len(text))


def _has_header(rows: list[list[str]]) -> bool:
    """Return whether the first row names the columns, by Glue's rules.

    Each of its values is a string, short and not empty (the last may be), and some
    column of the other rows is not made of strings.
    """
    first, rest = rows[0], rows[1:]
    if not rest or any(value_type(value) != "string" for value in first if value):
        return False
    if any(not value for value in first[:-1]):
        return False
    if any(len(value) >= _LONGEST_HEADER for value in first):
        return False
    return any(value_type(value) != "string" for row in rest for value in row if value)


def _custom(classifier: dict[str, Any], text: str) -> Found | None:
    if "CsvClassifier" in classifier:
        given = classifier["CsvClassifier"]
        found = _csv(text, given)
        header = given.get("Header")
        if found and header and len(header) != len(found.columns):
            return None
        return found
    if "JsonClassifier" in classifier:
        path = classifier["JsonClassifier"]["JsonPath"]
        return _json(text, path) if path in ("$[*]", "$") else None
    return None
