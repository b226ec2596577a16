"""Amazon Mechanical Turk: the questions that workers read, and how they answer."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.mturk_face import (
    SANDBOX,
    SCHEMAS,
    TEXT,
    advance,
    answers,
    assignments,
    classifier,
    hit,
    page,
    refused,
    state,
    tell,
)

SOURCE = "https://on-time-desk.s3.us-east-1.amazonaws.com/sky.png"
PICTURE = b"\x89PNG clouds"
RADIO = """<p>{text}</p><form action="https://www.mturk.com/mturk/externalSubmit">
<input type="radio" name="late" value="yes" required><input type="radio" name="late"
 value="no"><textarea name="comment"></textarea></form>"""
SELECT = """<{form}><p>{text}</p><select name="late"><option value="">choose</option>
<option value="yes">Yes</option><option value="no">No</option></select></{end}>"""
FORM = f"""<QuestionForm xmlns="{SCHEMAS}/2017-11-06/QuestionForm.xsd">
<Overview><Title>Two reviews</Title></Overview>
<Question><QuestionIdentifier>first</QuestionIdentifier><IsRequired>true</IsRequired>
<QuestionContent><Text>{{first}}</Text></QuestionContent><AnswerSpecification>
<SelectionAnswer><StyleSuggestion>radiobutton</StyleSuggestion><Selections>
<Selection><SelectionIdentifier>y</SelectionIdentifier><Text>yes</Text></Selection>
<Selection><SelectionIdentifier>n</SelectionIdentifier><Text>no</Text></Selection>
</Selections></SelectionAnswer></AnswerSpecification></Question>
<Question><QuestionIdentifier>second</QuestionIdentifier>
<QuestionContent><FormattedContent><![CDATA[<p>{{second}}</p>]]></FormattedContent>
</QuestionContent><AnswerSpecification><SelectionAnswer><Selections>
<Selection><SelectionIdentifier>yes</SelectionIdentifier><Text>it is</Text></Selection>
<Selection><SelectionIdentifier>no</SelectionIdentifier><Text>not</Text></Selection>
</Selections></SelectionAnswer></AnswerSpecification></Question></QuestionForm>"""


@pytest.fixture
def mturk(endpoint: Connection) -> Any:
    """A client of a marketplace whose workers never err much."""
    tell(endpoint, {TEXT: "yes", "Lovely.": "no"}, seed=1, workers=40, careless=0)
    return boto3.client("mturk")


def submitted(mturk: Any, endpoint: Connection, question: str) -> list[dict[str, Any]]:
    """Return what nine workers answer."""
    name = hit(mturk, Question=question, MaxAssignments=9)
    advance(endpoint, minutes=15)
    found = assignments(mturk, name)
    assert len(found) == 9
    return [answers(one) for one in found]


def most(values: list[str]) -> str:
    """Return the most frequent value."""
    return max(sorted(set(values)), key=values.count)


def test_a_form_of_html_is_answered_field_by_field(
    mturk: Any, endpoint: Connection
) -> None:
    shown = TEXT.replace("&", "&amp;")
    found = submitted(mturk, endpoint, page(RADIO.format(text=shown)))
    assert {tuple(one) for one in found} == {("late", "comment")}
    assert most([one["late"][0] for one in found]) == "yes"
    assert found[0]["comment"] == [""]


@pytest.mark.parametrize("form", ["form", "crowd-form"])
def test_a_choice_of_a_list(mturk: Any, endpoint: Connection, form: str) -> None:
    question = SELECT.format(form=form, end=form, text="Lovely.")
    found = submitted(mturk, endpoint, page(question))
    if form == "form":
        said = [one["late"][0] for one in found]
    else:
        said = [json.loads(one["taskAnswers"][0])[0]["late"] for one in found]
    assert most(said) == "no"


def test_answers_of_crowd_elements(mturk: Any, endpoint: Connection) -> None:
    tell(endpoint, {TEXT: "delay"})
    flat = classifier(form='crowd-form answer-format="flatten-objects"')
    found = submitted(mturk, endpoint, flat)
    assert most([one["topic.label"][0] for one in found]) == "delay"
    radio = RADIO.replace("form action", "crowd-form x").replace("/form", "/crowd-form")
    tell(endpoint, {"Hm.": "no"})
    found = submitted(mturk, endpoint, page(radio.format(text="Hm.")))
    said = [json.loads(one["taskAnswers"][0])[0]["late"] for one in found]
    assert {tuple(sorted(one)) for one in said} == {("no", "yes")}
    assert sum(one["no"] for one in said) > 4 > sum(one["yes"] for one in said)


def test_buttons_of_a_group_have_names_of_their_own(
    mturk: Any, endpoint: Connection
) -> None:
    buttons = "".join(
        f'<crowd-radio-button name="{name}" value="{value}">{name}</crowd-radio-button>'
        for name, value in (("b1", "yes"), ("b2", "no"))
    )
    question = f"<crowd-radio-group>{buttons}</crowd-radio-group></crowd-form>"
    found = submitted(mturk, endpoint, page(f"<crowd-form><p>Lovely.</p>{question}"))
    said = [json.loads(one["taskAnswers"][0])[0] for one in found]
    assert all(set(one) == {"b1", "b2"} for one in said)
    assert sum(one["b2"]["no"] for one in said) > 4
    assert all(one["b1"]["yes"] != one["b2"]["no"] for one in said)


def test_several_categories(mturk: Any, endpoint: Connection) -> None:
    tell(endpoint, {TEXT: ["delay", "praise"]})
    several = classifier().replace("crowd-classifier", "crowd-classifier-multi-select")
    found = submitted(mturk, endpoint, several)
    said = [json.loads(one["taskAnswers"][0])[0]["topic"]["labels"] for one in found]
    counts = {one: sum(one in each for each in said) for one in ("delay", "luggage")}
    assert counts["delay"] > 4 > counts["luggage"]


@pytest.mark.parametrize("source", [SOURCE, "s3://on-time-desk/sky.png", "signed"])
def test_an_image_is_known_by_its_bytes(
    mturk: Any, endpoint: Connection, bucket: str, source: str
) -> None:
    s3 = boto3.client("s3")
    s3.put_object(Bucket=bucket, Key="sky.png", Body=PICTURE)
    if source == "signed":
        place = {"Bucket": bucket, "Key": "sky.png"}
        source = s3.generate_presigned_url("get_object", Params=place)
    tell(endpoint, {PICTURE: "clouds"})
    shown = source.replace("&", "&amp;")
    question = page(
        f'<crowd-form><crowd-image-classifier name="sky" src="{shown}" categories='
        """'["clear", "clouds"]'></crowd-image-classifier></crowd-form>"""
    )
    found = submitted(mturk, endpoint, question)
    said = [json.loads(one["taskAnswers"][0])[0]["sky"]["label"] for one in found]
    assert most(said) == "clouds"


def test_a_question_form_with_two_questions(mturk: Any, endpoint: Connection) -> None:
    shown = TEXT.replace("&", "&amp;")
    found = submitted(mturk, endpoint, FORM.format(first=shown, second="Lovely."))
    assert most([one["first"][0] for one in found]) == "y"
    assert most([one["second"][0] for one in found]) == "no"


def test_a_page_without_a_form_cannot_be_submitted(
    mturk: Any, endpoint: Connection
) -> None:
    shown = TEXT.replace("&", "&amp;")
    bare = SELECT.format(form="div", end="div", text=shown)
    name = hit(mturk, Question=page(bare))
    advance(endpoint, minutes=30)
    assert state(mturk, name) == ("Assignable", 3, 0, 0)


@pytest.mark.parametrize(
    ("question", "details"),
    [
        ("<HTMLQuestion>", "no element found"),
        (
            classifier().replace("2011-11-11", "2011-11-12"),
            "Cannot find the declaration",
        ),
        (classifier().replace("FrameHeight", "Height"), "FrameHeight"),
        (FORM.replace("SelectionIdentifier", "Identifier"), "SelectionIdentifier"),
        (FORM.replace("AnswerSpecification", "Answers"), "AnswerSpecification"),
        ("not XML at all", "syntax error"),
    ],
)
def test_malformed_questions_are_refused(
    mturk: Any, question: str, details: str
) -> None:
    text = "There was an error parsing the XML question or answer data in your request."
    refused(lambda: hit(mturk, Question=question), None, text)
    refused(lambda: hit(mturk, Question=question), None, details)


def test_a_question_has_a_size(mturk: Any) -> None:
    long = classifier("x" * 65535)
    refused(lambda: hit(mturk, Question=long), None, "larger than 65535 bytes")


@pytest.mark.parametrize(
    ("question", "named"),
    [
        (page('<form><input type="text" name="plate" required></form>'), "'plate'"),
        (page('<crowd-form><crowd-bounding-box name="box"></crowd-form>'), "'box'"),
        (
            f'<ExternalQuestion xmlns="{SCHEMAS}/2006-07-14/ExternalQuestion.xsd">'
            "<ExternalURL>https://example.com</ExternalURL><FrameHeight>0</FrameHeight>"
            "</ExternalQuestion>",
            "ExternalQuestion",
        ),
    ],
)
def test_what_the_workers_cannot_answer_is_refused_by_name(
    mturk: Any, question: str, named: str
) -> None:
    with pytest.raises(ClientError, match=named) as error:
        hit(mturk, Question=question)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert mturk.list_hits()["HITs"] == []
    if "External" not in question:
        hit(boto3.client("mturk", endpoint_url=SANDBOX), Question=question)
