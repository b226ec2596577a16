"""AWS STS: who may assume a role, by its trust policy and the caller's own."""

from urllib.parse import parse_qs

from moto.iam.models import Role, iam_backends

from localaws import policies
from localaws.errors import AwsError
from localaws.policies import PolicyError, Question
from localaws.services.access import who
from localaws.services.access.keys import conditions
from localaws.services.context import Context
from localaws.wire import Request, Response

_ACTION = "sts:AssumeRole"


def assume(context: Context, request: Request) -> Response:
    """Let a user or another role's session assume a role.

    Raises:
        AwsError: The trust policy or the caller's own does not let it, or the
            policy of the session is none.
    """
    given = {name: told[0] for name, told in parse_qs(request.body.decode()).items()}
    asker = who.asking(context, request)
    if asker is None:
        return context.moto(request)
    arn = given.get("RoleArn", "")
    role = _role(arn)
    keys = conditions(context, request, asker) | _keys(given, role)
    question = Question(_ACTION, arn, keys)
    if role is None or not _may(asker, question, role):
        raise AwsError(
            "AccessDenied",
            f"User: {asker.arn} is not authorized to perform: {_ACTION} on resource: "
            f"{arn}",
            403,
        )
    if "Policy" in given:
        try:
            policies.parse(given["Policy"])
        except PolicyError as error:
            raise AwsError("MalformedPolicyDocument", error.message) from error
    return context.moto(request)


def _role(arn: str) -> Role | None:
    roles = list(iam_backends[who.ACCOUNT]["aws"].roles.values())
    return next((one for one in roles if one.arn == arn), None)


def _keys(given: dict[str, str], role: Role | None) -> dict[str, tuple[str, ...]]:
    told = {
        "sts:externalid": given.get("ExternalId", ""),
        "sts:rolesessionname": given.get("RoleSessionName", ""),
    }
    for tag in role.tags if role else ():
        told[f"aws:resourcetag/{tag['Key'].lower()}"] = tag["Value"]
    return {key: (text,) for key, text in told.items() if text}


def _may(asker: who.Asker, question: Question, role: Role) -> bool:
    """Whether the trust policy names the caller, or its account and it may itself."""
    trust = policies.parse(role.assume_role_policy_document, "trust")
    verdict = policies.weigh(question, trust, asker.principal)
    decision = policies.decide(
        question, asker.principal, asker.identity, None, asker.boundary, asker.session
    )
    if decision.kind == "explicitDeny":
        return False
    if verdict.kind == "delegated":
        return decision.allowed
    return verdict.kind == "allowed"


HANDLERS = {("sts", "AssumeRole"): assume}
