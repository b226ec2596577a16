"""AWS IAM: policies are checked when they are put."""

from urllib.parse import parse_qs

from localaws import policies
from localaws.errors import AwsError
from localaws.policies import PolicyError
from localaws.services.context import Context
from localaws.wire import Request, Response

_TRUST = "AssumeRolePolicyDocument"
_CHECKED = {
    "CreatePolicy": "PolicyDocument",
    "CreatePolicyVersion": "PolicyDocument",
    "CreateRole": _TRUST,
    "PutGroupPolicy": "PolicyDocument",
    "PutRolePolicy": "PolicyDocument",
    "PutUserPolicy": "PolicyDocument",
    "UpdateAssumeRolePolicy": "PolicyDocument",
}


def check(context: Context, request: Request) -> Response:
    """Refuse a document that cannot be evaluated.

    Raises:
        AwsError: It is malformed, or names an operator that there is none of.
    """
    given = parse_qs(request.body.decode())
    action = given["Action"][0]
    document = given.get(_CHECKED[action], [""])[0]
    trusts = action in ("CreateRole", "UpdateAssumeRolePolicy")
    try:
        policies.parse(document, "trust" if trusts else "identity")
    except PolicyError as error:
        raise AwsError("MalformedPolicyDocument", error.message) from error
    return context.moto(request)


HANDLERS = {("iam", name): check for name in _CHECKED}
