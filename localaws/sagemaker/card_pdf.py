"""A model card as a PDF of text pages, in the font that every reader has."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

_WIDTH, _LINES = 90, 60


def pdf(card: dict[str, Any]) -> bytes:
    """Return a version of a model card as a PDF file."""
    lines = [
        f"Model card {card['ModelCardName']}",
        f"Version {card['ModelCardVersion']}, {card['ModelCardStatus']}, "
        f"{card['LastModifiedTime']:%Y-%m-%d %H:%M} UTC",
        "",
        *_lines(json.loads(card["Content"]), 0),
    ]
    pages = [lines[start : start + _LINES] for start in range(0, len(lines), _LINES)]
    first = 4
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier "
        b"/Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        content = _content(page)
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            b"/Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {first + 2 * number + 1} 0 R >>".encode(),
            f"<< /Length {len(content)} >>\nstream\n".encode()
            + content
            + b"\nendstream",
        ]
    return _file(objects)


def _content(lines: list[str]) -> bytes:
    """Return one page's text as PDF operators."""
    shown = []
    for line in lines:
        text = line.encode("cp1252", "replace")
        for plain in (b"\\", b"(", b")"):
            text = text.replace(plain, b"\\" + plain)
        shown.append(b"(" + text + b") '")
    return b"BT /F1 9 Tf 12 TL 50 800 Td\n" + b"\n".join(shown) + b"\nET"


def _file(objects: list[bytes]) -> bytes:
    """Number objects, and index where each begins."""
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    index = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    return (
        data
        + (
            f"xref\n0 {size}\n0000000000 65535 f \n{index}"
            f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
        ).encode()
    )


def _lines(value: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, dict | list):
                yield f"{indent}{name.replace('_', ' ')}"
                yield from _lines(item, depth + 1)
            else:
                yield from _wrapped(f"{indent}{name.replace('_', ' ')}: {item}", depth)
    elif isinstance(value, list):
        for item in value:
            yield from _lines(item, depth + 1)
    else:
        yield from _wrapped(f"{indent}{value}", depth)


def _wrapped(text: str, depth: int) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent="  " * (depth + 1))
