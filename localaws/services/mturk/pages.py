"""A page of HTML as a worker sees it: texts, images, and what is to be filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from localaws.labelling import forms

_UNSEEN = ("script", "style", "title", "short-instructions", "full-instructions")
_WRITTEN = ("text", "", "number", "email", "url", "date", "checkbox", "file", "tel")
_SOURCES = ("src", "image", "document")


@dataclass(frozen=True)
class Ask:
    """Something to be filled in.

    Attributes:
        element: Such as `radio`, `select`, `crowd-classifier` or `SelectionAnswer`.
        name: Under which its answer is submitted.
        options: What may be chosen; empty where people would write or mark.
        several: Whether several may be chosen.
        required: Whether the page cannot be submitted without it.
        words: What stands beside an option, with the option.
        names: The option's own name, where each button has one.
        within: What is shown inside the element, before all else.
    """

    element: str
    name: str
    options: tuple[str, ...] = ()
    several: bool = False
    required: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    within: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """What is shown and asked, in its order: a text or an image's address, or an Ask.

    Attributes:
        style: How it is submitted: objects, flatten-objects, form; empty if it cannot.
        shown: In order.
    """

    style: str
    shown: tuple[str | Ask, ...]

    @property
    def asks(self) -> list[Ask]:
        """What is to be filled in."""
        return [one for one in self.shown if isinstance(one, Ask)]

    def about(self, ask: Ask) -> Iterator[str]:
        """Yield what may be the object of a question, the nearest first."""
        yield from ask.within
        place = self.shown.index(ask)
        before, after = self.shown[:place][::-1], self.shown[place + 1 :]
        yield from (one for one in (*before, *after) if isinstance(one, str))


def read(html: str) -> Page:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page(reader.style, tuple(reader.entries()))


@dataclass
class _Draft:
    element: str
    name: str
    options: list[str] = field(default_factory=list)
    several: bool = False
    required: bool = False
    names: dict[str, str] = field(default_factory=dict)
    within: list[str] = field(default_factory=list)

    def ask(self) -> Ask:
        return Ask(
            self.element,
            self.name,
            tuple(self.options),
            self.several,
            self.required,
            names=self.names,
            within=tuple(self.within),
        )

    def choice(self, value: str, name: str) -> None:
        self.options.append(value)
        self.names[value] = name


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.style = ""
        self._shown: list[str | _Draft] = []
        self._groups: dict[tuple[str, str], _Draft] = {}
        self._hidden = 0
        self._select: _Draft | None = None
        self._buttons: _Draft | None = None
        self._inside: list[str] | None = None

    def entries(self) -> Iterator[str | Ask]:
        for one in self._shown:
            yield one if isinstance(one, str) else one.ask()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _UNSEEN:
            self._hidden += 1
        elif tag == "crowd-form":
            self.style = given.get("answer-format") or "objects"
        elif tag == "form":
            self.style = self.style or "form"
        elif tag == "img":
            self._show(given.get("src", ""))
        elif tag.startswith("crowd-"):
            self._crowd(tag, given)
        else:
            self._native(tag, given)

    def _native(self, tag: str, given: dict[str, str]) -> None:
        name, required = given.get("name", ""), "required" in given
        kind = given.get("type", "").lower()
        if tag == "select" and name:
            self._select = self._add(_Draft(tag, name, required=required))
        elif tag == "option" and self._select and given.get("value"):
            self._select.options.append(given["value"])
        elif tag == "input" and kind == "radio" and name:
            group = self._group("radio", name)
            group.choice(given.get("value", "on"), name)
            group.required |= required
        elif name and (tag == "textarea" or (tag == "input" and kind in _WRITTEN)):
            self._add(_Draft(tag, name, required=required))

    def _crowd(self, tag: str, given: dict[str, str]) -> None:
        if tag == "crowd-radio-group":
            self._buttons = self._add(_Draft("radio", ""))
        elif tag == "crowd-radio-button":
            name = given.get("name", tag)
            group = self._buttons or self._group("radio", name)
            group.name = group.name or name
            group.choice(given.get("value", name), name)
            return
        for found in forms.fields(self.get_starttag_text() or ""):
            written = found.element in ("crowd-input", "crowd-text-area")
            draft = _Draft(tag, found.name, list(found.categories), found.multiple)
            draft.required = "required" in given if written else not found.categories
            self._inside = self._add(draft).within
            self._inside += [given[name] for name in _SOURCES if given.get(name)]

    def _add(self, draft: _Draft) -> _Draft:
        self._shown.append(draft)
        return draft

    def _group(self, element: str, name: str) -> _Draft:
        if (element, name) not in self._groups:
            self._groups[element, name] = self._add(_Draft(element, name))
        return self._groups[element, name]

    def _show(self, text: str) -> None:
        if text and not self._hidden:
            (self._shown if self._inside is None else self._inside).append(text)

    def handle_data(self, data: str) -> None:
        if self._select is None:
            self._show(data.strip())

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "select":
            self._select = None
        elif tag == "crowd-radio-group":
            self._buttons = None
        elif tag.startswith("crowd-") and tag != "crowd-form":
            self._inside = None
