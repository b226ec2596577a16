"""AWS KMS: key policies are the root of trust."""

import json
from typing import Any

import boto3

from tests.localaws.kms.face import (
    ROOT,
    Aws,
    delegating,
    new_key,
    policy,
    refused,
    role_client,
    statement,
    user,
    user_arn,
)

USE = ["kms:Encrypt", "kms:Decrypt"]
LEARNER = user_arn("learner")


def test_the_default_policy_lets_iam_decide(aws: Aws) -> None:
    key = new_key(aws)
    found = aws("kms").get_key_policy(KeyId=key)
    [only] = json.loads(found["Policy"])["Statement"]
    assert (only["Principal"], only["Action"]) == ({"AWS": ROOT}, "kms:*")
    assert aws("kms").list_key_policies(KeyId=key)["PolicyNames"] == ["default"]
    user(aws, "ann", statement(USE, key))("kms").encrypt(KeyId=key, Plaintext=b"x")
    with refused("AccessDeniedException", "no identity-based policy"):
        user(aws, "bob")("kms").encrypt(KeyId=key, Plaintext=b"x")


def test_iam_counts_only_if_the_key_policy_says_so(aws: Aws) -> None:
    alone = policy(statement("kms:*", Principal={"AWS": LEARNER}))
    key = new_key(aws, Policy=alone)
    aws("kms").encrypt(KeyId=key, Plaintext=b"x")
    kms = role_client(aws, "admin", "kms", statement("*"))
    with refused(
        "AccessDeniedException",
        "because no resource-based policy allows the kms:Encrypt action",
    ):
        kms.encrypt(KeyId=key, Plaintext=b"x")


def test_a_key_policy_alone_lets_a_user_in(aws: Aws) -> None:
    kms = user(aws, "ann")("kms")
    named = statement(USE, Principal={"AWS": user_arn("ann")})
    key = new_key(aws, Policy=delegating(named))
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    with refused("AccessDeniedException", "kms:DescribeKey"):
        kms.describe_key(KeyId=key)


def test_an_explicit_deny_binds_the_administrator(aws: Aws) -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:Decrypt",
        "Resource": "*",
    }
    key = new_key(aws, Policy=delegating(deny))
    blob = aws("kms").encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    with refused(
        "AccessDeniedException", "with an explicit deny in a resource-based policy"
    ):
        aws("kms").decrypt(CiphertextBlob=blob)
    aws("kms").put_key_policy(KeyId=key, Policy=delegating())
    assert aws("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_the_context_decides_in_policies(aws: Aws) -> None:
    condition = {"StringEquals": {"kms:EncryptionContext:Desk": "JFK"}}
    kms = user(aws, "ann", statement(USE, Condition=condition))("kms")
    key = new_key(aws)
    kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"Desk": "JFK"})
    for pairs in ({"Desk": "LGA"}, {}):
        with refused("AccessDeniedException"):
            kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=pairs)


CONDITIONS: list[tuple[dict[str, Any], bool]] = [
    ({"StringEquals": {"kms:CallerAccount": "123456789012"}}, True),
    ({"StringEquals": {"kms:CallerAccount": "999999999999"}}, False),
    ({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, False),
    ({"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}}, True),
    ({"StringEquals": {"kms:KeyUsage": "SIGN_VERIFY"}}, False),
    ({"StringLike": {"kms:RequestAlias": "alias/des*"}}, True),
    ({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/desk"}}, True),
    ({"Null": {"kms:EncryptionContextKeys": "false"}}, False),
]


def test_conditions_of_kms(aws: Aws) -> None:
    key = new_key(aws)
    aws("kms").create_alias(AliasName="alias/desk", TargetKeyId=key)
    iam, kms = aws("iam"), user(aws, "ann")("kms")
    for condition, passes in CONDITIONS:
        document = policy(statement(USE, Condition=condition))
        iam.put_user_policy(UserName="ann", PolicyName="may", PolicyDocument=document)
        if passes:
            assert kms.encrypt(KeyId="alias/desk", Plaintext=b"x")["KeyId"] == key
        else:
            with refused("AccessDeniedException"):
                kms.encrypt(KeyId="alias/desk", Plaintext=b"x")


def test_nobody_locks_themselves_out(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws)
    locked = policy(statement("kms:*", Principal={"AWS": user_arn("ann")}))
    user(aws, "ann")
    with refused("MalformedPolicyDocumentException", "in the future"):
        kms.put_key_policy(KeyId=key, Policy=locked)
    with refused("MalformedPolicyDocumentException", "in the future"):
        kms.create_key(Policy=locked)
    kms.put_key_policy(KeyId=key, Policy=locked, BypassPolicyLockoutSafetyCheck=True)
    with refused("AccessDeniedException", "kms:PutKeyPolicy"):
        kms.put_key_policy(KeyId=key, Policy=delegating())


def test_principals_must_exist(aws: Aws) -> None:
    named = statement(USE, Principal={"AWS": user_arn("nobody")})
    with refused("MalformedPolicyDocumentException", "invalid principals"):
        aws("kms").create_key(Policy=delegating(named))


def test_a_text_that_is_no_policy_is_refused(aws: Aws) -> None:
    with refused("MalformedPolicyDocumentException"):
        aws("kms").put_key_policy(KeyId=new_key(aws), Policy="{}")
    with refused("NotFoundException"):
        aws("kms").get_key_policy(KeyId=new_key(aws), PolicyName="other")


def test_a_key_policy_keeps_plain_http_out(aws: Aws) -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:Encrypt",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    key = new_key(aws, Policy=delegating(deny))
    aws("kms").encrypt(KeyId=key, Plaintext=b"x")
    plain = boto3.client("kms", endpoint_url="http://kms.us-east-1.amazonaws.com")
    with refused("AccessDeniedException", "explicit deny"):
        plain.encrypt(KeyId=key, Plaintext=b"x")
