"""The Question of a HIT: XML that holds a page of HTML, or a form of its own."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from localaws.errors import NotImplementedHere
from localaws.limits import limits
from localaws.services.mturk.desk import Desk, invalid
from localaws.services.mturk.pages import Ask, Page, read

_SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"
_KINDS = {
    "HTMLQuestion": ("2011-11-11",),
    "QuestionForm": ("2017-11-06", "2005-10-01"),
    "ExternalQuestion": ("2006-07-14",),
}


@dataclass(frozen=True)
class Question:
    """What workers are asked.

    Attributes:
        style: How answers are submitted: `objects` or `flatten-objects` by a
            crowd-form, `form` by a form of HTML, `selections` by a QuestionForm.
        page: What they see and fill in.
    """

    style: str
    page: Page


def _broken(details: str) -> Exception:
    return invalid(
        "There was an error parsing the XML question or answer data in your request.  "
        "Please make sure the data is well-formed and validates against the "
        f"appropriate schema. Details: {details}"
    )


def check(desk: Desk, text: str | None) -> None:
    """Raise unless Mechanical Turk would take a Question, and workers can answer it."""
    if text is None:
        raise invalid(
            "Either a Question parameter or a HITLayoutId parameter must be provided."
        )
    most = limits("mturk", "question_bytes")
    if len(text.encode()) > most:
        raise invalid(f"Question must not be larger than {most} bytes.")
    question = parse(text)
    for ask in () if desk.sandbox else question.page.asks:
        if not ask.options and ask.required:
            raise NotImplementedHere(
                f"mturk:CreateHIT Question with the required field '{ask.name}' "
                f"({ask.element})",
                "lets workers write or mark what they like; the workers here choose "
                "among categories",
            )


def parse(text: str) -> Question:
    """Read a Question.

    Raises:
        AwsError: It is not well formed, or of no known schema.
        NotImplementedHere: It is a page of another server.
    """
    try:
        root = ET.fromstring(text.strip())
    except ET.ParseError as error:
        raise _broken(str(error)) from error
    namespace, _, kind = root.tag.lstrip("{").rpartition("}")
    known = [f"{_SCHEMAS}/{date}/{kind}.xsd" for date in _KINDS.get(kind, ())]
    if namespace not in known:
        raise _broken(f"Cannot find the declaration of element '{root.tag}'.")
    if kind == "ExternalQuestion":
        raise NotImplementedHere(
            "mturk:CreateHIT Question=ExternalQuestion",
            "shows workers a page of your own server in a frame",
        )
    space = {"": namespace}
    return (_html if kind == "HTMLQuestion" else _form)(root, space)


def _html(root: ET.Element, space: dict[str, str]) -> Question:
    content = root.findtext("HTMLContent", namespaces=space)
    height = root.findtext("FrameHeight", namespaces=space)
    if not content or not (height or "").strip().isdigit():
        raise _broken("an HTMLQuestion holds HTMLContent and a whole FrameHeight.")
    page = read(content)
    return Question(page.style, page)


def _form(root: ET.Element, space: dict[str, str]) -> Question:
    shown: list[str | Ask] = []
    for part in root:
        kind = part.tag.rpartition("}")[2]
        if kind == "Overview":
            shown += _content(part)
        elif kind == "Question":
            shown += _question(part, space)
        else:
            raise _broken(f"Invalid content was found starting with element '{kind}'.")
    if not any(isinstance(one, Ask) for one in shown):
        raise _broken("a QuestionForm holds at least one Question.")
    return Question("selections", Page("selections", tuple(shown)))


def _content(part: ET.Element) -> list[str | Ask]:
    found: list[str | Ask] = []
    for one in part.iter():
        kind = one.tag.rpartition("}")[2]
        if kind == "FormattedContent":
            found += read(one.text or "").shown
        elif kind in ("Text", "DataURL", "Title", "ListItem"):
            found.append((one.text or "").strip())
    return found


def _question(part: ET.Element, space: dict[str, str]) -> list[str | Ask]:
    name = part.findtext("QuestionIdentifier", namespaces=space)
    content = part.find("QuestionContent", space)
    answer = part.find("AnswerSpecification", space)
    if not name or content is None or answer is None or not len(answer):
        raise _broken(
            "a Question holds QuestionIdentifier, QuestionContent and "
            "AnswerSpecification."
        )
    required = part.findtext("IsRequired", "false", space).strip() == "true"
    kind = answer[0].tag.rpartition("}")[2]
    options, words = [], {}
    for one in answer.iterfind("SelectionAnswer/Selections/Selection", space):
        identity = one.findtext("SelectionIdentifier", "", space).strip()
        options.append(identity)
        words[one.findtext("Text", "", space).strip()] = identity
    if kind == "SelectionAnswer" and not all(options):
        raise _broken("a Selection holds a SelectionIdentifier.")
    if kind not in ("SelectionAnswer", "FreeTextAnswer"):
        raise _broken(f"Invalid content was found starting with element '{kind}'.")
    most = answer.findtext("SelectionAnswer/MaxSelectionCount", "1", space)
    several = int(most) > 1 if most.strip().isdigit() else False
    ask = Ask(kind, name.strip(), tuple(options), several, required, words)
    return [*_content(content), ask]
