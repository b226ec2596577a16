"""What a worker submits: a QuestionFormAnswers document."""

import json
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from localaws.labelling.forms import Field
from localaws.services.mturk.pages import Ask
from localaws.services.mturk.questions import Question

Chosen = dict[str, list[str]]
_SCHEMA = (
    "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/"
    "QuestionFormAnswers.xsd"
)


def document(question: Question, chosen: Chosen) -> str:
    """Return the answers as Mechanical Turk gives them out.

    Args:
        question: What was asked.
        chosen: What was chosen, by the name of what was asked.
    """
    inner = "".join(_answers(question, chosen))
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}<QuestionFormAnswers xmlns="{_SCHEMA}">{inner}</QuestionFormAnswers>'


def _answers(question: Question, chosen: Chosen) -> Iterator[str]:
    asks = question.page.asks
    if question.style == "selections":
        for ask in asks:
            picked = chosen.get(ask.name, [])
            selections = "".join(_element("SelectionIdentifier", one) for one in picked)
            yield _answer(ask.name, selections if ask.options else _free(""))
    elif question.style == "form":
        for ask in asks:
            yield _answer(ask.name, _free("|".join(chosen.get(ask.name, []))))
    else:
        objects: dict[str, Any] = {}
        for ask in asks:
            objects |= _object(ask, chosen.get(ask.name, []))
        if question.style == "flatten-objects":
            for name, value in _flat(objects):
                yield _answer(name, _free(value))
        else:
            text = json.dumps([objects], separators=(",", ":"), ensure_ascii=False)
            yield _answer("taskAnswers", _free(text))


def _object(ask: Ask, picked: list[str]) -> dict[str, Any]:
    if ask.element.startswith("crowd-") and ask.options:
        field = Field(ask.element, ask.name, ask.options, ask.several)
        return field.answer(picked)
    if ask.element == "radio":
        buttons: dict[str, Any] = {}
        for one in ask.options:
            buttons.setdefault(ask.names[one], {})[one] = one in picked
        return buttons
    return {ask.name: "|".join(picked)}


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _flat(item, f"{path}.{name}" if path else name)
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _answer(name: str, inner: str) -> str:
    return f"<Answer>{_element('QuestionIdentifier', name)}{inner}</Answer>"


def _free(text: str) -> str:
    return _element("FreeText", text)


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
