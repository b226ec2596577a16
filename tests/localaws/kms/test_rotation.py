"""AWS KMS: new material for a key."""

import json
from pathlib import Path

import pytest

from localaws.daemon import Connection
from tests.localaws.kms.face import Aws, later, new_key, refused


def materials(endpoint: Connection, key: str) -> list[str]:
    store = json.loads((Path(endpoint.home) / "keystore").read_text())
    return store[key.rpartition("/")[2]]


def test_what_was_encrypted_before_a_rotation_opens(
    endpoint: Connection, aws: Aws
) -> None:
    kms, key = aws("kms"), new_key(aws)
    before = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    assert kms.rotate_key_on_demand(KeyId=key)["KeyId"] == key
    first, second = materials(endpoint, key)
    assert first != second
    after = kms.encrypt(KeyId=key, Plaintext=b"new")["CiphertextBlob"]
    opened = [kms.decrypt(CiphertextBlob=blob) for blob in (before, after)]
    assert [one["Plaintext"] for one in opened] == [b"old", b"new"]
    old, new = (one["KeyMaterialId"] for one in opened)
    about = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert about["CurrentKeyMaterialId"] == new != old
    [rotation] = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert rotation["KeyMaterialId"] == new
    assert rotation["RotationType"] == "ON_DEMAND"


def test_the_calendar_rotates(endpoint: Connection, aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 90)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    later(endpoint, 91)
    [rotation] = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert rotation["RotationType"] == "AUTOMATIC"
    assert rotation["RotationDate"] == status["NextRotationDate"]
    assert len(materials(endpoint, key)) == 2
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    kms.disable_key_rotation(KeyId=key)
    later(endpoint, 100)
    assert len(materials(endpoint, key)) == 2


def test_a_year_is_the_default(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws)
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365


def test_the_first_two_rotations_cost(endpoint: Connection, aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws)
    for _ in range(3):
        kms.rotate_key_on_demand(KeyId=key)
    later(endpoint, 730 / 24)
    lines = endpoint.control("GET", "bill")["lines"]
    [month] = [one for one in lines if one["usage"].startswith("Customer managed")]
    assert month["cost"] == pytest.approx(3.0, rel=1e-3)


def test_25_rotations_on_demand(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws)
    for _ in range(25):
        kms.rotate_key_on_demand(KeyId=key)
    with refused("LimitExceededException"):
        kms.rotate_key_on_demand(KeyId=key)


def test_key_pairs_are_not_rotated(aws: Aws) -> None:
    key = new_key(aws, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    with refused("UnsupportedOperationException"):
        aws("kms").enable_key_rotation(KeyId=key)
