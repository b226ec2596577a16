"""Hyperparameters as SageMaker describes them: named, typed, ranged, all strings."""

import ast
import difflib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from localaws.algorithms.errors import HyperparameterError


@dataclass(frozen=True)
class Interval:
    """A range of numbers; an end is closed unless it is marked open."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    def __str__(self) -> str:
        left = "(" if self.low_open or self.low == -math.inf else "["
        right = ")" if self.high_open or self.high == math.inf else "]"
        high = "+inf" if self.high == math.inf else f"{self.high:g}"
        return f"{left}{self.low:g}, {high}{right}"


@dataclass(frozen=True)
class Either:
    """A word, or a number of an interval."""

    word: str
    interval: Interval

    def __contains__(self, value: Any) -> bool:
        return value == self.word if isinstance(value, str) else value in self.interval

    def __str__(self) -> str:
        return f"{self.word} or {self.interval}"


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter.

    Attributes:
        name: its name.
        parse: turns the string into a value; ValueError if it cannot.
        allowed: what the value, or each member of a list, must be in; None for all.
        required: whether it must be given.
        refused: why the local form does not honour it, or not beyond the values of
            `allowed`; None if it does.
    """

    name: str
    parse: Callable[[str], Any]
    allowed: Interval | Either | Sequence[Any] | None = None
    required: bool = False
    refused: str | None = None

    def convert(self, text: str) -> Any:
        """Turn the string into a value; HyperparameterError if it is refused."""
        if self.refused is not None and text not in (self.allowed or ()):
            what = f"{self.name}={text}" if self.allowed else self.name
            raise HyperparameterError(
                f"Hyperparameter {what} is not honoured by the local form of the"
                f" algorithm: {self.refused}"
            )
        try:
            value = self.parse(text)
        except (ValueError, KeyError, SyntaxError) as error:
            raise HyperparameterError(
                f"Hyperparameter {self.name}: could not parse value {text!r}"
            ) from error
        members = value if isinstance(value, list) else [value]
        if self.allowed is not None and value is not None:
            for member in members:
                if member not in self.allowed:
                    raise HyperparameterError(
                        f"Hyperparameter {self.name}: {member} is not in {self.allowed}"
                    )
        return value


def integer(name: str, low: float, high: float = math.inf) -> Hyperparameter:
    """An integer between two closed ends."""
    return Hyperparameter(name, int, Interval(low, high))


def number(
    name: str, low: float = -math.inf, high: float = math.inf, *, opened: str = ""
) -> Hyperparameter:
    """A finite real number; `opened` holds "(" and ")" for the ends that are open."""
    return Hyperparameter(
        name, _finite, Interval(low, high, "(" in opened, ")" in opened)
    )


def choice(name: str, *options: str) -> Hyperparameter:
    """One word of several."""
    return Hyperparameter(name, str, options)


def words(name: str, allowed: Sequence[str] | None = None) -> Hyperparameter:
    """A list of words with commas between."""
    return Hyperparameter(name, _split, allowed)


def literal(name: str) -> Hyperparameter:
    """A Python list or tuple, kept as text for the library that reads it."""
    return Hyperparameter(name, _literal)


def refused(name: str, reason: str) -> Hyperparameter:
    """A name that AWS knows and the local form does not honour."""
    return Hyperparameter(name, str, refused=reason)


def only(name: str, reason: str, *options: str) -> Hyperparameter:
    """A word of which the local form honours these options, and no others."""
    return Hyperparameter(name, str, options, refused=reason)


def flag(name: str) -> Hyperparameter:
    """A boolean, `true` or `false`."""
    return Hyperparameter(name, _boolean)


def names(name: str, *options: str) -> Hyperparameter:
    """A list of words, as JSON or with commas between."""
    return Hyperparameter(name, _names, options)


def auto(one: Hyperparameter) -> Hyperparameter:
    """A hyperparameter that may also be `auto`, which reads as None."""
    return replace(one, parse=lambda text: None if text == "auto" else one.parse(text))


def required(one: Hyperparameter) -> Hyperparameter:
    """A hyperparameter that must be given."""
    return replace(one, required=True)


def check(
    known: Sequence[Hyperparameter],
    aliases: Mapping[str, str],
    given: Mapping[str, str],
) -> dict[str, Any]:
    """Convert hyperparameters from strings.

    Args:
        known: the hyperparameters of the algorithm.
        aliases: other names, each to the name that it stands for.
        given: names and strings.

    Returns:
        Names and values of those that are given.

    Raises:
        HyperparameterError: a required one is missing, one is unknown, cannot be
            parsed, or is out of its range.
    """
    table = {one.name: one for one in known}
    given = {aliases.get(name, name): text for name, text in given.items()}
    for one in known:
        if one.required and one.name not in given:
            raise HyperparameterError(f"Missing required hyperparameter: {one.name}")
    for name in given:
        if name not in table:
            near = difflib.get_close_matches(name, [*table, *aliases], n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise HyperparameterError(f"Extraneous hyperparameter found: {name}{hint}")
    return {name: table[name].convert(text) for name, text in given.items()}


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _split(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.strip().lower()]


def _names(text: str) -> list[str]:
    found = json.loads(text) if text.lstrip().startswith("[") else _split(text)
    return [str(one) for one in found]


def _literal(text: str) -> str:
    if not isinstance(ast.literal_eval(text), list | tuple):
        raise ValueError(text)
    return text
