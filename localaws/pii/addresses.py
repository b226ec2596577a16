"""Postal addresses: streets, places and codes, joined where they stand together."""

import re
from collections.abc import Iterable, Iterator

from localaws.pii.rule import Hit

_KINDS = (
    "Alley|Aly|Avenue|Ave|Av|Boulevard|Blvd|Bridge|Bypass|Causeway|Center|Centre|Circle"
    "|Cir|Close|Court|Ct|Cove|Crescent|Cres|Crossing|Drive|Dr|Esplanade|Expressway|"
    "Extension|Freeway|Gardens|Gate|Green|Grove|Heights|Highway|Hwy|Hill|Hollow|Island|"
    "Junction|Lane|Ln|Loop|Manor|Meadows?|Mews|Mount|Park|Parkway|Pkwy|Pass|Path|Pike|"
    "Pines|Place|Pl|Plaza|Plz|Point|Port|Ports|Ridge|Road|Rd|Route|Row|Run|Shores?|"
    "Square|Sq|Station|Streets?|St|Terrace|Ter|Trace|Track|Trail|Trl|Turnpike|Valley|"
    "View|Villages?|Vista|Walks?|Way|Wells"
)
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|"
    "NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|PR|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY"
)
_WORD = r"(?:[A-Z][\w'\u2019.-]*|\d{1,3}(?:st|nd|rd|th))"
_FLAT = (
    r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Room|Rm|Building|Bldg)\.?"
    r" ?#?[A-Z0-9-]{1,6}|,? #\d{1,5})"
)
_STREET = re.compile(
    rf"(?<![\w/.-])\d{{1,6}}(?:-\d{{1,4}})?[A-Za-z]? (?:[NSEW]{{1,2}}\.? )?"
    rf"(?:{_WORD} ){{1,4}}(?:{_KINDS})\b\.?(?: [NSEW]{{1,2}}\b)?{_FLAT}?"
)
_BOX = re.compile(r"\b(?:P\.? ?O\.? ?Box|PMB|PSC) \d{1,6}\b")
_CODE = re.compile(
    rf"\b(?:{_STATES}),? \d{{5}}(?:-\d{{4}})?\b"
    r"|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d\b"
)
_CITY = re.compile(
    r"(?<![\w-])(?:[A-Z][a-z'\u2019.-]+ ){0,3}[A-Z][a-z'\u2019.-]+(?=,? $)"
)
_GAP = re.compile(r"[\s,]{1,3}|, in ")
_PLACES = {"GPE", "FAC", "LOC"}
# Where a place is named, not somebody.
_TOWARDS = re.compile(
    r"\b(?:from|in|near|(?:back|moved?|flew|travell?ed|going|trip|return) to)\s$"
)
_SIGNED = re.compile(
    r"[^\W\d_]{1,40} [^\W\d_]{1,40}, "
    r"((?:[A-Z][a-z'\u2019-]+ ){0,2}[A-Z][a-z'\u2019-]+)\s*$"
)
_REACH, _TAIL, _AHEAD = 40, 160, 24


def addresses(text: str, found: Iterable[Hit]) -> Iterator[Hit]:
    """Yield the addresses in a text, a city alone among them.

    Args:
        text: The text.
        found: What the model found in it.
    """
    parts = [*_written(text), *_places(text, found)]
    parts.sort(key=lambda one: (one.begin, -one.end))
    open_: Hit | None = None
    for one in parts:
        if open_ and (
            one.begin <= open_.end or _GAP.fullmatch(text[open_.end : one.begin])
        ):
            open_ = Hit(
                "ADDRESS",
                open_.begin,
                max(open_.end, one.end),
                max(open_.score, one.score),
            )
            continue
        if open_:
            yield open_
        open_ = one
    if open_:
        yield open_


def is_mailable(text: str) -> bool:
    """Whether an address names a place and its postal code."""
    return bool(_CODE.search(text)) and any(map(str.isalpha, text))


def _written(text: str) -> Iterator[Hit]:
    for match in _STREET.finditer(text):
        yield Hit("ADDRESS", match.start(), match.end(), 0.97)
    for match in _BOX.finditer(text):
        yield Hit("ADDRESS", match.start(), match.end(), 0.95)
    for match in _CODE.finditer(text):
        begin = match.start()
        city = _CITY.search(text[max(0, begin - _REACH) : begin])
        if city:
            begin = max(0, begin - _REACH) + city.start()
        yield Hit("ADDRESS", begin, match.end(), 0.96)


def _places(text: str, found: Iterable[Hit]) -> Iterator[Hit]:
    for one in found:
        name = text[one.begin : one.end]
        code = name.isupper() and len(name) <= 4
        if any(map(str.isdigit, name)) or not name[:1].isupper() or code:
            continue
        if one.type in _PLACES:
            yield Hit("ADDRESS", one.begin, one.end, 0.8 if one.type == "GPE" else 0.7)
        elif " " not in name and _TOWARDS.search(
            text[max(0, one.begin - 24) : one.begin]
        ):
            yield Hit("ADDRESS", one.begin, one.end, 0.76)
    start = max(0, len(text) - _TAIL)
    signed = _SIGNED.search(text, start)
    if signed:
        yield Hit("ADDRESS", *signed.span(1), 0.78)
