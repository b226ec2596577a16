"""iam:SimulatePrincipalPolicy, which moto lacks and the SageMaker SDK calls."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from localaws.compat import policy_decision
from localaws.errors import AwsError, NotImplementedHere
from localaws.loopback import Loopback
from localaws.services.context import Context
from localaws.wire import Request, Response

_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
_HONOURED = {"PolicySourceArn", "ActionNames", "ResourceArns"}


def simulate_principal_policy(context: Context, request: Request) -> Response:
    """Decide each action on each resource by the policies of a user or role.

    Raises:
        AwsError: The principal does not exist.
        NotImplementedHere: Another input is given, such as context for conditions.
    """
    given = parse_qs(request.body.decode())
    for name in given:
        member = name.partition(".")[0]
        if member not in _HONOURED | {"Action", "Version"}:
            raise NotImplementedHere(
                f"iam:SimulatePrincipalPolicy {member}", "takes it into account"
            )
    policies = list(_policies(context.aws, given["PolicySourceArn"][0]))
    results = "".join(
        "<member>"
        f"<EvalActionName>{escape(action)}</EvalActionName>"
        f"<EvalResourceName>{escape(resource)}</EvalResourceName>"
        f"<EvalDecision>{_decide(policies, action, resource)}</EvalDecision>"
        "<MatchedStatements/><MissingContextValues/></member>"
        for action in _items(given, "ActionNames")
        for resource in _items(given, "ResourceArns") or ["*"]
    )
    body = (
        f'<SimulatePrincipalPolicyResponse xmlns="{_NAMESPACE}">'
        "<SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>"
        f"<EvaluationResults>{results}</EvaluationResults>"
        "</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )
    return Response(200, {"Content-Type": "text/xml"}, body.encode())


def decision(aws: Loopback, arn: str, action: str, resource: str) -> str:
    """Decide one action of a user or role by its policies.

    Returns:
        `allowed`, `explicitDeny` or `implicitDeny`.

    Raises:
        AwsError: The principal does not exist.
    """
    return _decide(list(_policies(aws, arn)), action, resource)


def _items(given: dict[str, list[str]], member: str) -> list[str]:
    names = [name for name in given if name.startswith(f"{member}.member.")]
    names.sort(key=lambda name: int(name.rpartition(".")[2]))
    return [given[name][0] for name in names]


def _policies(aws: Loopback, arn: str) -> Iterator[str]:
    """Yield the policy documents of a principal, in-line and attached."""
    iam = aws.client("iam")
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind not in ("role", "user"):
        raise AwsError("InvalidInput", f"{arn} is neither a user nor a role.")
    who = {f"{kind.title()}Name": name.rpartition("/")[2]}
    exists = iam.exceptions.NoSuchEntityException
    try:
        inline = getattr(iam, f"list_{kind}_policies")(**who)["PolicyNames"]
    except exists as error:
        raise AwsError("NoSuchEntity", f"{arn} does not exist.", 404) from error
    for policy in inline:
        found = getattr(iam, f"get_{kind}_policy")(**who, PolicyName=policy)
        yield _unconditional(found["PolicyDocument"])
    attached = getattr(iam, f"list_attached_{kind}_policies")(**who)
    for policy in attached["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]
        found = iam.get_policy_version(
            PolicyArn=policy["PolicyArn"], VersionId=version["DefaultVersionId"]
        )
        yield _unconditional(found["PolicyVersion"]["Document"])


def _unconditional(policy: dict[str, Any]) -> str:
    """Leave out statements with a condition: no context is given that could meet it."""
    statements = policy["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    kept = [statement for statement in listed if "Condition" not in statement]
    return json.dumps({**policy, "Statement": kept})


def _decide(policies: list[str], action: str, resource: str) -> str:
    found = {policy_decision(policy, action, resource) for policy in policies}
    for decision in ("explicitDeny", "allowed"):
        if decision in found:
            return decision
    return "implicitDeny"


HANDLERS: dict[tuple[str, str], Any] = {
    ("iam", "SimulatePrincipalPolicy"): simulate_principal_policy
}
