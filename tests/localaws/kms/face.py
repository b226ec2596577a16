"""What the tests of KMS share: principals, policies, refusals."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection

Aws = Callable[[str], Any]
ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
DAY = 86400
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
    ],
}


def statement(action: str | list[str], resource: Any = "*", **more: Any) -> Any:
    """Return a statement that allows something."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements: Any) -> str:
    """Return a policy of statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def delegating(*more: Any) -> str:
    """Return a key policy that lets IAM decide, and what else it says."""
    return policy(statement("kms:*", Principal={"AWS": ROOT}), *more)


def user(aws: Aws, name: str, *statements: Any) -> Callable[[str], Any]:
    """Make a user, and return what makes its clients."""
    iam = aws("iam")
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(
            UserName=name, PolicyName="may", PolicyDocument=policy(*statements)
        )
    key = iam.create_access_key(UserName=name)["AccessKey"]

    def client(service: str) -> Any:
        return boto3.client(
            service,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )

    return client


def user_arn(name: str) -> str:
    """Return the ARN of a user."""
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def role_client(aws: Aws, name: str, service: str, *statements: Any) -> Any:
    """Make a role with a policy, and return a client of its session."""
    iam = aws("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    if statements:
        iam.put_role_policy(
            RoleName=name, PolicyName="may", PolicyDocument=policy(*statements)
        )
    found = aws("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="desk"
    )["Credentials"]
    return boto3.client(
        service,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )


@contextmanager
def refused(code: str, text: str = "") -> Iterator[None]:
    """Expect an error of AWS."""
    with pytest.raises(ClientError) as caught:
        yield
    found = caught.value.response["Error"]
    assert found["Code"] == code, found
    assert text in found["Message"], found


def later(endpoint: Connection, days: float) -> None:
    """Let days pass on the endpoint's clock."""
    endpoint.control("POST", "clock", {"seconds": days * DAY})


def new_key(aws: Aws, **more: Any) -> str:
    """Make a key, and return its ARN."""
    return aws("kms").create_key(**more)["KeyMetadata"]["Arn"]
