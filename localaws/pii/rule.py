"""Rules: a pattern, what it means, and the words that have to stand near by."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from localaws.pii.checks import CHECKS

_NEAR = 30


@dataclass(frozen=True)
class Hit:
    """A piece of a text that is personal data.

    Attributes:
        type: Such as `EMAIL`.
        begin: Its first character.
        end: The character behind it.
        score: How sure that is, up to 1.
    """

    type: str
    begin: int
    end: int
    score: float

    @property
    def size(self) -> int:
        """How many characters it has."""
        return self.end - self.begin

    def meets(self, other: "Hit") -> bool:
        """Whether a character belongs to both."""
        return self.begin < other.end and other.begin < self.end


class Rule:
    """One way to recognise a type.

    Args:
        row: As `recognizers.yaml` says.
    """

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.type: str = row["type"]
        flags = re.IGNORECASE if row.get("fold") else 0
        self._pattern = re.compile(row["pattern"], flags)
        self._check = CHECKS.get(row.get("check", ""))
        self._bare: float | None = row.get("bare")
        self._keyed: float = row.get("keyed", self._bare or 0.0)
        self._near: int = row.get("near", _NEAR)
        self._behind: int = row.get("behind", self._near // 3)
        self._words = words(row["keywords"]) if row.get("keywords") else None
        grouped = self._pattern.groups and not row.get("whole")
        self._group = 1 if grouped else 0

    def asks(self, text: str) -> bool:
        """Whether one of the words is in a text, or in the name of a field."""
        return bool(self._words and self._words.search(text))

    def hits(self, text: str, *, named: bool = False) -> Iterator[Hit]:
        """Yield what the rule finds.

        Args:
            text: Where to look.
            named: Whether a word is in the name of the field that holds the text.
        """
        if self._bare is None and not named and not self.asks(text):
            return
        for match in self._pattern.finditer(text):
            begin, end = match.span(self._group)
            if self._check and not self._check(text[begin:end]):
                continue
            keyed = named or self._beside(text, begin, end)
            if keyed:
                yield Hit(self.type, begin, end, self._keyed)
            elif self._bare is not None:
                yield Hit(self.type, begin, end, self._bare)

    def _beside(self, text: str, begin: int, end: int) -> bool:
        if self._words is None:
            return False
        before = text[max(0, begin - self._near - 1) : begin]
        behind = text[end : end + self._behind]
        return bool(self._words.search(before) or self._words.search(behind))


def words(found: list[str]) -> re.Pattern[str]:
    """Return what finds any of some words, whatever their case."""
    longest = sorted(found, key=len, reverse=True)
    either = "|".join(re.escape(one) for one in longest)
    return re.compile(rf"(?<![A-Za-z])(?:{either})(?![A-Za-z])", re.IGNORECASE)


@functools.cache
def rules() -> list[Rule]:
    """Return the rules of Comprehend's types."""
    path = Path(__file__).with_name("recognizers.yaml")
    return [Rule(row) for row in yaml.safe_load(path.read_text(encoding="utf-8"))]
