"""AWS KMS: names for keys."""

import pytest

from tests.localaws.kms.face import Aws, new_key, refused, statement, user

DESK = "alias/on-time/desk"


def test_a_name_stands_for_a_key_and_then_for_another(aws: Aws) -> None:
    kms, key, other = aws("kms"), new_key(aws), new_key(aws)
    kms.create_alias(AliasName=DESK, TargetKeyId=key)
    [alias] = kms.list_aliases(KeyId=key)["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == (DESK, key.rpartition("/")[2])
    assert kms.describe_key(KeyId=alias["AliasArn"])["KeyMetadata"]["Arn"] == key
    blob = kms.encrypt(KeyId=DESK, Plaintext=b"x")["CiphertextBlob"]
    kms.update_alias(AliasName=DESK, TargetKeyId=other)
    assert kms.encrypt(KeyId=DESK, Plaintext=b"y")["KeyId"] == other
    assert kms.decrypt(CiphertextBlob=blob)["KeyId"] == key
    kms.delete_alias(AliasName=DESK)
    with refused("NotFoundException", f"{DESK} is not found"):
        kms.encrypt(KeyId=DESK, Plaintext=b"x")


def test_a_name_stands_for_one_key(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws)
    kms.create_alias(AliasName=DESK, TargetKeyId=key)
    with refused("AlreadyExistsException", "already exists"):
        kms.create_alias(AliasName=DESK, TargetKeyId=key)
    pair = new_key(aws, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    with refused("ValidationException", "same key usage"):
        kms.update_alias(AliasName=DESK, TargetKeyId=pair)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("desk", "ValidationException"),
        ("alias/aws/desk", "NotAuthorizedException"),
        ("alias/on time", "ValidationException"),
    ],
)
def test_names_that_cannot_be(aws: Aws, name: str, code: str) -> None:
    with refused(code):
        aws("kms").create_alias(AliasName=name, TargetKeyId=new_key(aws))


def test_a_name_wants_a_right_to_it_and_to_the_key(aws: Aws) -> None:
    key = new_key(aws)
    arn = key.rpartition(":")[0] + f":{DESK}"
    only_name = user(aws, "ann", statement("kms:CreateAlias", arn))("kms")
    with refused("AccessDeniedException", "kms:CreateAlias"):
        only_name.create_alias(AliasName=DESK, TargetKeyId=key)
    both = user(aws, "bob", statement("kms:CreateAlias", [arn, key]))("kms")
    both.create_alias(AliasName=DESK, TargetKeyId=key)
