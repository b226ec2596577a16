"""AWS KMS: key pairs and HMAC keys, by `cryptography`."""

import hmac
import secrets
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

Members = dict[str, Any]
_CURVES: dict[str, ec.EllipticCurve] = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}
_ECDSA = {
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
    "ECC_SECG_P256K1": "ECDSA_SHA_256",
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "1": hashes.SHA1(),
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
_RSA = [
    f"RSASSA_{kind}_SHA_{size}"
    for kind in ("PKCS1_V1_5", "PSS")
    for size in (256, 384, 512)
]
OAEP = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]


def is_pair(spec: str) -> bool:
    """Whether a key of a specification is a pair of a private and a public one."""
    return spec.startswith("RSA_") or spec in _CURVES


def usages(spec: str) -> list[str]:
    """Return what a key of a specification can be made for."""
    if spec == "SYMMETRIC_DEFAULT":
        return ["ENCRYPT_DECRYPT"]
    if spec.startswith("HMAC_"):
        return ["GENERATE_VERIFY_MAC"]
    return ["ENCRYPT_DECRYPT", "SIGN_VERIFY"] if spec[:3] == "RSA" else ["SIGN_VERIFY"]


def algorithms(spec: str, usage: str) -> Members:
    """Return the algorithms of a key, in the members of its metadata."""
    if usage == "GENERATE_VERIFY_MAC":
        return {"MacAlgorithms": [spec.replace("HMAC_", "HMAC_SHA_")]}
    if usage == "SIGN_VERIFY":
        return {"SigningAlgorithms": [_ECDSA[spec]] if spec in _ECDSA else _RSA}
    symmetric = spec == "SYMMETRIC_DEFAULT"
    return {"EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"] if symmetric else OAEP}


def generate(spec: str) -> bytes:
    """Return the material of a new key pair (PKCS #8) or HMAC key."""
    if spec.startswith("HMAC_"):
        return secrets.token_bytes(int(spec[5:]) // 8)
    private: Any = (
        ec.generate_private_key(_CURVES[spec])
        if spec in _CURVES
        else rsa.generate_private_key(65537, int(spec[4:]))
    )
    return private.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _private(material: bytes) -> Any:
    return serialization.load_der_private_key(material, None)


def public(material: bytes) -> bytes:
    """Return the public key of a pair, as SubjectPublicKeyInfo."""
    return (
        _private(material)
        .public_key()
        .public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
    )


def _scheme(algorithm: str, hashed: bool) -> list[Any]:
    """Return what `sign` and `verify` of `cryptography` are told of an algorithm."""
    digest = _HASHES[algorithm.rpartition("_")[2]]
    told: Any = utils.Prehashed(digest) if hashed else digest
    if algorithm.startswith("ECDSA"):
        return [ec.ECDSA(told)]
    if "PSS" in algorithm:
        return [padding.PSS(padding.MGF1(digest), digest.digest_size), told]
    return [padding.PKCS1v15(), told]


def sign(material: bytes, message: bytes, algorithm: str, *, hashed: bool) -> bytes:
    """Return the signature of a message, or of its hash.

    Raises:
        ValueError: The hash has not the length of the algorithm's.
    """
    return _private(material).sign(message, *_scheme(algorithm, hashed))


def verify(
    material: bytes, message: bytes, signature: bytes, algorithm: str, *, hashed: bool
) -> bool:
    """Whether a signature is that of a message, or of its hash."""
    public_key = _private(material).public_key()
    try:
        public_key.verify(signature, message, *_scheme(algorithm, hashed))
    except InvalidSignature:
        return False
    return True


def _oaep(algorithm: str) -> padding.OAEP:
    digest = _HASHES[algorithm.rpartition("_")[2]]
    return padding.OAEP(padding.MGF1(digest), digest, None)


def encrypt(material: bytes, plaintext: bytes, algorithm: str) -> bytes:
    """Encrypt with the public key of a pair; ValueError if it is too long."""
    return _private(material).public_key().encrypt(plaintext, _oaep(algorithm))


def decrypt(material: bytes, blob: bytes, algorithm: str) -> bytes:
    """Decrypt with the private key of a pair; ValueError if it does not open."""
    return _private(material).decrypt(blob, _oaep(algorithm))


def mac(material: bytes, message: bytes, algorithm: str) -> bytes:
    """Return the authentication code of a message."""
    return hmac.digest(material, message, f"sha{algorithm.rpartition('_')[2]}")
