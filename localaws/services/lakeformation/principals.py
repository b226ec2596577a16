"""Whom permissions are granted to: users, roles, and two groups of them."""

from typing import Any

from localaws.errors import NotImplementedHere
from localaws.services.context import Context
from localaws.services.lakeformation.errors import invalid
from localaws.services.lakeformation.operations import ACCOUNT

IAM_ALLOWED = "IAM_ALLOWED_PRINCIPALS"
EVERYBODY = f"{ACCOUNT}:IAMPrincipals"
Members = dict[str, Any]


def check(context: Context, principal: Members) -> str:
    """Return the name of a principal that exists.

    Args:
        context: The endpoint.
        principal: As the input has it.

    Raises:
        AwsError: There is no such user or role.
        NotImplementedHere: It is of another kind.
    """
    name: str = principal.get("DataLakePrincipalIdentifier", "")
    if name in (IAM_ALLOWED, EVERYBODY):
        return name
    parts = name.split(":", 5)
    if len(parts) == 6 and parts[2] == "iam" and parts[4] != ACCOUNT:
        raise NotImplementedHere(
            f"lakeformation: principal {name}", "is one of another account"
        )
    if len(parts) == 6 and parts[2] in ("organizations", "quicksight"):
        raise NotImplementedHere(
            f"lakeformation: principal {name}", "is an organization or a group"
        )
    kind = parts[5].partition("/")[0] if len(parts) == 6 else ""
    if kind not in ("user", "role") or not _exists(context, kind, name):
        raise invalid(f"Invalid principal, {name}")
    return name


def _exists(context: Context, kind: str, arn: str) -> bool:
    iam = context.aws.client("iam")
    short = arn.rpartition("/")[2]
    try:
        if kind == "user":
            return iam.get_user(UserName=short)["User"]["Arn"] == arn
        return iam.get_role(RoleName=short)["Role"]["Arn"] == arn
    except iam.exceptions.NoSuchEntityException:
        return False
