"""AWS KMS: data keys for envelope encryption."""

import os

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
)

from tests.localaws.kms.face import Aws, new_key, refused, statement, user


def test_an_envelope(aws: Aws) -> None:
    kms, key, nonce = aws("kms"), new_key(aws), os.urandom(12)
    pairs = {"table": "passengers"}
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=pairs)
    letter = AESGCM(made["Plaintext"]).encrypt(nonce, b"N14228", None)
    opened = kms.decrypt(
        CiphertextBlob=made["CiphertextBlob"], EncryptionContext=pairs
    )["Plaintext"]
    assert AESGCM(opened).decrypt(nonce, letter, None) == b"N14228"
    other = kms.generate_data_key(KeyId=key, KeySpec="AES_256")["Plaintext"]
    with pytest.raises(InvalidTag):
        AESGCM(other).decrypt(nonce, letter, None)


@pytest.mark.parametrize(
    ("how", "size"),
    [
        ({"KeySpec": "AES_256"}, 32),
        ({"KeySpec": "AES_128"}, 16),
        ({"NumberOfBytes": 7}, 7),
    ],
)
def test_sizes(aws: Aws, how: dict[str, object], size: int) -> None:
    kms, key = aws("kms"), new_key(aws)
    assert len(kms.generate_data_key(KeyId=key, **how)["Plaintext"]) == size
    sealed = kms.generate_data_key_without_plaintext(KeyId=key, **how)
    assert "Plaintext" not in sealed
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])["Plaintext"]
    assert len(opened) == size
    with refused("ValidationException", "either number of bytes or key spec"):
        kms.generate_data_key(KeyId=key)


def test_who_may_generate_may_not_open(aws: Aws) -> None:
    key = new_key(aws)
    kms = user(aws, "ann", statement("kms:GenerateDataKeyWithoutPlaintext"))("kms")
    made = kms.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256")
    with refused("AccessDeniedException", "kms:Decrypt"):
        kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
    with refused("AccessDeniedException", "kms:GenerateDataKey "):
        kms.generate_data_key(KeyId=key, KeySpec="AES_256")


def test_a_key_pair(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws)
    made = kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    private = load_der_private_key(made["PrivateKeyPlaintext"], None)
    assert private.public_key() == load_der_public_key(made["PublicKey"])
    opened = kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"])
    assert opened["Plaintext"] == made["PrivateKeyPlaintext"]
    sealed = kms.generate_data_key_pair_without_plaintext(
        KeyId=key, KeyPairSpec="RSA_2048"
    )
    assert "PrivateKeyPlaintext" not in sealed
    assert sealed["KeyPairSpec"] == "RSA_2048"


def test_random_bytes(aws: Aws) -> None:
    found = {aws("kms").generate_random(NumberOfBytes=24)["Plaintext"] for _ in "ab"}
    assert sorted(map(len, found)) == [24, 24]
    with refused("AccessDeniedException", "kms:GenerateRandom"):
        user(aws, "ann")("kms").generate_random(NumberOfBytes=24)
