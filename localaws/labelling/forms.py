"""What a worker is asked on a page: the elements of a task template that take answers.

https://docs.aws.amazon.com/sagemaker/latest/dg/sms-ui-template-reference.html
"""

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from localaws.errors import ValidationError

_CLASSIFIERS = {
    "crowd-classifier": False,
    "crowd-classifier-multi-select": True,
    "crowd-image-classifier": False,
    "crowd-image-classifier-multi-select": True,
}
# Elements that show something, or hold other elements, and submit nothing.
_SHOW = {
    "crowd-form",
    "crowd-instructions",
    "crowd-button",
    "crowd-card",
    "crowd-alert",
    "crowd-badge",
    "crowd-icon-button",
    "crowd-modal",
    "crowd-tab",
    "crowd-tabs",
    "crowd-toast",
    "crowd-fab",
}


@dataclass(frozen=True)
class Field:
    """One element that takes an answer.

    Attributes:
        element: Such as `crowd-classifier`.
        name: Under which it submits.
        categories: What may be chosen.
        multiple: Whether several may be.
        header: The question, if there is one.
    """

    element: str
    name: str
    categories: tuple[str, ...] = ()
    multiple: bool = False
    header: str = ""

    @property
    def known(self) -> bool:
        """Whether it is understood what the element submits."""
        return self.element in _CLASSIFIERS or self.element in ("select", "radio")

    @property
    def classifies(self) -> bool:
        """Whether it is one of Ground Truth's classifiers."""
        return self.element in _CLASSIFIERS

    def answer(self, chosen: Sequence[str]) -> dict[str, Any]:
        """Return what the element submits for the categories that were chosen."""
        if self.element in ("select", "radio"):
            return {self.name: chosen[0]}
        if self.multiple:
            return {self.name: {"labels": list(chosen)}}
        return {self.name: {"label": chosen[0]}}

    def check(self, answer: dict[str, Any]) -> None:
        """Raise `ValidationError` unless an answer holds what the element submits."""
        given = answer.get(self.name)
        if self.element in _CLASSIFIERS:
            inner = given if isinstance(given, dict) else {}
            given = inner.get("labels" if self.multiple else "label")
        chosen = given if isinstance(given, list) else [given]
        if self.multiple != isinstance(given, list) or not all(
            one in self.categories for one in chosen
        ):
            example = self.answer(list(self.categories[:1]))
            raise ValidationError(
                f"The answer of {self.element} {self.name!r} has the form "
                f"{json.dumps(example)} with {', '.join(self.categories)}; "
                f"found {json.dumps(answer)}."
            )


def fields(html: str) -> list[Field]:
    """Return the elements of a page that take answers, in its order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._fields: list[Field] = []
        self._choices: dict[tuple[str, str], list[str]] = {}
        self._select: str | None = None

    def found(self) -> list[Field]:
        choices = [
            Field(kind, name, tuple(values))
            for (kind, name), values in self._choices.items()
        ]
        return [*self._fields, *choices]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", tag)
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and given.get("value"):
            self._choices.setdefault(("select", self._select), []).append(
                given["value"]
            )
        elif tag == "crowd-radio-button" or (
            tag == "input" and given.get("type") == "radio"
        ):
            value = given.get("value", name)
            self._choices.setdefault(("radio", name), []).append(value)
        elif tag.startswith("crowd-") and tag not in _SHOW | {"crowd-radio-group"}:
            self._fields.append(
                Field(
                    tag,
                    name,
                    _categories(given.get("categories", "")),
                    _CLASSIFIERS.get(tag, False),
                    given.get("header", ""),
                )
            )

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None


def _categories(text: str) -> tuple[str, ...]:
    try:
        found = json.loads(text)
    except ValueError:
        # Mechanical Turk's own templates have single quotes inside
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()
