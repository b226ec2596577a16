"""AWS KMS: signatures, public keys, authentication codes."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.localaws.kms.face import Aws, new_key, refused, statement, user

SIGN = "SIGN_VERIFY"
MESSAGE = b"model.tar.gz"


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [
        ("RSA_2048", "RSASSA_PSS_SHA_256"),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512"),
        ("ECC_NIST_P384", "ECDSA_SHA_384"),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
    ],
)
def test_a_signature_holds_for_its_message(aws: Aws, spec: str, algorithm: str) -> None:
    kms, key = aws("kms"), new_key(aws, KeySpec=spec, KeyUsage=SIGN)
    how = {"KeyId": key, "SigningAlgorithm": algorithm}
    made = kms.sign(Message=MESSAGE, **how)["Signature"]
    assert kms.verify(Message=MESSAGE, Signature=made, **how)["SignatureValid"]
    with refused("KMSInvalidSignatureException"):
        kms.verify(Message=MESSAGE + b"x", Signature=made, **how)


def test_a_hash_is_signed_as_its_message(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws, KeySpec="ECC_NIST_P256", KeyUsage=SIGN)
    how = {"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256"}
    digest = hashlib.sha256(MESSAGE).digest()
    made = kms.sign(Message=digest, MessageType="DIGEST", **how)["Signature"]
    assert kms.verify(Message=MESSAGE, Signature=made, **how)["SignatureValid"]
    with refused("ValidationException", "Digest is invalid length"):
        kms.sign(Message=digest[:-1], MessageType="DIGEST", **how)
    with refused("ValidationException", "less than or equal to 4096"):
        kms.sign(Message=b"x" * 4097, MessageType="RAW", **how)


def test_the_public_key_verifies_elsewhere(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws, KeySpec="ECC_NIST_P256", KeyUsage=SIGN)
    found = kms.get_public_key(KeyId=key)
    public = load_der_public_key(found["PublicKey"])
    assert isinstance(public, ec.EllipticCurvePublicKey)
    made = kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="ECDSA_SHA_256")
    public.verify(made["Signature"], MESSAGE, ec.ECDSA(hashes.SHA256()))
    with refused("UnsupportedOperationException"):
        kms.get_public_key(KeyId=new_key(aws))


def test_algorithm_and_usage_must_fit(aws: Aws) -> None:
    kms, key = aws("kms"), new_key(aws, KeySpec="ECC_NIST_P256", KeyUsage=SIGN)
    with refused("InvalidKeyUsageException", "incompatible"):
        kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="ECDSA_SHA_384")
    with refused("InvalidKeyUsageException", "not valid for Sign"):
        kms.sign(KeyId=new_key(aws), Message=MESSAGE, SigningAlgorithm="ECDSA_SHA_256")


def test_who_may_verify_may_not_sign(aws: Aws) -> None:
    key = new_key(aws, KeySpec="ECC_NIST_P256", KeyUsage=SIGN)
    how = {"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256", "Message": MESSAGE}
    made = aws("kms").sign(**how)["Signature"]
    kms = user(aws, "ann", statement("kms:Verify", key))("kms")
    assert kms.verify(Signature=made, **how)["SignatureValid"]
    with refused("AccessDeniedException", "kms:Sign"):
        kms.sign(**how)


def test_authentication_codes(aws: Aws) -> None:
    kms = aws("kms")
    for size in ("224", "256", "384", "512"):
        key = new_key(aws, KeySpec=f"HMAC_{size}", KeyUsage="GENERATE_VERIFY_MAC")
        how = {"KeyId": key, "MacAlgorithm": f"HMAC_SHA_{size}"}
        made = kms.generate_mac(Message=MESSAGE, **how)["Mac"]
        assert len(made) == int(size) // 8
        assert kms.verify_mac(Message=MESSAGE, Mac=made, **how)["MacValid"]
        with refused("KMSInvalidMacException"):
            kms.verify_mac(Message=MESSAGE + b"x", Mac=made, **how)
