"""The JSONPath that Batch Transform's filters understand."""

import re
from collections.abc import Callable
from typing import Any

from localaws.errors import ValidationError

_NAME = re.compile(r"\.?\s*([A-Za-z_][\w-]*)")
_STAR = re.compile(r"\.?\*|\[\s*\*\s*\]")
_QUOTED = re.compile(r"\.?\[\s*('[^']*'(?:\s*,\s*'[^']*')*)\s*\]")
_PLACE = r"-?\d+|-?\d*\s*:\s*-?\d*"
_PLACES = re.compile(rf"\.?\[\s*((?:{_PLACE})(?:\s*,\s*(?:{_PLACE}))*)\s*\]")
Step = Callable[[Any], Any]


class PathError(Exception):
    """A record has nothing where the path points."""


class JsonPath:
    """One filter, such as `$[1:]`, `$.features` or `$['id','SageMakerOutput']`.

    Args:
        text: The path; the empty one selects everything.
        member: Of the input, for the error.

    Raises:
        ValidationError: The path uses what AWS's filters do not support.
    """

    def __init__(self, text: str, member: str) -> None:
        self.text = text or "$"
        self._steps: list[tuple[Step, bool]] = []
        rest = self.text.strip()
        if not rest.startswith("$"):
            raise self._invalid(member)
        rest = rest[1:]
        while rest:
            rest = self._read(rest, member)

    @property
    def whole(self) -> bool:
        """Whether it selects everything."""
        return not self._steps

    def select(self, value: Any) -> Any:
        """Return what the path selects.

        Raises:
            PathError: Nothing is there.
        """
        many = False
        for step, several in self._steps:
            try:
                value = [step(one) for one in value] if many else step(value)
            except (LookupError, TypeError, AttributeError) as error:
                raise PathError(f"{self.text} selects nothing: {error}") from error
            many = many or several
        return value

    def _read(self, rest: str, member: str) -> str:
        """Take the first step off a path."""
        if found := _STAR.match(rest):
            self._steps.append((_everything, True))
        elif found := _QUOTED.match(rest):
            names = re.findall(r"'([^']*)'", found[1])
            # several names make an object, and nothing may follow it
            if len(names) > 1 and rest[found.end() :]:
                raise self._invalid(member)
            self._steps.append((_members(names), False))
        elif found := _PLACES.match(rest):
            places = [_place(one) for one in found[1].split(",")]
            several = len(places) > 1 or isinstance(places[0], slice)
            self._steps.append((_items(places, several), several))
        elif rest.startswith(".") and (found := _NAME.match(rest)):
            self._steps.append((_members([found[1]]), False))
        else:
            raise self._invalid(member)
        return rest[found.end() :]

    def _invalid(self, member: str) -> ValidationError:
        return ValidationError(
            f"{member} {self.text!r} is not a supported JSONPath: $, .name, *, "
            "['name','name'], [number,number] and [start:end] are."
        )


def _everything(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def _members(names: list[str]) -> Step:
    def step(value: Any) -> Any:
        if not isinstance(value, dict):
            raise TypeError(f"{type(value).__name__} has no member {names[0]!r}")
        found = {name: value[name] for name in names}
        return found if len(names) > 1 else found[names[0]]

    return step


def _place(text: str) -> int | slice:
    if ":" not in text:
        return int(text)
    start, _, end = (part.strip() for part in text.partition(":"))
    return slice(int(start) if start else None, int(end) if end else None)


def _items(places: list[int | slice], several: bool) -> Step:
    def step(value: Any) -> Any:
        if not isinstance(value, list):
            raise TypeError(f"{type(value).__name__} has no index")
        if not several:
            return value[places[0]]
        found: list[Any] = []
        for place in places:
            found += value[place] if isinstance(place, slice) else [value[place]]
        return found

    return step
