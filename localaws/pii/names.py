"""Names of people: what the model takes for one, and what the words around say."""

import re
from collections.abc import Iterable, Iterator

from localaws.pii.rule import Hit

_LETTER = r"[^\W\d_a-z]"
_PART = rf"{_LETTER}(?:[^\W\d_]+(?:['\u2019-]{_LETTER}?[^\W\d_]+)*|\.)"
_FULL = rf"{_PART}(?: {_PART}){{1,3}}"
_TITLE = re.compile(r"(?:Mrs?|Ms|Miss|Dr|Prof|Sir|Madam)\.?\s+")
_SAID = re.compile(
    r"(?:\b[Mm]y name is|\b[Nn]ame: ?|\b[Tt]his is|\bI am|\bI'm|\b[Ss]igned,?"
    r"|\b(?:[Rr]egards|[Ss]incerely|[Yy]ours(?: \w+)?|[Tt]hanks|[Tt]hank you|[Cc]heers|"
    r"[Rr]espectfully|[Bb]est(?: wishes)?),)"
    rf"\s*({_FULL})"
)
_LAST = re.compile(rf"[.!?]\s+({_FULL})(?:,[^.!?]{{0,40}})?\s*$")
_ROLES = re.compile(
    r"\b(?:Airlines?|Airways|Airport|Inc|Corp|LLC|Ltd|Company|Hotels?|Bank|University|"
    r"Card|Number|Passport|Flight|Sir|Madam|Team|Service|Desk|Customer|Street|Ave|"
    r"Avenue|Road|Drive|Lane|Boulevard|Field|County|Regional|Municipal|International)\b"
)
_WHOLE = re.compile(rf"\s*(?:{_TITLE.pattern})?{_FULL}\s*")


def names(text: str, found: Iterable[Hit]) -> Iterator[Hit]:
    """Yield the names in a text.

    Args:
        text: The text.
        found: What the model found in it.
    """
    said = [*_SAID.finditer(text), *_LAST.finditer(text)]
    for match in said:
        if not _ROLES.search(match[1]):
            yield Hit("NAME", *match.span(1), 0.98)
    for one in found:
        if one.type == "PERSON":
            yield from _person(text, one)


def is_name(text: str) -> bool:
    """Whether a text is nothing but what could be somebody's full name."""
    return bool(_WHOLE.fullmatch(text)) and not _ROLES.search(text)


def _person(text: str, one: Hit) -> Iterator[Hit]:
    begin, end = one.begin, one.end
    title = _TITLE.match(text, begin)
    if title and title.end() < end:
        begin = title.end()
    name = text[begin:end]
    for tail in ("'s", "\u2019s"):
        name = name.removesuffix(tail)
    # The model joins a name and the signs around it now and then.
    kept = re.match(rf"{_PART}(?:[ ]{_PART})*", name)
    if kept and not _ROLES.search(kept[0]) and not kept[0].isupper():
        full = " " in kept[0]
        yield Hit("NAME", begin, begin + kept.end(), 0.93 if full else 0.75)
