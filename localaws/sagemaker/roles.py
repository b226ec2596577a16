"""Execution roles: who may be assumed by SageMaker, and with what credentials."""

import json
from typing import Any

from localaws.errors import ValidationError
from localaws.loopback import Loopback, Session

PRINCIPAL = "sagemaker.amazonaws.com"


def check_role(aws: Loopback, arn: str) -> None:
    """Raise `ValidationError` unless SageMaker may assume the role."""
    iam = aws.client("iam")
    try:
        role = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]
    except iam.exceptions.NoSuchEntityException:
        role = None
    if role is None or role["Arn"] != arn or not _trusted(role):
        raise ValidationError(
            f"Could not assume role {arn}. Please ensure that the role exists and "
            f"allows principal '{PRINCIPAL}' to assume the role."
        )


def _trusted(role: dict[str, Any]) -> bool:
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
            and PRINCIPAL in ([services] if isinstance(services, str) else services)
            and "sts:AssumeRole" in ([actions] if isinstance(actions, str) else actions)
        ):
            return True
    return False


def assume(aws: Loopback, arn: str) -> Session:
    """Return the credentials that SageMaker hands to a container."""
    answer = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="SageMaker")
    given = answer["Credentials"]
    return Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    )
