"""Finds personal data: patterns, names and addresses, each character once."""

from collections.abc import Collection, Iterable, Iterator

from localaws.pii import model
from localaws.pii.addresses import addresses
from localaws.pii.names import names
from localaws.pii.rule import Hit, rules

Found = tuple[str, int, int, float]


def find(text: str, types: Collection[str] | None = None) -> list[Found]:
    """Return the personal data in a text.

    Args:
        text: English.
        types: What is looked for; everything if it is left out.

    Returns:
        Type, first character, the one behind the last, and score, in order.
    """
    return next(find_each([text], types))


def find_each(
    texts: Iterable[str], types: Collection[str] | None = None
) -> Iterator[list[Found]]:
    """Yield what `find` returns for each text, faster than one by one."""
    known = list(texts)
    for text, entities in zip(known, read(known), strict=True):
        hits = [hit for rule in rules() for hit in rule.hits(text)]
        hits += names(text, entities)
        hits += addresses(text, entities)
        yield [
            (one.type, one.begin, one.end, one.score)
            for one in settle(hits)
            if types is None or one.type in types
        ]


def settle(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits of which none meets another: the surer one stays, then the longer."""
    kept: list[Hit] = []
    for one in sorted(hits, key=lambda hit: (-hit.score, -hit.size, hit.begin)):
        if not any(one.meets(other) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda hit: hit.begin)


def entities_of(text: str) -> list[Hit]:
    """Return what the model finds in a text, however long it is."""
    return read([text])[0]


def read(texts: Iterable[str]) -> list[list[Hit]]:
    """Return what the model finds in each text."""
    known = list(texts)
    parts = [(n, *part) for n, text in enumerate(known) for part in model.pieces(text)]
    found: list[list[Hit]] = [[] for _ in known]
    answers = model.entities(part for _, _, part in parts)
    for (number, begin, _), entities in zip(parts, answers, strict=True):
        found[number] += [
            Hit(one.type, one.begin + begin, one.end + begin, one.score)
            for one in entities
        ]
    return found
