"""Custom data identifiers and allow lists: a regex, and the words around it."""

from collections.abc import Iterator, Mapping
from typing import Any

import regex

# A regex of the learner's may take this long on one value.
_SECONDS = 1.0
_DISTANCE = 50
DEFAULT_SEVERITY = [{"occurrencesThreshold": 1, "severity": "MEDIUM"}]
SCORES = {"LOW": 1, "MEDIUM": 2, "HIGH": 3}


class Custom:
    """A custom data identifier.

    Args:
        row: As CreateCustomDataIdentifier takes it.

    Raises:
        ValueError: Its regex cannot be compiled.
    """

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.id: str = row.get("id", "")
        self.name: str = row.get("name", "")
        self._distance: int = row.get("maximumMatchDistance") or _DISTANCE
        self._keywords = [one.lower() for one in row.get("keywords") or ()]
        self._ignored = row.get("ignoreWords") or ()
        self._severity = row.get("severityLevels") or DEFAULT_SEVERITY
        self._pattern = compiled(row["regex"])

    def matches(self, text: str, place: str = "") -> Iterator[tuple[int, int]]:
        """Yield where a text matches.

        Args:
            text: Where to look.
            place: Name of the field that holds it, in words, where keywords count too.
        """
        named = any(one in place.lower() for one in self._keywords)
        for match in self._pattern.finditer(text, timeout=_SECONDS):
            if not match[0] or any(word in match[0] for word in self._ignored):
                continue
            if not self._keywords or named or self._beside(text, match):
                yield match.span()

    def _beside(self, text: str, match: Any) -> bool:
        """Whether a keyword precedes the match, near enough to its end."""
        begin = max(0, match.end() - self._distance)
        before = text[: match.start()].lower()
        for word in self._keywords:
            place = before.rfind(word)
            if place >= 0 and place + len(word) >= begin:
                return True
        return False

    def score(self, count: int) -> int | None:
        """Return the severity of a number of occurrences; None if it is too few."""
        levels = [
            SCORES[one["severity"]]
            for one in self._severity
            if count >= one["occurrencesThreshold"]
        ]
        return max(levels, default=None)


class Allowed:
    """An allow list: what it names is no sensitive data.

    Args:
        row: `regex`, or `words` in lower case.
    """

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._pattern = compiled(row["regex"]) if "regex" in row else None
        self._words = frozenset(row.get("words", ()))

    def allows(self, piece: str) -> bool:
        """Whether a piece of a text is to be ignored."""
        if self._pattern is not None:
            found = self._pattern.search(piece, timeout=_SECONDS)
            return found is not None
        return piece.strip().lower() in self._words


def compiled(pattern: str) -> Any:
    """Return a compiled regex.

    Raises:
        ValueError: It is no regex, or it matches nothing at all.
    """
    try:
        found = regex.compile(pattern, regex.VERSION0)
    except regex.error as error:
        raise ValueError(f"The regex is not valid: {error}") from error
    if found.fullmatch("") is not None:
        raise ValueError("The regex must not match an empty text.")
    return found
