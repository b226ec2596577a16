"""Roles: which service may assume one, and with what credentials."""

import json

from localaws import policies
from localaws.loopback import Loopback, Session
from localaws.policies import Principal, Question


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
    document = role["AssumeRolePolicyDocument"]
    if not isinstance(document, str):
        document = json.dumps(document)
    account, service = arn.split(":")[4], principal.partition(".")[0]
    # what asks is not yet named: it is any resource of the service in the account
    source = f"arn:aws:{service}:{aws.region}:{account}:*"
    question = Question(
        "sts:AssumeRole",
        arn,
        {"aws:sourceaccount": (account,), "aws:sourcearn": (source,)},
    )
    asks = Principal(principal, account, "service")
    verdict = policies.weigh(question, policies.parse(document, "trust"), asks)
    return role["Arn"] == arn and verdict.kind == "allowed"


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
