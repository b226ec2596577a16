"""From the bytes of a notebook to its code, whatever has happened to them."""

import codecs
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from .bounds import BOUNDS
from .code import described
from .refusal import CLEAR, SAVE_AGAIN, Refused, size

JSON = dict[str, Any]

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HINTS = {
    "<": ("is a web page, not a notebook", "download the .ipynb file and hand that in"),
    "PK": (
        "is a zip archive by another name",
        "name it .zip, or hand in what it holds",
    ),
    "%PDF": ("is a PDF, not a notebook", "hand in the .ipynb file it was made from"),
}


def read(raw: bytes) -> Iterator[JSON]:
    """Give what a notebook holds, first without and then with the names in its code.

    Outputs and attachments are dropped unread.

    Raises:
        Refused: if it is no notebook.
    """
    digest = hashlib.sha256(raw).hexdigest()
    notes: list[str] = []
    text = _decoded(raw, notes)
    raw = b""
    document = _parsed(text)
    text = ""
    cells = list(_cells(_listed(document, notes), notes))
    answer = {"digest": digest, "cells": cells, "notes": notes}
    yield answer
    for cell in cells:
        cell.update(described(cell["source"]))
    yield answer


def _decoded(raw: bytes, notes: list[str]) -> str:
    if not raw.strip():
        raise Refused("is empty", "hand in the notebook with your work")
    encoding = json.detect_encoding(raw)
    if raw.startswith(_MARKS) or not encoding.startswith("utf-8"):
        notes.append(f"the file is written in {encoding}")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        notes.append("the file is not UTF-8; it was read as Windows-1252")
    return raw.decode("cp1252", "replace")


def _parsed(text: str) -> JSON:
    for start, (reason, step) in _HINTS.items():
        if text.lstrip().startswith(start):
            raise Refused(reason, step)
    try:
        document = json.loads(text, parse_int=_number)
    except RecursionError:
        raise Refused("is nested too deeply", SAVE_AGAIN) from None
    except ValueError as error:
        raise Refused(f"is not JSON: {error}", SAVE_AGAIN) from None
    if not isinstance(document, dict):
        raise Refused("is JSON, but not a notebook", SAVE_AGAIN)
    return document


def _number(digits: str) -> int:
    return int(digits) if len(digits) < 20 else 0


def _listed(document: JSON, notes: list[str]) -> list:
    version = document.get("nbformat")
    if version == 3:
        notes.append("the notebook has format 3")
        sheets = document.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells = [cell for each in lists if isinstance(each, list) for cell in each]
    elif version == 4 or (version is None and "cells" in document):
        if version is None:
            notes.append("the notebook does not say its format; it was read as 4")
        cells = document.get("cells")
    else:
        said = str(version)[:40]
        raise Refused(f"has notebook format {said}; 3 and 4 are read", SAVE_AGAIN)
    if not isinstance(cells, list):
        raise Refused("has no list of cells", SAVE_AGAIN)
    if len(cells) > BOUNDS.cells:
        count, most = f"{len(cells):,}", f"{BOUNDS.cells:,}"
        step = "keep the cells of the lab, and hand it in again"
        raise Refused(f"has {count} cells; at most {most} are read", step)
    return cells


def _cells(cells: list, notes: list[str]) -> Iterator[JSON]:
    total = 0
    for number, cell in enumerate(cells, 1):
        source = _source(cell)
        if source is None:
            notes.append(f"cell {number} is no cell and was left out")
            continue
        if len(source) > BOUNDS.cell_bytes:
            notes.append(f"cell {number} has {size(len(source))} and was left out")
            continue
        total += len(source)
        if total > BOUNDS.code_bytes:
            limit = size(BOUNDS.code_bytes)
            raise Refused(f"has more than {limit} of text outside its outputs", CLEAR)
        clean = source.encode("utf-8", "replace").decode()
        if clean != source:
            notes.append(f"cell {number} holds characters that are no text")
        yield {"source": clean, "code": cell["cell_type"] == "code", **_marks(cell)}


def _source(cell: object) -> str | None:
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        return None
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    return source if isinstance(source, str) else None


def _marks(cell: JSON) -> JSON:
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    graded, tags = metadata.get("nbgrader"), metadata.get("tags")
    grade_id = graded.get("grade_id") if isinstance(graded, dict) else None
    tagged = isinstance(tags, list) and "parameters" in tags
    return {
        "grade_id": grade_id if isinstance(grade_id, str) else None,
        "id": cell["id"] if isinstance(cell.get("id"), str) else None,
        "parameters": tagged,
    }
