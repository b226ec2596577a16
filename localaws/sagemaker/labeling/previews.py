"""RenderUiTemplate: a worker's page, before anybody is asked."""

import json
from typing import Any

from localaws.errors import ValidationError
from localaws.labelling.forms import fields
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.labeling.templates import BadTemplate, presigner, render
from localaws.sagemaker.roles import assume, check_role

Members = dict[str, Any]


def render_ui_template(engine: Engine, request: Members) -> Members:
    """Answer with the page, or with what is wrong with the template."""
    if "UiTemplate" not in request:
        raise ValidationError("You must specify UiTemplate.")
    check_role(engine.aws, request["RoleArn"])
    try:
        given = json.loads(request["Task"]["Input"])
    except ValueError as error:
        raise ValidationError(f"Task.Input is not valid JSON: {error}.") from error
    presign = presigner(engine.aws, assume(engine.aws, request["RoleArn"]))
    try:
        page = render(request["UiTemplate"]["Content"], given, presign)
    except BadTemplate as error:
        return _answer("", "InvalidTemplate", error.message)
    if not fields(page):
        text = "The template has no element that takes an answer."
        return _answer(page, "NoAnswerElement", text)
    return {"RenderedContent": page, "Errors": []}


def _answer(page: str, code: str, message: str) -> Members:
    return {"RenderedContent": page, "Errors": [{"Code": code, "Message": message}]}


HANDLERS = {"RenderUiTemplate": render_ui_template}
