"""What AWS says to one who may not."""

from localaws.errors import AwsError
from localaws.policies import Decision, Question
from localaws.services.access.who import Asker

_KINDS = {
    "identity": "identity-based policy",
    "resource": "resource-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
}
# What services that do not answer in JSON call it.
_CODES = {
    "s3": "AccessDenied",
    "sqs": "AccessDenied",
    "iam": "AccessDenied",
    "sts": "AccessDenied",
    "monitoring": "AccessDenied",
    "sns": "AuthorizationError",
    "ec2": "UnauthorizedOperation",
}


def reason(decision: Decision, action: str) -> str:
    """Return why a decision is a refusal, as the end of AWS's sentence."""
    kind = _KINDS[decision.by]
    if decision.kind == "explicitDeny":
        article = "an" if kind.startswith("i") else "a"
        return f"with an explicit deny in {article} {kind}"
    return f"because no {kind} allows the {action} action"


def denied(
    service: str, asker: Asker, question: Question, decision: Decision
) -> AwsError:
    """Return AWS's refusal.

    Args:
        service: Signing name of the service that answers.
        asker: Who asked.
        question: What was asked.
        decision: How it was decided.
    """
    resource = question.resource or "*"
    quoted = f'"{resource}"' if service == "s3" else resource
    return AwsError(
        _CODES.get(service, "AccessDeniedException"),
        f"User: {asker.arn} is not authorized to perform: {question.action} on "
        f"resource: {quoted} {reason(decision, question.action)}",
        403 if service in _CODES else 400,
    )
