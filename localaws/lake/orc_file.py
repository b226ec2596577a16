"""How many bytes the columns of an ORC file take, from its footers.

pyarrow reads ORC but does not tell where a column's streams are. The footers are
Protocol Buffers, of which a few numbers are read here.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path

_NONE, _ZLIB = 0, 1


def column_bytes(path: Path, columns: set[int]) -> int:
    """Return the stored bytes of some top-level columns.

    Args:
        path: The file.
        columns: Their positions, from 0.

    Returns:
        The streams of these columns; the whole file where its footers are compressed
        by a codec other than zlib.
    """
    body = path.read_bytes()
    length = body[-1]
    script = dict(_fields(body[-1 - length : -1]))
    codec = script.get(2, _NONE)
    if codec not in (_NONE, _ZLIB):
        return len(body)
    end = len(body) - 1 - length
    footer = _plain(body[end - script[1] : end], codec)
    wanted = _ids(footer, columns)
    total = 0
    for number, value in _fields(footer):
        if number != 3:
            continue
        stripe = dict(_fields(value))
        start = stripe.get(1, 0) + stripe.get(2, 0) + stripe.get(3, 0)
        for kind, stream in _fields(_plain(body[start : start + stripe[4]], codec)):
            if kind == 1:
                found = dict(_fields(stream))
                if found.get(2, 0) in wanted:
                    total += found.get(3, 0)
    return total


def _ids(footer: bytes, columns: set[int]) -> set[int]:
    """Return the ids of top-level columns and of what they hold."""
    below = []
    for number, value in _fields(footer):
        if number == 4:
            children: list[int] = []
            for kind, child in _fields(value):
                if kind == 2:
                    children += _packed(child) if isinstance(child, bytes) else [child]
            below.append(children)
    todo = [child for place, child in enumerate(below[0]) if place in columns]
    found: set[int] = set()
    while todo:
        found.add(todo[-1])
        todo += below[todo.pop()]
    return found


def _plain(body: bytes, codec: int) -> bytes:
    if codec == _NONE:
        return body
    parts, at = [], 0
    while at < len(body):
        head = int.from_bytes(body[at : at + 3], "little")
        chunk = body[at + 3 : at + 3 + (head >> 1)]
        parts.append(chunk if head & 1 else zlib.decompress(chunk, -15))
        at += 3 + (head >> 1)
    return b"".join(parts)


def _fields(body: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and value of each field of a message."""
    at = 0
    while at < len(body):
        key, at = _varint(body, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(body, at)
            yield key >> 3, value
        else:
            size = {1: 8, 5: 4}.get(kind)
            if size is None:
                size, at = _varint(body, at)
            yield key >> 3, body[at : at + size]
            at += size


def _packed(body: bytes) -> list[int]:
    found, at = [], 0
    while at < len(body):
        value, at = _varint(body, at)
        found.append(value)
    return found


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = body[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
