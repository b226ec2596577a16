"""AWS KMS: keys, made and described, their tags, and what they cost."""

import pytest

from localaws.daemon import Connection
from tests.localaws.kms.face import (
    Aws,
    later,
    new_key,
    refused,
    statement,
    user,
)


def test_a_key_says_what_it_is(aws: Aws) -> None:
    made = aws("kms").create_key(Description="the desk's")["KeyMetadata"]
    found = aws("kms").describe_key(KeyId=made["KeyId"])["KeyMetadata"]
    assert found == made
    assert found["Arn"].endswith(f":key/{found['KeyId']}")
    assert (found["KeyState"], found["Enabled"]) == ("Enabled", True)
    assert (found["KeyManager"], found["Origin"]) == ("CUSTOMER", "AWS_KMS")
    assert found["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
    aws("kms").update_key_description(KeyId=made["Arn"], Description="new")
    assert aws("kms").describe_key(KeyId=made["Arn"])["KeyMetadata"]["Description"] == (
        "new"
    )


@pytest.mark.parametrize(
    ("spec", "usage", "member"),
    [
        ("RSA_2048", "SIGN_VERIFY", "SigningAlgorithms"),
        ("RSA_2048", "ENCRYPT_DECRYPT", "EncryptionAlgorithms"),
        ("ECC_NIST_P256", "SIGN_VERIFY", "SigningAlgorithms"),
        ("HMAC_256", "GENERATE_VERIFY_MAC", "MacAlgorithms"),
    ],
)
def test_a_key_has_the_algorithms_of_its_kind(
    aws: Aws, spec: str, usage: str, member: str
) -> None:
    found = aws("kms").create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
    assert found["KeySpec"] == found["CustomerMasterKeySpec"] == spec
    assert found[member]


def test_a_usage_must_fit_the_kind_of_key(aws: Aws) -> None:
    with refused("ValidationException", "not compatible"):
        aws("kms").create_key(KeyUsage="SIGN_VERIFY")


@pytest.mark.parametrize(
    "more",
    [
        {"Origin": "EXTERNAL"},
        {"MultiRegion": True},
        {"KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"},
    ],
)
def test_what_does_not_act_is_refused(aws: Aws, more: dict[str, object]) -> None:
    with refused("NotImplementedInLocalEndpoint", "kms:CreateKey"):
        aws("kms").create_key(**more)


def test_keys_that_are_not_there(aws: Aws) -> None:
    kms = aws("kms")
    missing = "00000000-0000-4000-8000-000000000000"
    with refused("NotFoundException", f"key/{missing}' does not exist"):
        kms.describe_key(KeyId=missing)
    with refused("NotFoundException", "Invalid keyId 'desk'"):
        kms.describe_key(KeyId="desk")
    with refused("NotFoundException", "alias/desk is not found"):
        kms.describe_key(KeyId="alias/desk")


def test_lists_come_in_pages(aws: Aws) -> None:
    made = {new_key(aws) for _ in range(3)}
    first = aws("kms").list_keys(Limit=2)
    assert first["Truncated"]
    rest = aws("kms").list_keys(Limit=2, Marker=first["NextMarker"])
    assert not rest["Truncated"]
    assert {one["KeyArn"] for one in first["Keys"] + rest["Keys"]} == made
    with refused("InvalidMarkerException"):
        aws("kms").list_keys(Marker="desk")


def test_tags_decide_in_policies(aws: Aws) -> None:
    key = new_key(aws, Tags=[{"TagKey": "Team", "TagValue": "desk"}])
    other = new_key(aws)
    may = statement(
        "kms:Encrypt", Condition={"StringEquals": {"aws:ResourceTag/Team": "desk"}}
    )
    kms = user(aws, "ann", may)("kms")
    assert kms.encrypt(KeyId=key, Plaintext=b"x")["KeyId"] == key
    with refused("AccessDeniedException"):
        kms.encrypt(KeyId=other, Plaintext=b"x")
    aws("kms").untag_resource(KeyId=key, TagKeys=["Team"])
    assert aws("kms").list_resource_tags(KeyId=key)["Tags"] == []
    with refused("AccessDeniedException"):
        kms.encrypt(KeyId=key, Plaintext=b"x")
    aws("kms").tag_resource(KeyId=key, Tags=[{"TagKey": "Team", "TagValue": "desk"}])
    assert kms.encrypt(KeyId=key, Plaintext=b"x")["KeyId"] == key


def test_only_who_may_makes_keys(aws: Aws) -> None:
    with refused("AccessDeniedException", "kms:CreateKey"):
        user(aws, "ann", statement("kms:Encrypt"))("kms").create_key()
    may = statement(
        "kms:CreateKey", Condition={"StringEquals": {"kms:KeySpec": "HMAC_256"}}
    )
    kms = user(aws, "bob", may)("kms")
    kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    with refused("AccessDeniedException", "kms:CreateKey"):
        kms.create_key()


def test_a_key_and_its_requests_cost(endpoint: Connection, aws: Aws) -> None:
    key = new_key(aws)
    for _ in range(20):
        aws("kms").encrypt(KeyId=key, Plaintext=b"x")
    later(endpoint, 730 / 24)
    lines = {one["usage"]: one for one in endpoint.control("GET", "bill")["lines"]}
    month = next(one for name, one in lines.items() if name.startswith("Customer"))
    assert month["cost"] == pytest.approx(1.0, rel=1e-3)
    requests = next(one for name, one in lines.items() if "Requests" in name)
    assert requests["quantity"] == pytest.approx(0.002)
    assert requests["cost"] == pytest.approx(20 * 0.03 / 10_000)
