"""IAM's policy simulator: what policies would say, and which statements say it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from localaws import policies
from localaws.errors import AwsError
from localaws.policies import Decision, Policy, PolicyError, Principal, Question
from localaws.policies.positions import spans
from localaws.query import parse_query
from localaws.services.access import who
from localaws.services.access.s3_demands import ACTIONS, OBJECTS
from localaws.services.context import Context
from localaws.store import model
from localaws.wire import Request, Response

_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
_PAGE = 100
_ORDER = ("explicitDeny", "implicitDeny", "allowed")
_NAMES = {"identity": "IAM Policy", "resource": "Resource Policy"}
_OBJECT = "arn:${Partition}:s3:::${BucketName}/${KeyName}"
_BUCKET = "arn:${Partition}:s3:::${BucketName}"


def principal(context: Context, request: Request) -> Response:
    """Simulate with the policies of a user, group or role, and others given.

    Raises:
        AwsError: There is no such principal, or a policy is none.
    """
    name = "SimulatePrincipalPolicy"
    given = _given(request, name)
    asker = who.entity(given["PolicySourceArn"])
    identity = (*asker.identity, *_inputs(given))
    boundary = _boundary(given) or asker.boundary
    asker = replace(asker, identity=identity, boundary=boundary)
    if "CallerArn" in given:
        caller = who.entity(given["CallerArn"]).principal
        asker = replace(asker, principal=caller)
    return _answer(name, given, asker, asker.context)


def custom(context: Context, request: Request) -> Response:
    """Simulate with the policies that are given.

    Raises:
        AwsError: A policy is none.
    """
    name = "SimulateCustomPolicy"
    given = _given(request, name)
    if "ResourcePolicy" in given and "CallerArn" not in given:
        raise AwsError(
            "InvalidInput", "CallerArn must be provided with a ResourcePolicy."
        )
    arn = given.get("CallerArn", "")
    caller = Principal(arn, arn.split(":")[4] if arn else who.ACCOUNT)
    if ":role/" in arn:
        caller = replace(caller, kind="role")
    asker = who.Asker(caller, tuple(_inputs(given)), _boundary(given))
    return _answer(name, given, asker, asker.context if arn else {})


def keys_of_principal(context: Context, request: Request) -> Response:
    """Return the condition keys that the policies of a principal read.

    Raises:
        AwsError: There is no such principal, or a policy is none.
    """
    name = "GetContextKeysForPrincipalPolicy"
    given = _given(request, name)
    return _keys(
        name, [*who.entity(given["PolicySourceArn"]).identity, *_inputs(given)]
    )


def keys_of_custom(context: Context, request: Request) -> Response:
    """Return the condition keys that policies read.

    Raises:
        AwsError: A policy is none.
    """
    name = "GetContextKeysForCustomPolicy"
    return _keys(name, _inputs(_given(request, name)))


def _keys(name: str, known: Iterable[Policy]) -> Response:
    root = Element(f"{name}Response", {"xmlns": _NAMESPACE})
    listed = SubElement(SubElement(root, f"{name}Result"), "ContextKeyNames")
    for key in sorted({key for policy in known for key in policy.missing({})}):
        SubElement(listed, "member").text = key
    return Response(200, {"Content-Type": "text/xml"}, ElementTree.tostring(root))


def _given(request: Request, name: str) -> dict[str, Any]:
    shape = model("iam").operation_model(name).input_shape
    return parse_query(shape, request.body)


def _read(text: str, name: str, source: str, kind: str = "identity") -> Policy:
    try:
        return policies.parse(text, kind, name, source)
    except PolicyError as error:
        raise AwsError("InvalidInput", f"{name}: {error.message}") from error


def _inputs(given: Mapping[str, Any]) -> list[Policy]:
    return [
        _read(text, f"PolicyInputList.{number}", "none")
        for number, text in enumerate(given.get("PolicyInputList", []), 1)
    ]


def _boundary(given: Mapping[str, Any]) -> Policy | None:
    for text in given.get("PermissionsBoundaryPolicyInputList", []):
        return _read(text, "PermissionsBoundaryPolicyInputList.1", "none")
    return None


def _answer(
    name: str,
    given: Mapping[str, Any],
    asker: who.Asker,
    keys: Mapping[str, tuple[str, ...]],
) -> Response:
    context = dict(keys)
    for entry in given.get("ContextEntries", []):
        context[entry["ContextKeyName"].lower()] = tuple(entry["ContextKeyValues"])
    text = given.get("ResourcePolicy")
    resource = _read(text, "ResourcePolicy", "resource", "resource") if text else None
    owner = given.get("ResourceOwner", "").removeprefix("arn:aws:iam::")
    questions = [
        [
            Question(action, arn, context, _owner(arn, owner.partition(":")[0]))
            for arn in given.get("ResourceArns") or ["*"]
        ]
        for action in given["ActionNames"]
    ]
    begin, size = int(given.get("Marker", 0)), given.get("MaxItems", _PAGE)
    page = questions[begin : begin + size]
    root = Element(f"{name}Response", {"xmlns": _NAMESPACE})
    result = SubElement(root, f"{name}Result")
    more = begin + size < len(questions)
    SubElement(result, "IsTruncated").text = str(more).lower()
    if more:
        SubElement(result, "Marker").text = str(begin + size)
    listed = SubElement(result, "EvaluationResults")
    for asked in page:
        _evaluate(SubElement(listed, "member"), asked, asker, resource)
    return Response(200, {"Content-Type": "text/xml"}, ElementTree.tostring(root))


def _owner(arn: str, given: str) -> str:
    """Return whose a resource is: its ARN says it, or the request."""
    parts = arn.split(":")
    return (parts[4] if len(parts) > 4 else "") or given


def _evaluate(
    element: Element,
    asked: Sequence[Question],
    asker: who.Asker,
    resource: Policy | None,
) -> None:
    """Tell of one action: all its resources together, then each by itself."""
    decisions = [
        policies.decide(one, asker.principal, asker.identity, resource, asker.boundary)
        for one in asked
    ]
    kind = min((one.kind for one in decisions), key=_ORDER.index)
    SubElement(element, "EvalActionName").text = asked[0].action
    SubElement(element, "EvalResourceName").text = _template(asked[0].action)
    SubElement(element, "EvalDecision").text = kind
    deciding = [one for one in decisions if one.kind == kind]
    _tell(element, deciding, asker, resource, _missing(decisions))
    if asked[0].resource == "*":
        return
    _details(element, asked, decisions, asker)
    listed = SubElement(element, "ResourceSpecificResults")
    for question, decision in zip(asked, decisions, strict=True):
        member = SubElement(listed, "member")
        SubElement(member, "EvalResourceName").text = question.resource
        SubElement(member, "EvalResourceDecision").text = decision.kind
        _tell(member, [decision], asker, resource, decision.missing)
        _details(member, [question], [decision], asker)


def _template(action: str) -> str:
    service, _, name = action.partition(":")
    if service != "s3" or name not in ACTIONS:
        return "*"
    return _OBJECT if name in OBJECTS else _BUCKET


def _missing(decisions: Iterable[Decision]) -> list[str]:
    return sorted({key for one in decisions for key in one.missing})


def _tell(
    element: Element,
    decisions: Sequence[Decision],
    asker: who.Asker,
    resource: Policy | None,
    missing: Iterable[str],
) -> None:
    """Add the statements that decide, and the keys that are not given."""
    known = [*asker.identity, *([resource] if resource else [])]
    places = {policy.name: policy for policy in known}
    matched = SubElement(element, "MatchedStatements")
    found = dict.fromkeys(match for one in decisions for match in one.matches)
    denied = decisions[0].kind == "explicitDeny"
    for match in found:
        if (match.effect == "Deny") != denied or match.policy not in places:
            continue
        policy = places[match.policy]
        begin, end = spans(policy.text)[match.statement]
        member = SubElement(matched, "member")
        SubElement(member, "SourcePolicyId").text = policy.name
        SubElement(member, "SourcePolicyType").text = policy.source
        for name, place in (("StartPosition", begin), ("EndPosition", end)):
            at = SubElement(member, name)
            SubElement(at, "Line").text = str(place.line)
            SubElement(at, "Column").text = str(place.column)
    listed = SubElement(element, "MissingContextValues")
    for key in missing:
        SubElement(listed, "member").text = key
    if asker.boundary:
        detail = SubElement(element, "PermissionsBoundaryDecisionDetail")
        allowed = all(one.parts.get("boundary") == "allowed" for one in decisions)
        told = str(allowed).lower()
        SubElement(detail, "AllowedByPermissionsBoundary").text = told


def _details(
    element: Element,
    asked: Sequence[Question],
    decisions: Sequence[Decision],
    asker: who.Asker,
) -> None:
    """Add what each kind of policy says, where two accounts are concerned."""
    details = SubElement(element, "EvalDecisionDetails")
    own = asker.principal.account
    if all(one.account in ("", own) for one in asked):
        return
    for by, name in _NAMES.items():
        said = [one.parts.get(by, "implicitDeny") for one in decisions]
        entry = SubElement(details, "entry")
        SubElement(entry, "key").text = name
        SubElement(entry, "value").text = min(said, key=_ORDER.index)


HANDLERS = {
    ("iam", "GetContextKeysForCustomPolicy"): keys_of_custom,
    ("iam", "GetContextKeysForPrincipalPolicy"): keys_of_principal,
    ("iam", "SimulatePrincipalPolicy"): principal,
    ("iam", "SimulateCustomPolicy"): custom,
}
