"""Criteria by which findings, jobs and buckets are chosen and put in order."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from localaws.errors import ValidationError

Members = dict[str, Any]


def values(document: Any, path: str) -> Iterator[Any]:
    """Yield what stands at a path such as `severity.description`, in lists too."""
    if isinstance(document, list):
        for one in document:
            yield from values(one, path)
    elif not path:
        if document is not None:
            yield document
    elif isinstance(document, Mapping):
        name, _, rest = path.partition(".")
        yield from values(document.get(name), rest)


def meets(document: Members, criteria: Mapping[str, Members]) -> bool:
    """Whether a document meets all criteria, by the paths of its members."""
    return all(_meets(list(values(document, p)), c) for p, c in criteria.items())


def _meets(found: list[Any], asked: Members) -> bool:
    texts = [_text(one) for one in found]
    numbers = [_number(one) for one in found]
    known = set(texts)
    if "eq" in asked and not known & set(asked["eq"]):
        return False
    if "eqExactMatch" in asked and known != set(asked["eqExactMatch"]):
        return False
    if "neq" in asked and known & set(asked["neq"]):
        return False
    if "prefix" in asked and not any(t.startswith(asked["prefix"]) for t in texts):
        return False
    return all(
        any(number is not None and _COMPARE[name](number, asked[name]) for number in n)
        for name, n in ((name, numbers) for name in _COMPARE if name in asked)
    )


_COMPARE = {
    "gt": lambda one, other: one > other,
    "gte": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "lte": lambda one, other: one <= other,
}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _number(value: Any) -> float | None:
    if isinstance(value, dt.datetime):
        return value.timestamp() * 1000
    return value if isinstance(value, int | float) else None


def ordered(found: list[Members], sort: Members) -> list[Members]:
    """Return documents in the order of a member.

    Args:
        found: The documents.
        sort: `attributeName`, a path, and `orderBy`.
    """
    path = sort.get("attributeName")
    if not path:
        return found
    down = sort.get("orderBy", "ASC") == "DESC"
    with_it = [one for one in found if any(True for _ in values(one, path))]
    without = [one for one in found if one not in with_it]

    def key(one: Members) -> Any:
        return next(values(one, path))

    try:
        return sorted(with_it, key=key, reverse=down) + without
    except TypeError as error:
        raise ValidationError(f"It cannot be sorted by {path}.") from error
