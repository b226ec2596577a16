"""One endpoint for a module: the engine takes seconds to start, and has no state."""

import json
from typing import Any

import boto3
import pytest

from localaws import client
from localaws.daemon import Connection
from tests.localaws.services.functions import trust

BUCKET = "complaints"


def role(name: str, *statements: dict[str, Any], service: str = "comprehend") -> str:
    """Make a role that a service may assume, and return its ARN."""
    iam = boto3.client("iam")
    document = trust(f"{service}.amazonaws.com")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_role_policy(
        RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy)
    )
    return made["Role"]["Arn"]


@pytest.fixture(scope="module")
def desk(_running: Connection) -> Connection:
    """An endpoint with a bucket and the role `reader`."""
    _running.control("POST", "reset")
    client.install(_running)
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    role("reader", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    return _running
