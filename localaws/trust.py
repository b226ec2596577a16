"""Roles: which service may assume one, and with what credentials."""

import json
from typing import Any

from localaws.loopback import Loopback, Session


def trusts(aws: Loopback, arn: str, principal: str) -> bool:
    """Whether a role exists and lets a service assume it.

    Args:
        aws: Where roles are.
        arn: The role.
        principal: The service, such as `lambda.amazonaws.com`.
    """
    iam = aws.client("iam")
    try:
        role = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]
    except iam.exceptions.NoSuchEntityException:
        return False
    return role["Arn"] == arn and _trusted(role, principal)


def _trusted(role: dict[str, Any], principal: str) -> bool:
    document = role["AssumeRolePolicyDocument"]
    if isinstance(document, str):
        document = json.loads(document)
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        services = statement.get("Principal", {})
        services = services.get("Service", []) if isinstance(services, dict) else []
        actions = statement["Action"]
        if (
            statement["Effect"] == "Allow"
            and principal in ([services] if isinstance(services, str) else services)
            and "sts:AssumeRole" in ([actions] if isinstance(actions, str) else actions)
        ):
            return True
    return False


def assume(aws: Loopback, arn: str, name: str) -> Session:
    """Return the credentials of a role's session.

    Args:
        aws: Where roles are.
        arn: The role.
        name: Name of the session.
    """
    answer = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName=name)
    given = answer["Credentials"]
    return Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    )
