"""Execution roles: who may be assumed by SageMaker, and with what credentials."""

from localaws import trust
from localaws.errors import ValidationError
from localaws.loopback import Loopback, Session

PRINCIPAL = "sagemaker.amazonaws.com"


def check_role(aws: Loopback, arn: str) -> None:
    """Raise `ValidationError` unless SageMaker may assume the role."""
    if not trust.trusts(aws, arn, PRINCIPAL):
        raise ValidationError(
            f"Could not assume role {arn}. Please ensure that the role exists and "
            f"allows principal '{PRINCIPAL}' to assume the role."
        )


def assume(aws: Loopback, arn: str) -> Session:
    """Return the credentials that SageMaker hands to a container."""
    return trust.assume(aws, arn, "SageMaker")
