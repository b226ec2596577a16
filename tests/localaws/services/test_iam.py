"""IAM's policy simulator through boto3, and policies that are refused."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.access import ACCOUNT, User, allow, deny, document

Aws = Callable[[str], Any]
SECURE = {"Bool": {"aws:SecureTransport": "true"}}
MINE = {"StringLike": {"s3:prefix": "${aws:username}/*"}}


def entry(key: str, *values: str) -> dict[str, Any]:
    """Return a context entry."""
    return {
        "ContextKeyName": key,
        "ContextKeyValues": list(values),
        "ContextKeyType": "stringList" if len(values) > 1 else "string",
    }


def decide(aws: Aws, arn: str, *actions: str, **more: Any) -> list[str]:
    """Return the decisions on some actions."""
    answer = aws("iam").simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=actions, **more
    )
    return [result["EvalDecision"] for result in answer["EvaluationResults"]]


def simulated(aws: Aws, *statements: Any, **more: Any) -> dict[str, Any]:
    """Return the one result of a simulation with a policy."""
    asked = {"ActionNames": ["s3:GetObject"], **more}
    answer = aws("iam").simulate_custom_policy(
        PolicyInputList=[document(*statements)], **asked
    )
    (found,) = answer["EvaluationResults"]
    return found


def test_inline_and_attached_policies_decide(aws: Aws) -> None:
    guest = User("guest")
    iam = aws("iam")
    assert decide(aws, guest.arn, "s3:GetObject") == ["implicitDeny"]
    managed = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn=managed)
    iam.add_user_to_group(GroupName="readers", UserName="guest")
    guest.may(deny("s3:GetObject", on="arn:aws:s3:::x/*"))
    assert decide(aws, guest.arn, "s3:ListBucket", "s3:PutObject") == [
        "allowed",
        "implicitDeny",
    ]
    resources = ["arn:aws:s3:::x/k", "arn:aws:s3:::y/k"]
    answer = iam.simulate_principal_policy(
        PolicySourceArn=guest.arn, ActionNames=["s3:GetObject"], ResourceArns=resources
    )
    (found,) = answer["EvaluationResults"]
    assert found["EvalResourceName"] == "arn:${Partition}:s3:::${BucketName}/${KeyName}"
    assert found["EvalDecision"] == "explicitDeny"
    each = found["ResourceSpecificResults"]
    assert [(one["EvalResourceName"], one["EvalResourceDecision"]) for one in each] == [
        (resources[0], "explicitDeny"),
        (resources[1], "allowed"),
    ]
    said = [one["MatchedStatements"][0]["SourcePolicyType"] for one in each]
    assert said == ["user", "aws-managed"]


def test_conditions_are_met_by_context_entries(aws: Aws) -> None:
    statement = allow("s3:GetObject", Condition=SECURE)
    found = simulated(aws, statement)
    assert found["EvalDecision"] == "implicitDeny"
    assert found["MissingContextValues"] == ["aws:SecureTransport"]
    for value, decision in (("true", "allowed"), ("false", "implicitDeny")):
        given = [entry("aws:securetransport", value)]
        found = simulated(aws, statement, ContextEntries=given)
        assert found["EvalDecision"] == decision
        assert found["MissingContextValues"] == []


def test_the_keys_that_policies_read_are_told(aws: Aws) -> None:
    iam, secure = aws("iam"), document(allow("s3:*", Condition=SECURE))
    found = iam.get_context_keys_for_custom_policy(PolicyInputList=[secure])
    assert found["ContextKeyNames"] == ["aws:SecureTransport"]
    guest = User("guest", allow("s3:ListBucket", Condition=MINE))
    found = iam.get_context_keys_for_principal_policy(
        PolicySourceArn=guest.arn, PolicyInputList=[secure]
    )
    wanted = ["aws:SecureTransport", "aws:username", "s3:prefix"]
    assert found["ContextKeyNames"] == wanted


def test_the_principal_fills_its_own_variables(aws: Aws) -> None:
    guest = User("guest", allow("s3:ListBucket", Condition=MINE))
    for prefix, decision in (("guest/a", "allowed"), ("ada/a", "implicitDeny")):
        given = [entry("s3:prefix", prefix)]
        assert decide(aws, guest.arn, "s3:ListBucket", ContextEntries=given) == [
            decision
        ]


def test_matched_statements_stand_where_they_are(aws: Aws) -> None:
    text = (
        '{"Version": "2012-10-17",\n "Statement": [\n'
        '  {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},\n'
        '  {"Effect": "Deny", "Action": "s3:Get*",\n   "Resource": "*"}\n ]}'
    )
    answer = aws("iam").simulate_custom_policy(
        PolicyInputList=[text], ActionNames=["s3:GetObject", "s3:PutObject"]
    )
    said = [one["MatchedStatements"] for one in answer["EvaluationResults"]]
    assert said[0] == [
        {
            "SourcePolicyId": "PolicyInputList.1",
            "SourcePolicyType": "none",
            "StartPosition": {"Line": 4, "Column": 3},
            "EndPosition": {"Line": 5, "Column": 20},
        }
    ]
    assert said[1][0]["StartPosition"] == {"Line": 3, "Column": 3}


def test_a_boundary_limits(aws: Aws) -> None:
    found = simulated(
        aws,
        allow("s3:*"),
        PermissionsBoundaryPolicyInputList=[document(allow("ec2:*"))],
    )
    assert found["EvalDecision"] == "implicitDeny"
    detail = found["PermissionsBoundaryDecisionDetail"]
    assert detail == {"AllowedByPermissionsBoundary": False}


def test_another_accounts_resource_needs_both_sides(aws: Aws) -> None:
    guest = User("guest", allow("s3:GetObject"))
    arn = "arn:aws:s3:::theirs/k"
    asked = {
        "PolicySourceArn": guest.arn,
        "ActionNames": ["s3:GetObject"],
        "ResourceArns": [arn],
        "ResourceOwner": "arn:aws:iam::111122223333:root",
    }
    (found,) = aws("iam").simulate_principal_policy(**asked)["EvaluationResults"]
    assert found["EvalDecision"] == "implicitDeny"
    assert found["EvalDecisionDetails"] == {
        "IAM Policy": "allowed",
        "Resource Policy": "implicitDeny",
    }
    theirs = allow("s3:GetObject", on=arn, Principal={"AWS": guest.arn})
    asked["ResourcePolicy"] = document(theirs)
    (found,) = aws("iam").simulate_principal_policy(**asked)["EvaluationResults"]
    assert found["EvalDecision"] == "allowed"
    assert set(found["EvalDecisionDetails"].values()) == {"allowed"}


def test_results_come_in_pages(aws: Aws) -> None:
    pages = aws("iam").get_paginator("simulate_custom_policy")
    found = pages.paginate(
        PolicyInputList=[document(allow("s3:*"))],
        ActionNames=["s3:GetObject", "s3:PutObject", "ec2:RunInstances"],
        PaginationConfig={"PageSize": 2},
    )
    said = [
        [one["EvalDecision"] for one in page["EvaluationResults"]] for page in found
    ]
    assert said == [["allowed", "allowed"], ["implicitDeny"]]


def test_a_principal_that_does_not_exist(aws: Aws) -> None:
    with pytest.raises(ClientError, match="NoSuchEntity"):
        decide(aws, f"arn:aws:iam::{ACCOUNT}:role/none", "s3:GetObject")


def test_a_resource_policy_needs_a_caller(aws: Aws) -> None:
    policy = document(allow("s3:*", Principal="*"))
    with pytest.raises(ClientError, match="CallerArn"):
        simulated(aws, allow("s3:*"), ResourcePolicy=policy)
    with pytest.raises(ClientError, match="Invalid Condition type : Is"):
        simulated(aws, allow("s3:*", Condition={"Is": {"aws:username": "x"}}))


def test_what_cannot_be_evaluated_is_not_put(aws: Aws) -> None:
    guest = User("guest")
    for statement, said in (
        (allow("s3:*", Condition={"Is": {"aws:username": "x"}}), "Condition type : Is"),
        (allow("s3:*", Principal="*"), "should not specify a principal"),
        ({"Effect": "Allow", "Action": "s3:*"}, "Missing required field Resource"),
        ({**allow("s3:*"), "Effect": "Maybe"}, "Invalid effect: Maybe"),
    ):
        with pytest.raises(ClientError, match=said) as error:
            guest.may(statement)
        assert error.value.response["Error"]["Code"] == "MalformedPolicyDocument"
    with pytest.raises(ClientError, match="PermissionsBoundary"):
        aws("iam").create_user(
            UserName="bound",
            PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
        )
