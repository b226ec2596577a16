"""Calls to other services: the action by its operation, the resource as far as told.

Where no resource can be told, an Allow of the action on any resource suffices, and a
Deny has to mean all of them.
"""

import re
from typing import Any

from localaws import policies, rest
from localaws.errors import AwsError
from localaws.fidelity import services
from localaws.policies import ANY, Question
from localaws.query import parse_query
from localaws.services.access import who
from localaws.services.access.keys import conditions
from localaws.services.access.refusals import denied
from localaws.services.context import Context
from localaws.store import model
from localaws.wire import FORM, Request, parse_json

# These hold their own calls: keys have policies, trust has, data lakes have grants.
_OWN = ("kms", "lakeformation")
_FREE = (("sts", "GetCallerIdentity"), ("sts", "AssumeRole"))
_PREFIXES = {
    "dynamodbstreams": "dynamodb",
    "kinesisanalyticsv2": "kinesisanalytics",
    "monitoring": "cloudwatch",
    "mturk": "mechanicalturk",
}
_NAMES = {("lambda", "Invoke"): "InvokeFunction"}
_VERB = re.compile(
    "^(Create|Describe|Delete|Update|Stop|Start|Invoke|BatchPut|Put|Get|Add|List)"
)
_WORDS = re.compile("(?<=[a-z])(?=[A-Z])")


def hold(context: Context, request: Request, operation: str) -> None:
    """Refuse a call that its caller may not make.

    Raises:
        AwsError: The caller may not.
    """
    service = request.service
    if service in _OWN or (service, operation) in _FREE:
        return
    assert request.scope is not None
    key = request.scope[0]
    asker = None if who.free(key) else who.of_key(key)
    if asker is None:
        return
    name = _NAMES.get((service, operation), operation)
    question = Question(
        f"{_PREFIXES.get(service, service)}:{name}",
        _resource(request, operation) or ANY,
        conditions(context, request, asker),
    )
    decision = policies.decide(
        question, asker.principal, asker.identity, None, asker.boundary, asker.session
    )
    if not decision.allowed:
        raise denied(service, asker, question, decision)


def _resource(request: Request, operation: str) -> str:
    """Return the ARN that a request means, or nothing."""
    assert request.scope is not None
    if request.service not in ("lambda", "sagemaker"):
        return ""
    given = _given(request, operation)
    base = f"arn:aws:{request.service}:{request.scope[1]}:{who.ACCOUNT}"
    if request.service == "lambda":
        named = str(given.get("FunctionName") or "")
        if named:
            return named if named[:4] == "arn:" else f"{base}:function:{named}"
        return "*" if operation.startswith("List") else ""
    noun = _VERB.sub("", operation)
    named = given.get(f"{noun}Name")
    kind = _WORDS.sub("-", noun).lower()
    if named:
        return f"{base}:{kind}/{str(named).lower()}"
    return "*" if operation.startswith("List") else ""


def _given(request: Request, operation: str) -> dict[str, Any]:
    """Return the members of the input, as far as they can be read."""
    known = services().get(request.service, {}).get("model", request.service)
    try:
        if request.headers.get("content-type", "").startswith(FORM):
            shape = model(known).operation_model(operation).input_shape
            return parse_query(shape, request.body)
        if request.headers.get("x-amz-target"):
            return parse_json(request.body)
        found = rest.find(known, request)
    except AwsError:
        return {}
    return found[1] if found else {}
