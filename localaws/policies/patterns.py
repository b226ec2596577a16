"""Texts of policies with wildcards and variables, held against values."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

Context = Mapping[str, tuple[str, ...]]
_VARIABLE = re.compile(r"\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}")
# A sign that stands for itself, while a text is on its way to be a pattern.
_MARKS = {"*": "\x00", "?": "\x01", "$": "\x02"}
_SIGNS = {mark: sign for sign, mark in _MARKS.items()}
_TO_MARKS = str.maketrans({"*": "\x00", "?": "\x01"})
_TO_SIGNS = str.maketrans(_SIGNS)
_SEGMENTS = 6


def _text(pattern: str, signs: str = ".") -> str:
    """Turn a text into a regular expression; `signs` is what `?` stands for."""
    wild = {"*": f"{signs}*", "?": signs}
    made = (wild.get(one) or re.escape(_SIGNS.get(one, one)) for one in pattern)
    return "".join(made)


@lru_cache(maxsize=512)
def _compiled(pattern: str, folded: bool) -> Callable[[str], object]:
    flags = re.DOTALL | (re.IGNORECASE if folded else 0)
    return re.compile(_text(pattern), flags).fullmatch


@lru_cache(maxsize=512)
def _resource(pattern: str) -> Callable[[str], object]:
    *parts, last = pattern.split(":", _SEGMENTS - 1)
    made = [
        _text(one.removesuffix("*"), "[^:]") + (".*" if one.endswith("*") else "")
        for one in parts
    ]
    return re.compile(":".join([*made, _text(last)]), re.DOTALL).fullmatch


def like(pattern: str, value: str, *, folded: bool = False) -> bool:
    """Whether a value fits a text in which `*` and `?` stand for anything.

    Args:
        pattern: The text.
        value: What is held against it.
        folded: Whether upper and lower case are alike.
    """
    return bool(_compiled(pattern, folded)(value))


def arn_like(pattern: str, value: str) -> bool:
    """Whether an ARN fits a text, part by part: no `*` reaches over a colon.

    The last part is whatever follows the fifth colon.
    """
    wanted = pattern.split(":", _SEGMENTS - 1)
    found = value.split(":", _SEGMENTS - 1)
    if len(wanted) != len(found):
        return False
    return all(map(like, wanted, found))


def resource_like(pattern: str, value: str) -> bool:
    """Whether an ARN fits a text of a `Resource` element.

    There a `*` that ends a part reaches over the colon, and any other does not.
    """
    return pattern == "*" or bool(_resource(pattern)(value))


def variables(text: str) -> list[str]:
    """Return the condition keys that a text names."""
    names = [found[1] for found in _VARIABLE.finditer(text)]
    return [name for name in names if name not in _MARKS]


def resolved(text: str, context: Context) -> str | None:
    """Put the values of variables in a text; a value's own `*` stands for itself.

    Returns:
        A pattern, or None if a variable has no value, or more than one.
    """
    if "${" not in text:
        return text
    missing = []

    def value(found: re.Match[str]) -> str:
        if found[1] in _MARKS:
            return _MARKS[found[1]]
        values = context.get(found[1].lower()) or ((found[2],) if found[2] else ())
        if len(values) != 1:
            missing.append(found[1])
            return ""
        return values[0].translate(_TO_MARKS)

    made = _VARIABLE.sub(value, text)
    return None if missing else made


def plain(pattern: str) -> str:
    """Return a resolved text as it is compared where `*` stands for itself."""
    return pattern.translate(_TO_SIGNS)
