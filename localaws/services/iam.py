"""AWS IAM: policies are checked, simulated, and decide what a service may do."""

from localaws import policies
from localaws.loopback import Loopback
from localaws.policies import Decision, Question
from localaws.services.access import documents, simulation, who
from localaws.services.access.keys import in_service
from localaws.services.access.s3_holding import bucket_policy

_BUCKET = "arn:aws:s3:::"


def decision(aws: Loopback, arn: str, action: str, resource: str) -> str:
    """Decide one action of a user or role, for which a service acts.

    Args:
        aws: Where it acts.
        arn: The user or role.
        action: Such as `s3:GetObject`.
        resource: Its ARN, or `*`.

    Returns:
        `allowed`, `explicitDeny` or `implicitDeny`.

    Raises:
        AwsError: The principal does not exist.
    """
    return decided(aws, who.entity(arn), action, resource).kind


def decided(aws: Loopback, asker: who.Asker, action: str, resource: str) -> Decision:
    """Decide one action of somebody for whom a service acts.

    Args:
        aws: Where it acts.
        asker: For whom.
        action: Such as `s3:GetObject`.
        resource: Its ARN, or `*`; a bucket's own policy is asked too.
    """
    keys = asker.context | in_service(aws.region)
    bucket = resource.removeprefix(_BUCKET).partition("/")[0]
    return policies.decide(
        Question(action, resource, keys),
        asker.principal,
        asker.identity,
        bucket_policy(bucket) if resource.startswith(_BUCKET) else None,
        asker.boundary,
        asker.session,
    )


HANDLERS = {**documents.HANDLERS, **simulation.HANDLERS}
