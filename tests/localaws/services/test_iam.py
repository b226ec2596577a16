"""iam:SimulatePrincipalPolicy through boto3."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]


def decide(aws: Aws, arn: str, *actions: str, **more: Any) -> list[str]:
    """Return the decisions on some actions."""
    answer = aws("iam").simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=actions, **more
    )
    return [result["EvalDecision"] for result in answer["EvaluationResults"]]


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_inline_and_attached_policies_decide(aws: Aws, role: str) -> None:
    iam = aws("iam")
    assert decide(aws, role, "s3:GetObject") == ["implicitDeny"]
    iam.attach_role_policy(
        RoleName="work", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    )
    iam.put_role_policy(
        RoleName="work",
        PolicyName="no",
        PolicyDocument=policy(
            {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}
        ),
    )
    assert decide(aws, role, "s3:ListBucket", "s3:PutObject") == [
        "allowed",
        "implicitDeny",
    ]
    assert decide(
        aws,
        role,
        "s3:GetObject",
        ResourceArns=["arn:aws:s3:::x/k", "arn:aws:s3:::y/k"],
    ) == ["explicitDeny", "allowed"]


def test_a_statement_with_a_condition_is_not_met(aws: Aws) -> None:
    iam = aws("iam")
    arn = iam.create_user(UserName="guest")["User"]["Arn"]
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    condition = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    iam.put_user_policy(
        UserName="guest", PolicyName="p", PolicyDocument=policy({**allow, **condition})
    )
    assert decide(aws, arn, "s3:GetObject") == ["implicitDeny"]


def test_a_principal_that_does_not_exist(aws: Aws) -> None:
    with pytest.raises(ClientError, match="NoSuchEntity"):
        decide(aws, "arn:aws:iam::123456789012:role/none", "s3:GetObject")


def test_context_is_refused(aws: Aws, role: str) -> None:
    with pytest.raises(ClientError, match="ContextEntries"):
        decide(
            aws,
            role,
            "s3:GetObject",
            ContextEntries=[
                {
                    "ContextKeyName": "aws:SecureTransport",
                    "ContextKeyValues": ["true"],
                    "ContextKeyType": "boolean",
                }
            ],
        )
