"""Where statements stand in the text of a policy."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[\s,:]*")


@dataclass(frozen=True)
class Position:
    """A place in a text, counted from 1."""

    line: int
    column: int


def spans(text: str) -> list[tuple[Position, Position]]:
    """Return where each statement of a policy begins and ends.

    Args:
        text: A policy, in JSON.
    """
    for name, begin, end in _members(text):
        if name == "Statement":
            listed = text[begin] == "["
            found = _items(text, begin + 1) if listed else iter([(begin, end)])
            return [(_place(text, one), _place(text, two)) for one, two in found]
    return []


def _members(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the members of an object: name, and where the value is."""
    at = text.index("{") + 1
    while text[at := _skip(text, at)] != "}":
        name, at = _DECODER.raw_decode(text, at)
        begin = _skip(text, at)
        _, at = _DECODER.raw_decode(text, begin)
        yield name, begin, at


def _items(text: str, at: int) -> Iterator[tuple[int, int]]:
    while text[at := _skip(text, at)] != "]":
        begin = at
        _, at = _DECODER.raw_decode(text, begin)
        yield begin, at


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _place(text: str, at: int) -> Position:
    line = text.count("\n", 0, at)
    return Position(line + 1, at - (text.rfind("\n", 0, at) + 1) + 1)
