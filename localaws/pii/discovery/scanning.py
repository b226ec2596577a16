"""Looks for sensitive data in the values of an object."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from localaws.pii.addresses import addresses, is_mailable
from localaws.pii.discovery.cells import Cell
from localaws.pii.discovery.custom import Allowed, Custom
from localaws.pii.discovery.identifiers import table
from localaws.pii.finding import read
from localaws.pii.names import is_name, names
from localaws.pii.rule import Hit, Rule, words

_BATCH = 2000
# An identifier in a field of another name, or with its keyword, is no shorter.
_SHORT = 7
# AWS's distance of a keyword, on either side.
_NEAR = 30
# Values whose hits are remembered: tables repeat themselves.
_KEPT = 50_000
_NAMED = words(["name", "full name", "passenger", "customer", "person", "patient"])
_NOBODYS = words(["city", "town", "street", "state", "county", "country", "company"])
_THINGS = {"ORG", "FAC", "GPE", "LOC"}


@dataclass
class Detection:
    """What was found of one identifier.

    Attributes:
        count: How often.
        places: Where, by kind; the first ones.
    """

    count: int = 0
    places: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


class Scanner:
    """Looks for what a job asks for.

    Args:
        managed: Ids of managed data identifiers.
        custom: Custom data identifiers.
        allowed: Allow lists.
        most: Places that are kept of each identifier.
    """

    def __init__(
        self,
        managed: Collection[str],
        custom: Sequence[Custom],
        allowed: Sequence[Allowed],
        most: int,
    ) -> None:
        self._managed = frozenset(managed)
        self._custom = custom
        self._allowed = allowed
        self._most = most
        self._rules = list(_rules(self._managed))
        self._named: dict[str, set[Rule]] = {}
        self._memo: dict[tuple[str, str], list[Hit]] = {}

    def scan(self, cells: Iterable[Cell]) -> dict[str, Detection]:
        """Return what is found, by the id of its identifier."""
        found: dict[str, Detection] = {}
        stream = iter(cells)
        while batch := list(itertools.islice(stream, _BATCH)):
            hits = [self._matched(cell) for cell in batch]
            for number, more in self._read(batch):
                hits[number] = _settled([*hits[number], *more])
            for cell, own in zip(batch, hits, strict=True):
                self._note(cell, own, found)
        return found

    def _matched(self, cell: Cell) -> list[Hit]:
        text, place = cell.text, cell.place
        if place not in self._named:
            self._named[place] = {rule for rule, _ in self._rules if rule.asks(place)}
        named = self._named[place]
        if len(text) < _SHORT and not named:
            return []
        known = (place, text)
        if known not in self._memo:
            if len(self._memo) >= _KEPT:
                self._memo.clear()
            self._memo[known] = self._fresh(text, named)
        return self._memo[known]

    def _fresh(self, text: str, named: set[Rule]) -> list[Hit]:
        hits = []
        for rank, (rule, alone) in enumerate(self._rules):
            for hit in rule.hits(text, named=rule in named):
                keyed = hit.score == 1.0
                name = rule.type if keyed or not alone else alone
                if name in self._managed:
                    hits.append(Hit(name, hit.begin, hit.end, -rank))
        return _settled(hits)

    def _read(self, batch: list[Cell]) -> Iterator[tuple[int, list[Hit]]]:
        """Yield the names and addresses of the values that may hold some."""
        wanted = {"NAME", "ADDRESS"} & self._managed
        if not wanted:
            return
        numbers = [n for n, cell in enumerate(batch) if _wordy(cell.text)]
        texts = sorted({batch[n].text for n in numbers})
        known = dict(zip(texts, read(texts), strict=True))
        for number in numbers:
            cell, hits = batch[number], []
            if "NAME" in wanted:
                hits += _full_names(cell, known[cell.text])
            if "ADDRESS" in wanted:
                hits += [
                    Hit("ADDRESS", one.begin, one.end, -900)
                    for one in addresses(cell.text, known[cell.text])
                    if is_mailable(cell.text[one.begin : one.end])
                ]
            yield number, hits

    def _note(self, cell: Cell, hits: list[Hit], found: dict[str, Detection]) -> None:
        spans = [(one.type, one.begin, one.end) for one in hits]
        for custom in self._custom:
            matches = custom.matches(cell.text, cell.place)
            spans += [(custom.id, *span) for span in matches]
        for name, begin, end in spans:
            piece = cell.text[begin:end]
            if any(one.allows(piece) for one in self._allowed):
                continue
            detection = found.setdefault(name, Detection())
            detection.count += 1
            places = detection.places.setdefault(cell.kind, [])
            if len(places) < self._most:
                places.append(_place(cell, begin, end))


def _rules(managed: Collection[str]) -> Iterator[tuple[Rule, str]]:
    path = Path(__file__).parents[1] / "recognizers.yaml"
    base: dict[str, dict[str, Any]] = {}
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        name, count = row["type"], itertools.count(1)
        while name in base:
            name = f"{row['type']}/{next(count)}"
        base[name] = row
    for row in table():
        used = row["id"] in managed or row.get("alone") in managed
        like = base.get(row.get("like", ""), {})
        pattern = row.get("pattern", like.get("pattern"))
        if used and pattern:
            keyed = {name: row[name] for name in ("keywords",) if name in row}
            bare = 0.5 if row.get("alone") else None if keyed else 1.0
            taken = ("check", "whole", "near", "behind")
            kept = {"behind": _NEAR} | {n: like[n] for n in taken if n in like}
            own = {n: row[n] for n in ("check", "whole") if n in row}
            rule = {**kept, **own, **keyed, "type": row["id"], "pattern": pattern}
            yield Rule({**rule, "bare": bare, "keyed": 1.0}), row.get("alone", "")


def _settled(hits: list[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for one in sorted(hits, key=lambda hit: -hit.score):
        if not any(one.meets(other) for other in kept):
            kept.append(one)
    return kept


def _wordy(text: str) -> bool:
    return " " in text and any(map(str.isupper, text))


def _full_names(cell: Cell, entities: list[Hit]) -> Iterator[Hit]:
    if _NOBODYS.search(cell.place):
        return
    size = len(cell.text)
    thing = any(one.type in _THINGS and one.size == size for one in entities)
    if _NAMED.search(cell.place) and is_name(cell.text) and not thing:
        yield Hit("NAME", 0, size, -1000)
        return
    for one in names(cell.text, entities):
        if " " in cell.text[one.begin : one.end]:
            yield Hit("NAME", one.begin, one.end, -1000)


def _place(cell: Cell, begin: int, end: int) -> dict[str, Any]:
    if cell.where is not None:
        return cell.where
    before, inner = cell.text[:begin], cell.text[begin:end]
    start = before.count("\n") + 1
    column = begin - (before.rfind("\n") + 1) + 1
    return {"start": start, "end": start + inner.count("\n"), "startColumn": column}
