"""Checks an input against botocore's model, with AWS's wording.

botocore checks types and required members before it sends; patterns, lengths, ranges
and enums are checked here, as the service does on AWS.
"""

from collections.abc import Iterator
from typing import Any

import regex
from botocore.model import Shape

from localaws.errors import ValidationError

_TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


def validate(shape: Shape | None, value: dict[str, Any]) -> None:
    """Raise `ValidationError` listing every constraint that the value breaks."""
    if shape is None:
        return
    errors = list(_errors(shape, value, ""))
    if errors:
        count = f"{len(errors)} validation error{'s' if len(errors) > 1 else ''}"
        raise ValidationError(f"{count} detected: {'; '.join(errors)}")


def _errors(shape: Shape, value: Any, path: str) -> Iterator[str]:
    kind = shape.type_name
    expected = _TYPES.get(kind)
    if expected and (
        not isinstance(value, expected)
        or (isinstance(value, bool) and kind != "boolean")
    ):
        yield f"Value {value!r} at '{path}' is not of type {kind}"
        return
    if kind == "structure":
        yield from _structure_errors(shape, value, path)
    elif kind == "list":
        yield from _length_errors(shape, value, path, "length")
        for number, item in enumerate(value, 1):
            yield from _errors(shape.member, item, f"{path}.{number}.member")
    elif kind == "map":
        yield from _length_errors(shape, value, path, "length")
        for key, item in value.items():
            yield from _errors(shape.key, key, f"{path}.key")
            yield from _errors(shape.value, item, f"{path}.{key}.member")
    elif kind == "string":
        yield from _string_errors(shape, value, path)
    elif kind in ("integer", "long", "float", "double"):
        yield from _length_errors(shape, value, path, "value")


def _structure_errors(shape: Shape, value: Any, path: str) -> Iterator[str]:
    def at(name: str) -> str:
        name = name[:1].lower() + name[1:]
        return f"{path}.{name}" if path else name

    for name in shape.required_members:
        if value.get(name) is None:
            yield (
                f"Value null at '{at(name)}' failed to satisfy constraint: "
                "Member must not be null"
            )
    for name, item in value.items():
        if name not in shape.members:
            yield f"'{at(name)}' is not a member of {shape.name}"
        elif item is not None:
            yield from _errors(shape.members[name], item, at(name))


def _length_errors(shape: Shape, value: Any, path: str, what: str) -> Iterator[str]:
    size = value if what == "value" else len(value)
    for bound, broken, word in (
        ("min", lambda limit: size < limit, "greater"),
        ("max", lambda limit: size > limit, "less"),
    ):
        limit = shape.metadata.get(bound)
        if limit is not None and broken(limit):
            shown = repr(value) if len(repr(value)) <= 80 else f"{repr(value)[:77]}..."
            yield (
                f"Value {shown} at '{path}' failed to satisfy constraint: "
                f"Member must have {what} {word} than or equal to {limit}"
            )


def _string_errors(shape: Shape, value: str, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield (
            f"Value '{value}' at '{path}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        )
    yield from _length_errors(shape, value, path, "length")
    pattern = shape.metadata.get("pattern")
    if pattern and not regex.fullmatch(_python(pattern), value, regex.DOTALL):
        yield (
            f"Value '{value}' at '{path}' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {pattern}"
        )


def _python(pattern: str) -> str:
    """Spell Java's character classes as `regex` reads them."""
    astral = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    return pattern.replace(*astral).replace(")${1,", "){1,")
