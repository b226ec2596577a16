"""A requester at Mechanical Turk: questions, HITs, time that goes by."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from localaws.labelling.pool import digest

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"
SANDBOX = "https://mturk-requester-sandbox.us-east-1.amazonaws.com"
LABELS = ("delay", "luggage", "praise")
TEXT = "Three hours on the tarmac & nobody told us why."
ANSWERS = {"a": f"{SCHEMAS}/2005-10-01/QuestionFormAnswers.xsd"}


def page(body: str) -> str:
    """Return an HTMLQuestion."""
    content = f"<!DOCTYPE html><html><body>{body}</body></html>"
    return (
        f'<HTMLQuestion xmlns="{SCHEMAS}/2011-11-11/HTMLQuestion.xsd"><HTMLContent>'
        f"<![CDATA[{content}]]></HTMLContent><FrameHeight>0</FrameHeight></HTMLQuestion>"
    )


def classifier(text: str = TEXT, form: str = "crowd-form") -> str:
    """Return an HTMLQuestion that asks what a text is about."""
    shown = text.replace("&", "&amp;")
    labels = str(list(LABELS)).replace("'", "&quot;")
    return page(
        f'<{form}><crowd-classifier name="topic" categories="{labels}" header="About?">'
        f"<classification-target>{shown}</classification-target>"
        "<short-instructions>Choose one.</short-instructions></crowd-classifier></"
        f"{form.split()[0]}>"
    )


def tell(endpoint: Connection, truth: dict[Any, Any], **crowd: Any) -> None:
    """Tell the crowd what is true of texts or bytes."""
    told = {digest(one): answer for one, answer in truth.items()}
    body = {"truth": told, "crowd": crowd} if crowd else {"truth": told}
    endpoint.control("POST", "labelling/truth", body)


def advance(endpoint: Connection, **time: float) -> None:
    """Move the clock on."""
    units = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
    seconds = sum(units[name] * value for name, value in time.items())
    endpoint.control("POST", "clock", {"seconds": seconds})


def hit(mturk: Any, **members: Any) -> str:
    """Make a HIT and return its id."""
    given = {
        "MaxAssignments": 3,
        "LifetimeInSeconds": 3600,
        "AssignmentDurationInSeconds": 300,
        "AutoApprovalDelayInSeconds": 86400,
        "Reward": "0.05",
        "Title": "What is this review about?",
        "Description": "One sentence, one choice.",
        "Question": classifier(),
    }
    return mturk.create_hit(**(given | members))["HIT"]["HITId"]


def state(mturk: Any, name: str) -> tuple[str, int, int, int]:
    """Return a HIT's status, and its assignments: available, pending, completed."""
    found = mturk.get_hit(HITId=name)["HIT"]
    kinds = ("Available", "Pending", "Completed")
    counts = [found[f"NumberOfAssignments{kind}"] for kind in kinds]
    return (found["HITStatus"], *counts)


def assignments(mturk: Any, name: str, *statuses: str) -> list[dict[str, Any]]:
    """Return a HIT's assignments."""
    more: dict[str, Any] = {"AssignmentStatuses": list(statuses)} if statuses else {}
    found = mturk.list_assignments_for_hit(HITId=name, MaxResults=100, **more)
    return found["Assignments"]


def answers(assignment: dict[str, Any]) -> dict[str, list[str]]:
    """Return what was submitted, by the identifier of the question."""
    found = ET.fromstring(assignment["Answer"]).iterfind("a:Answer", ANSWERS)
    return {one[0].text or "": [part.text or "" for part in one[1:]] for one in found}


def balance(mturk: Any) -> tuple[str, str | None]:
    """Return what is available, and what is on hold."""
    found = mturk.get_account_balance()
    return found["AvailableBalance"], found.get("OnHoldBalance")


def refused(call: Any, code: str | None, text: str, **given: Any) -> None:
    """Check that a call raises RequestError with a code of Mechanical Turk's."""
    with pytest.raises(ClientError) as error:
        call(**given)
    found = error.value.response
    wanted = "RequestError" if code else "ParameterValidationError"
    assert found["Error"]["Code"] == wanted, found
    assert text in found["Error"]["Message"]
    if code:
        assert found["TurkErrorCode"] == f"AWS.MechanicalTurk.{code}"
