"""AWS KMS: grants."""

import pytest

from tests.localaws.kms.face import (
    Aws,
    delegating,
    new_key,
    refused,
    role_client,
    statement,
    user,
    user_arn,
)

ANN = user_arn("ann")


def test_a_grant_lets_in_whom_no_policy_does(aws: Aws) -> None:
    key, kms = new_key(aws), user(aws, "ann")("kms")
    made = aws("kms").create_grant(
        KeyId=key, GranteePrincipal=ANN, Operations=["Encrypt"], Name="desk"
    )
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    with refused("AccessDeniedException"):
        kms.decrypt(CiphertextBlob=blob)
    [grant] = aws("kms").list_grants(KeyId=key)["Grants"]
    assert (grant["GrantId"], grant["Name"]) == (made["GrantId"], "desk")
    aws("kms").revoke_grant(KeyId=key, GrantId=made["GrantId"])
    with refused("AccessDeniedException"):
        kms.encrypt(KeyId=key, Plaintext=b"x")
    with refused("NotFoundException"):
        aws("kms").revoke_grant(KeyId=key, GrantId=made["GrantId"])


def test_a_grant_for_a_role(aws: Aws) -> None:
    key, kms = new_key(aws), role_client(aws, "desk", "kms")
    arn = ANN.replace("user/ann", "role/desk")
    aws("kms").create_grant(
        KeyId=key, GranteePrincipal=arn, Operations=["GenerateDataKey"]
    )
    assert kms.generate_data_key(KeyId=key, KeySpec="AES_256")["KeyId"] == key


@pytest.mark.parametrize(
    ("constraint", "right", "wrong"),
    [
        ("EncryptionContextSubset", {"a": "1", "b": "2"}, {"b": "2"}),
        ("EncryptionContextEquals", {"a": "1"}, {"a": "1", "b": "2"}),
    ],
)
def test_constraints(
    aws: Aws, constraint: str, right: dict[str, str], wrong: dict[str, str]
) -> None:
    key, kms = new_key(aws), user(aws, "ann")("kms")
    aws("kms").create_grant(
        KeyId=key,
        GranteePrincipal=ANN,
        Operations=["Encrypt"],
        Constraints={constraint: {"a": "1"}},
    )
    kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=right)
    with refused("AccessDeniedException"):
        kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=wrong)


def test_an_explicit_deny_wins_over_a_grant(aws: Aws) -> None:
    deny = {
        "Effect": "Deny",
        "Principal": {"AWS": ANN},
        "Action": "kms:Encrypt",
        "Resource": "*",
    }
    kms = user(aws, "ann")("kms")
    key = new_key(aws, Policy=delegating(deny))
    aws("kms").create_grant(KeyId=key, GranteePrincipal=ANN, Operations=["Encrypt"])
    with refused("AccessDeniedException", "explicit deny"):
        kms.encrypt(KeyId=key, Plaintext=b"x")


def test_grants_are_given_up_by_whom_they_name(aws: Aws) -> None:
    key, ann = new_key(aws), user(aws, "ann")("kms")
    bob = user(aws, "bob")("kms")
    made = aws("kms").create_grant(
        KeyId=key,
        GranteePrincipal=ANN,
        RetiringPrincipal=user_arn("bob"),
        Operations=["Encrypt"],
    )
    found = aws("kms").list_retirable_grants(RetiringPrincipal=user_arn("bob"))
    assert [one["GrantId"] for one in found["Grants"]] == [made["GrantId"]]
    with refused("AccessDeniedException", "kms:RetireGrant"):
        ann.retire_grant(GrantToken=made["GrantToken"])
    bob.retire_grant(GrantToken=made["GrantToken"])
    assert aws("kms").list_grants(KeyId=key)["Grants"] == []
    with refused("InvalidGrantTokenException"):
        bob.retire_grant(GrantToken=made["GrantToken"])


def test_a_grant_passes_on_no_more_than_it_gives(aws: Aws) -> None:
    key, ann = new_key(aws), user(aws, "ann")("kms")
    bob = user(aws, "bob")("kms")
    aws("kms").create_grant(
        KeyId=key, GranteePrincipal=ANN, Operations=["Encrypt", "CreateGrant"]
    )
    how = {"KeyId": key, "GranteePrincipal": user_arn("bob")}
    with refused("AccessDeniedException", "kms:CreateGrant"):
        ann.create_grant(Operations=["Decrypt"], **how)
    ann.create_grant(Operations=["Encrypt"], **how)
    assert bob.encrypt(KeyId=key, Plaintext=b"x")["KeyId"] == key


def test_a_policy_may_limit_what_is_granted(aws: Aws) -> None:
    condition = {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt"]}}
    may = statement("kms:CreateGrant", Condition=condition)
    key, ann = new_key(aws), user(aws, "ann", may)("kms")
    how = {"KeyId": key, "GranteePrincipal": ANN}
    ann.create_grant(Operations=["Encrypt"], **how)
    with refused("AccessDeniedException"):
        ann.create_grant(Operations=["Decrypt"], **how)


def test_operations_must_fit_the_key(aws: Aws) -> None:
    with refused("ValidationException", "Sign"):
        aws("kms").create_grant(
            KeyId=new_key(aws), GranteePrincipal=ANN, Operations=["Sign"]
        )


def test_a_grantee_must_exist(aws: Aws) -> None:
    with refused("InvalidArnException", ANN):
        aws("kms").create_grant(
            KeyId=new_key(aws), GranteePrincipal=ANN, Operations=["Encrypt"]
        )


def test_the_same_grant_twice_is_one(aws: Aws) -> None:
    user(aws, "ann")
    how = {
        "KeyId": new_key(aws),
        "GranteePrincipal": ANN,
        "Operations": ["Encrypt"],
        "Name": "desk",
    }
    first, second = (aws("kms").create_grant(**how) for _ in range(2))
    assert first["GrantId"] == second["GrantId"]
