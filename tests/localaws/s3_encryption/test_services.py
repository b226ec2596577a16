"""Services that read objects under keys of KMS: with the rights of their callers."""

import json
from collections.abc import Callable
from typing import Any

import boto3

from tests.localaws.kms.face import TRUST, Aws, new_key, policy, statement
from tests.localaws.services.functions import create, invoke, lambda_role
from tests.localaws.services.lake import asked, rows, two_flights

__all__ = ["create", "lambda_role"]
READS = """
import boto3

def handler(event, context):
    found = boto3.client("s3").get_object(Bucket="on-time-desk", Key=event)
    return found["Body"].read().decode()
"""


def default(aws: Aws, bucket: str, key: str) -> None:
    """Let what is put into a bucket lie under a key."""
    applied = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = [{"ApplyServerSideEncryptionByDefault": applied}]
    aws("s3").put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules}
    )


def may(aws: Aws, name: str, *statements: Any) -> None:
    """Give a role another policy."""
    document = policy(*statements)
    aws("iam").put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document)


def test_athena_reads_what_its_caller_may_open(aws: Aws, bucket: str) -> None:
    key = new_key(aws)
    default(aws, bucket, key)
    two_flights(aws)
    aws("iam").create_role(
        RoleName="analyst", AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    work = statement(["s3:*", "glue:*", "athena:*"])
    writes = statement("kms:GenerateDataKey")
    may(aws, "analyst", work, writes)
    arn = "arn:aws:iam::123456789012:role/analyst"
    given = aws("sts").assume_role(RoleArn=arn, RoleSessionName="desk")["Credentials"]
    session = boto3.Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    )
    status = asked(session.client, "SELECT * FROM flights")["Status"]
    assert status["State"] == "FAILED"
    assert "kms:Decrypt" in status["StateChangeReason"]
    may(aws, "analyst", work, writes, statement("kms:Decrypt", key))
    assert len(rows(session.client, "SELECT * FROM flights")) == 3


def test_a_function_reads_what_its_role_may_open(
    aws: Aws, bucket: str, create: Callable[..., dict[str, Any]]
) -> None:
    key = new_key(aws)
    aws("s3").put_object(
        Bucket=bucket,
        Key="a",
        Body=b"N14228",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
    )
    may(aws, "fn", statement(["s3:*", "logs:*"]))
    create(READS)
    failed = invoke("a")
    assert failed["FunctionError"] == "Unhandled"
    assert "kms:Decrypt" in failed["Payload"]["errorMessage"]
    may(aws, "fn", statement(["s3:*", "logs:*"]), statement("kms:Decrypt", key))
    assert invoke("a")["Payload"] == "N14228"
