"""Data cleaning steps: case, affixes, what is extracted, removed and replaced."""

import re
import string
from collections.abc import Callable
from typing import Any

import pandas as pd

from localaws.brew.casting import timestamps
from localaws.brew.errors import BrewError
from localaws.brew.frames import strings
from localaws.brew.step import Step

_DATES = {
    "mm/dd/yyyy": "%m/%d/%Y",
    "mm-dd-yyyy": "%m-%d-%Y",
    "dd month yyyy": "%d %B %Y",
    "month yyyy": "%B %Y",
    "dd month": "%d %B",
}
_PUNCTUATION, _QUOTES = ".!,?", "'\""
_CASES: dict[str, Callable[[str], str]] = {
    "LOWER_CASE": str.lower,
    "UPPER_CASE": str.upper,
    "CAPITAL_CASE": lambda text: re.sub(
        r"\S+", lambda found: found[0].capitalize(), text
    ),
    "SENTENCE_CASE": str.capitalize,
    "ADD_DOUBLE_QUOTES": '"{}"'.format,
    "ADD_SINGLE_QUOTES": "'{}'".format,
}


def mapped(words: pd.Series, turn: Callable[[str], Any]) -> pd.Series:
    """Return a column of strings with each value turned; null stays null."""
    return strings((None if v is None else turn(v) for v in words), words.index)


def case(name: str) -> Callable[[Step], pd.DataFrame]:
    """Return the action of this name that turns each string."""

    def act(step: Step) -> pd.DataFrame:
        return step.put(mapped(step.words, _CASES[name]))

    return act


def add_prefix(step: Step) -> pd.DataFrame:
    """ADD_PREFIX."""
    pattern = step.text("pattern")
    return step.put(mapped(step.words, lambda text: pattern + text))


def add_suffix(step: Step) -> pd.DataFrame:
    """ADD_SUFFIX."""
    pattern = step.text("pattern")
    return step.put(mapped(step.words, lambda text: text + pattern))


def compiled(step: Step, name: str = "pattern") -> re.Pattern[str]:
    """Return a parameter that is a regular expression."""
    text = step.text(name)
    try:
        return re.compile(text)
    except re.error as error:
        raise BrewError(f"{name} {text!r} is no regular expression: {error}") from error


def extract_pattern(step: Step) -> pd.DataFrame:
    """EXTRACT_PATTERN: the first match of a regular expression."""
    pattern = compiled(step)

    def turn(text: str) -> str | None:
        found = pattern.search(text)
        return found[0] if found else None

    return step.new(mapped(step.words, turn))


def _between(step: Step) -> re.Pattern[str]:
    start, end = compiled(step, "startPattern"), compiled(step, "endPattern")
    return re.compile(f"(?:{start.pattern})(?P<inside>.*?)(?:{end.pattern})", re.S)


def extract_between_delimiters(step: Step) -> pd.DataFrame:
    """EXTRACT_BETWEEN_DELIMITERS."""
    pattern = _between(step)

    def turn(text: str) -> str | None:
        found = pattern.search(text)
        return found["inside"] if found else None

    return step.new(mapped(step.words, turn))


def _positions(step: Step) -> slice:
    start, end = step.whole("startPosition"), step.whole("endPosition")
    if not 0 <= start <= end:
        raise BrewError(f"Positions {start} and {end} are not in order.")
    return slice(start, end)


def extract_between_positions(step: Step) -> pd.DataFrame:
    """EXTRACT_BETWEEN_POSITIONS: the first character is at 0, the end is left out."""
    part = _positions(step)
    return step.new(mapped(step.words, lambda text: text[part]))


def replace_between_positions(step: Step) -> pd.DataFrame:
    """REPLACE_BETWEEN_POSITIONS."""
    part, value = _positions(step), step.text("value")

    def turn(text: str) -> str:
        return text[: part.start] + value + text[part.stop :]

    return step.put(mapped(step.words, turn))


def replace_between_delimiters(step: Step) -> pd.DataFrame:
    """REPLACE_BETWEEN_DELIMITERS: the delimiters stay."""
    pattern, value = _between(step), step.text("value")

    def swap(found: re.Match[str]) -> str:
        whole, inside = found[0], found.span("inside")
        begin, end = inside[0] - found.start(), inside[1] - found.start()
        return whole[:begin] + value + whole[end:]

    return step.put(mapped(step.words, lambda text: pattern.sub(swap, text)))


def replace_text(step: Step) -> pd.DataFrame:
    """REPLACE_TEXT: each match of characters, or of a regular expression."""
    pattern, value = compiled(step), step.text("value")
    return step.put(mapped(step.words, lambda text: pattern.sub(lambda _: value, text)))


def format_date(step: Step) -> pd.DataFrame:
    """FORMAT_DATE: a date string in another form; what is no date becomes null."""
    form = _DATES[step.choice("targetDateFormat", *_DATES)]
    shown = timestamps(step.source).dt.strftime(form).astype(object)
    return step.put(shown.where(shown.notna(), None))


def remove_combined(step: Step) -> pd.DataFrame:
    """REMOVE_COMBINED: characters of several kinds."""
    dropped = _dropped(step)
    ends = "".join(
        characters
        for name, characters in (
            ("removeLeadingAndTrailingPunctuation", _PUNCTUATION),
            ("removeLeadingAndTrailingQuotes", _QUOTES),
            ("removeLeadingAndTrailingWhitespace", string.whitespace),
        )
        if step.flag(name)
    )
    custom = step.text("customValue", "") if step.flag("removeCustomValue") else ""
    collapse = step.flag("collapseConsecutiveWhitespace")

    def turn(text: str) -> str:
        if custom:
            text = text.replace(custom, "")
        text = "".join(one for one in text if one not in dropped)
        if collapse:
            text = re.sub(r"(\s)\s+", r"\1", text)
        return text.strip(ends) if ends else text

    return step.put(mapped(step.words, turn))


def _dropped(step: Step) -> set[str]:
    kinds = {
        "removeAllPunctuation": _PUNCTUATION,
        "removeAllQuotes": _QUOTES,
        "removeAllWhitespace": string.whitespace,
        "removeLetters": string.ascii_letters,
        "removeNumbers": string.digits,
        "removeSpecialCharacters": string.punctuation,
        "removeCustomCharacters": step.text("customCharacters", ""),
    }
    return {one for name, all_ in kinds.items() if step.flag(name) for one in all_}
