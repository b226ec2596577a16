"""AWS KMS: Encrypt, Decrypt, ReEncrypt, and who may."""

import pytest

from localaws.daemon import Connection
from tests.localaws.kms.face import Aws, new_key, refused, statement, user


def test_what_was_encrypted_opens_without_naming_the_key(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws)
    made = kms.encrypt(KeyId=key, Plaintext=b"N14228")
    assert b"N14228" not in made["CiphertextBlob"]
    found = kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
    assert (found["Plaintext"], found["KeyId"]) == (b"N14228", key)
    again = kms.encrypt(KeyId=key, Plaintext=b"N14228")
    assert again["CiphertextBlob"] != made["CiphertextBlob"]


def test_the_context_is_needed_to_decrypt(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws)
    pairs = {"desk": "JFK", "month": "1"}
    blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=pairs)
    turned = dict(reversed(pairs.items()))
    found = kms.decrypt(CiphertextBlob=blob["CiphertextBlob"], EncryptionContext=turned)
    assert found["Plaintext"] == b"x"
    for wrong in ({}, {"desk": "JFK"}, {"desk": "JFK", "month": "2"}, {"deskJFK": ""}):
        with refused("InvalidCiphertextException"):
            kms.decrypt(CiphertextBlob=blob["CiphertextBlob"], EncryptionContext=wrong)


def test_a_ciphertext_that_was_changed_does_not_open(aws: Aws) -> None:
    kms = aws("kms")
    blob = kms.encrypt(KeyId=new_key(aws), Plaintext=b"x")["CiphertextBlob"]
    for wrong in (blob[:-1] + bytes([blob[-1] ^ 1]), blob[:-1], b"AQIC", blob + b"x"):
        with refused("InvalidCiphertextException"):
            kms.decrypt(CiphertextBlob=wrong)


def test_4096_bytes_and_no_more(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws)
    made = kms.encrypt(KeyId=key, Plaintext=b"x" * 4096)
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
    assert len(opened["Plaintext"]) == 4096
    with refused("ValidationException", "less than or equal to 4096"):
        kms.encrypt(KeyId=key, Plaintext=b"x" * 4097)


def test_the_key_that_is_named_must_be_the_right_one(aws: Aws) -> None:
    kms, key, other = aws("kms"), new_key(aws), new_key(aws)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, KeyId=key)["Plaintext"] == b"x"
    with refused("IncorrectKeyException"):
        kms.decrypt(CiphertextBlob=blob, KeyId=other)


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
def test_a_key_pair_encrypts_too(aws: Aws, algorithm: str) -> None:
    kms = aws("kms")
    key = new_key(aws, KeySpec="RSA_2048")
    how = {"KeyId": key, "EncryptionAlgorithm": algorithm}
    blob = kms.encrypt(Plaintext=b"x", **how)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, **how)["Plaintext"] == b"x"
    with refused("InvalidCiphertextException"):
        kms.decrypt(CiphertextBlob=blob[::-1], **how)
    with refused("ValidationException", "cannot encrypt data of 300 bytes"):
        kms.encrypt(Plaintext=b"x" * 300, **how)
    with refused("InvalidKeyUsageException"):
        kms.encrypt(KeyId=key, Plaintext=b"x")


def test_a_key_for_signatures_encrypts_nothing(aws: Aws) -> None:
    key = new_key(aws, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    with refused("InvalidKeyUsageException", "not valid for Encrypt"):
        aws("kms").encrypt(KeyId=key, Plaintext=b"x")


def test_re_encrypt_changes_key_and_context(aws: Aws) -> None:
    kms, old, new = aws("kms"), new_key(aws), new_key(aws)
    blob = kms.encrypt(KeyId=old, Plaintext=b"x", EncryptionContext={"a": "1"})
    made = kms.re_encrypt(
        CiphertextBlob=blob["CiphertextBlob"],
        SourceEncryptionContext={"a": "1"},
        DestinationKeyId=new,
        DestinationEncryptionContext={"b": "2"},
    )
    assert (made["SourceKeyId"], made["KeyId"]) == (old, new)
    found = kms.decrypt(
        CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"b": "2"}
    )
    assert (found["Plaintext"], found["KeyId"]) == (b"x", new)


def test_re_encrypt_wants_a_right_to_each_key(aws: Aws) -> None:
    old, new = new_key(aws), new_key(aws)
    blob = aws("kms").encrypt(KeyId=old, Plaintext=b"x")["CiphertextBlob"]
    kms = user(
        aws, "ann", statement("kms:ReEncryptFrom", old), statement("kms:Encrypt", new)
    )("kms")
    with refused("AccessDeniedException", "kms:ReEncryptTo"):
        kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=new)


def test_who_may_encrypt_may_not_decrypt(aws: Aws) -> None:
    key = new_key(aws)
    kms = user(aws, "ann", statement("kms:Encrypt", key))("kms")
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    with refused(
        "AccessDeniedException",
        "because no identity-based policy allows the kms:Decrypt action",
    ):
        kms.decrypt(CiphertextBlob=blob)


def test_what_a_reset_forgot_opens_no_more(aws: Aws, endpoint: Connection) -> None:
    missing = aws("kms").encrypt(KeyId=new_key(aws), Plaintext=b"x")["CiphertextBlob"]
    endpoint.control("POST", "reset")
    with refused("AccessDeniedException", "does not exist"):
        aws("kms").decrypt(CiphertextBlob=missing)
