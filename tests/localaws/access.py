"""Users, sessions and policies for the tests of who may what."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
ACCOUNT = "123456789012"
ONCE = Config(retries={"total_max_attempts": 1})


def allow(*actions: str, on: Any = "*", **more: Any) -> dict[str, Any]:
    """Return a statement that allows something."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: Any = "*", **more: Any) -> dict[str, Any]:
    """Return a statement that denies something."""
    return {**allow(*actions, on=on, **more), "Effect": "Deny"}


def document(*statements: dict[str, Any]) -> str:
    """Return a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class User:
    """An IAM user with a key of its own.

    Args:
        name: The user's.
        statements: Of its policy.
    """

    def __init__(self, name: str, *statements: dict[str, Any], **more: Any) -> None:
        self.iam, self.name = boto3.client("iam"), name
        self.arn = self.iam.create_user(UserName=name, **more)["User"]["Arn"]
        if statements:
            self.may(*statements)
        made = self.iam.create_access_key(UserName=name)["AccessKey"]
        self.keys = {
            "aws_access_key_id": made["AccessKeyId"],
            "aws_secret_access_key": made["SecretAccessKey"],
        }

    def may(self, *statements: dict[str, Any]) -> None:
        """Give it another policy."""
        self.iam.put_user_policy(
            UserName=self.name, PolicyName="p", PolicyDocument=document(*statements)
        )

    def client(self, service: str, **more: Any) -> Any:
        """Return a client with the user's key."""
        return boto3.client(service, config=ONCE, **self.keys, **more)


def session(arn: str, by: Any = None, **more: Any) -> dict[str, str]:
    """Assume a role, and return the keys of its session."""
    sts = by or boto3.client("sts")
    given = {"RoleSessionName": "work", **more}
    found = sts.assume_role(RoleArn=arn, **given)["Credentials"]
    return {
        "aws_access_key_id": found["AccessKeyId"],
        "aws_secret_access_key": found["SecretAccessKey"],
        "aws_session_token": found["SessionToken"],
    }


def refused(
    call: Callable[[], Any], match: str = ".", code: str = "AccessDenied"
) -> str:
    """Return what is said by a call that is refused."""
    with pytest.raises(ClientError, match=match) as error:
        call()
    assert error.value.response["Error"]["Code"] in (code, "403")
    return error.value.response["Error"]["Message"]
