"""What a function may do: its calls are held against the policies of its role."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.localaws.services.functions import allowing, invoke
from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import lambda_role as lambda_role

Aws = Callable[[str], Any]
CODE = """
import boto3
from botocore.exceptions import ClientError
table = {"TableName": "hours"}
key = {"key": {"S": "a"}}
calls = {
    "put": lambda: boto3.client("dynamodb").put_item(Item=key, **table),
    "get": lambda: boto3.client("dynamodb").get_item(Key=key, **table),
    "both": lambda: boto3.client("dynamodb").transact_write_items(
        TransactItems=[{"Put": {"Item": key, **table}}]),
    "send": lambda: boto3.client("sqs").send_message(QueueUrl=queue, MessageBody="x"),
    "say": lambda: boto3.client("sns").publish(TopicArn=topic, Message="x"),
    "list": lambda: boto3.client("s3").list_objects_v2(Bucket="desk-files"),
    "who": lambda: boto3.client("sts").get_caller_identity(),
}
def handler(event, context):
    globals().update(event["where"])
    try:
        calls[event["call"]]()
        return "allowed"
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
"""


@pytest.fixture
def ask(aws: Aws, create: Callable[..., Any]) -> Callable[[str], Any]:
    """Return what has a function of a role without policies make a call."""
    iam = aws("iam")
    iam.delete_role_policy(RoleName="fn", PolicyName="all")
    column = {"AttributeName": "key"}
    aws("dynamodb").create_table(
        TableName="hours",
        AttributeDefinitions=[{**column, "AttributeType": "S"}],
        KeySchema=[{**column, "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws("s3").create_bucket(Bucket="desk-files")
    where = {
        "queue": aws("sqs").create_queue(QueueName="late")["QueueUrl"],
        "topic": aws("sns").create_topic(Name="late")["TopicArn"],
    }
    create(CODE)
    return lambda call: invoke({"call": call, "where": where})["Payload"]


def test_a_role_without_policies_may_do_nothing(ask: Callable[[str], Any]) -> None:
    base = "User: arn:aws:sts::123456789012:assumed-role/fn/desk is not authorized to"
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/hours"
    for call, code, action, resource in (
        ("put", "AccessDeniedException", "dynamodb:PutItem", arn),
        ("both", "AccessDeniedException", "dynamodb:PutItem", arn),
        ("get", "AccessDeniedException", "dynamodb:GetItem", arn),
        ("send", "AccessDenied", "sqs:SendMessage", ":late"),
        ("say", "AuthorizationError", "sns:Publish", ":late"),
        ("list", "AccessDenied", "s3:ListBucket", "arn:aws:s3:::desk-files"),
    ):
        found = ask(call)
        assert found[0] == code, call
        assert f"{base} perform: {action} on resource: " in found[1]
        assert resource in found[1]
    assert ask("who") == "allowed"


def test_a_policy_acts_from_the_next_call_on(
    aws: Aws, ask: Callable[[str], Any]
) -> None:
    assert ask("put")[0] == "AccessDeniedException"
    policy = {"RoleName": "fn", "PolicyName": "write"}
    allowed = allowing("dynamodb:PutItem")
    aws("iam").put_role_policy(PolicyDocument=allowed, **policy)
    assert ask("put") == "allowed"
    assert ask("get")[0] == "AccessDeniedException"
    assert ask("both") == "allowed"
    aws("iam").delete_role_policy(**policy)
    assert ask("put")[0] == "AccessDeniedException"
