"""Roles that a service assumes for a task."""

import json

from helpers.payments.naming import Clients, Given


def role(
    name: str, service: str, rights: list[Given], aws: Clients, managed: str = ""
) -> str:
    """Make a role, once.

    Args:
        name: Its name.
        service: Who may assume it, such as `lambda`.
        rights: The statements of its policy.
        aws: Makes clients.
        managed: The name of a policy of AWS that it has as well.

    Returns:
        The ARN of the role.
    """
    iam = aws("iam")
    try:
        return iam.get_role(RoleName=name)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        principal = {"Service": f"{service}.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy([trust]))
    iam.put_role_policy(
        RoleName=name, PolicyName="task", PolicyDocument=_policy(rights)
    )
    if managed:
        arn = f"arn:aws:iam::aws:policy/{managed}"
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    return made["Role"]["Arn"]


def _policy(statements: list[Given]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
