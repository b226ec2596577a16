"""AWS KMS: keys that are disabled, about to be deleted, deleted."""

import base64
import json
from pathlib import Path

import pytest

from localaws.daemon import Connection
from tests.localaws.kms.face import Aws, later, new_key, refused, statement, user


def test_a_disabled_key_opens_nothing_until_it_is_enabled(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    found = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (found["KeyState"], found["Enabled"]) == ("Disabled", False)
    with refused("DisabledException", f"{key} is disabled."):
        kms.decrypt(CiphertextBlob=blob)
    with refused("DisabledException"):
        kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_key_waits_to_be_deleted_and_can_be_kept(
    endpoint: Connection, aws: Aws
) -> None:
    kms, key = aws("kms"), new_key(aws)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    told = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert (told["KeyState"], told["PendingWindowInDays"]) == ("PendingDeletion", 7)
    found = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert found["DeletionDate"] == told["DeletionDate"]
    for change in (kms.enable_key, kms.disable_key, kms.schedule_key_deletion):
        with refused("KMSInvalidStateException", "is pending deletion."):
            change(KeyId=key)
    with refused("KMSInvalidStateException", f"{key} is pending deletion."):
        kms.decrypt(CiphertextBlob=blob)
    later(endpoint, 6.9)
    kms.cancel_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    later(endpoint, 1)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    with refused("KMSInvalidStateException", "is not pending deletion."):
        kms.cancel_key_deletion(KeyId=key)


def test_after_its_days_a_key_is_gone_for_ever(endpoint: Connection, aws: Aws) -> None:
    kms, key, other = aws("kms"), new_key(aws), new_key(aws)
    kms.create_alias(AliasName="alias/desk", TargetKeyId=key)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    store = Path(endpoint.home) / "keystore"
    material = json.loads(store.read_text())[key.rpartition("/")[2]][0]
    assert len(base64.b64decode(material)) == 32
    assert store.stat().st_mode & 0o077 == 0
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    later(endpoint, 7.01)
    with refused("NotFoundException", "does not exist"):
        kms.describe_key(KeyId=key)
    with refused("AccessDeniedException", "does not exist"):
        kms.decrypt(CiphertextBlob=blob)
    assert kms.list_aliases()["Aliases"] == []
    assert [one["KeyArn"] for one in kms.list_keys()["Keys"]] == [other]
    for path in Path(endpoint.home).rglob("*"):
        assert not path.is_file() or material.encode() not in path.read_bytes()


@pytest.mark.parametrize("days", [6, 31])
def test_seven_to_thirty_days(aws: Aws, days: int) -> None:
    with refused("ValidationException", "between 7 and 30"):
        aws("kms").schedule_key_deletion(KeyId=new_key(aws), PendingWindowInDays=days)


def test_thirty_days_are_the_default(aws: Aws) -> None:
    key = new_key(aws)
    told = aws("kms").schedule_key_deletion(KeyId=key)
    assert told["PendingWindowInDays"] == 30


def test_a_key_that_waits_costs_nothing_unless_it_is_kept(
    endpoint: Connection, aws: Aws
) -> None:
    key = new_key(aws)
    aws("kms").schedule_key_deletion(KeyId=key)
    later(endpoint, 20)
    assert cost(endpoint) < 0.001
    aws("kms").cancel_key_deletion(KeyId=key)
    assert cost(endpoint) == pytest.approx(20 * 24 / 730, rel=1e-3)


def cost(endpoint: Connection) -> float:
    lines = endpoint.control("GET", "bill")["lines"]
    [month] = [one for one in lines if one["usage"].startswith("Customer managed")]
    return month["cost"]


def test_only_who_may_changes_the_state(aws: Aws) -> None:
    key = new_key(aws)
    kms = user(aws, "ann", statement("kms:DisableKey", key))("kms")
    kms.disable_key(KeyId=key)
    with refused("AccessDeniedException", "kms:EnableKey"):
        kms.enable_key(KeyId=key)
    with refused("AccessDeniedException", "kms:ScheduleKeyDeletion"):
        kms.schedule_key_deletion(KeyId=key)
