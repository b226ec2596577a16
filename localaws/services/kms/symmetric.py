"""AWS KMS: ciphertexts of symmetric keys, by AES-256 in Galois counter mode.

A ciphertext names its key and the version of the material, so that Decrypt needs no
key id, and older ones open after a rotation. The encryption context is authenticated.
"""

import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from localaws.services.kms.errors import unreadable
from localaws.services.kms.keystore import Keystore

BYTES = 32
_MAGIC = b"\x01\x02\x02\x00x"
_NONCE = 12
_HEAD = len(_MAGIC) + 16 + 2
Pairs = Mapping[str, str]


@dataclass(frozen=True)
class Ciphertext:
    """What a ciphertext says of itself.

    Attributes:
        key: Id of its key.
        version: Of the key's material.
        blob: All of it.
    """

    key: str
    version: int
    blob: bytes


def new_material() -> bytes:
    """Return the material of a new key."""
    return secrets.token_bytes(BYTES)


def encrypt(store: Keystore, key: str, plaintext: bytes, pairs: Pairs) -> bytes:
    """Return a ciphertext under the newest material of a key."""
    version = store.versions(key) - 1
    material = store.get(key, version)
    assert material is not None
    head = _MAGIC + uuid.UUID(key).bytes + version.to_bytes(2)
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(material).encrypt(nonce, plaintext, head + _authenticated(pairs))
    return head + nonce + sealed


def read(blob: bytes) -> Ciphertext:
    """Return what a ciphertext says of itself.

    Raises:
        AwsError: It is none.
    """
    if not blob.startswith(_MAGIC) or len(blob) < _HEAD + _NONCE + 16:
        raise unreadable()
    key = uuid.UUID(bytes=blob[len(_MAGIC) : len(_MAGIC) + 16])
    return Ciphertext(str(key), int.from_bytes(blob[_HEAD - 2 : _HEAD]), blob)


def decrypt(store: Keystore, found: Ciphertext, pairs: Pairs) -> bytes:
    """Return what a ciphertext holds.

    Raises:
        AwsError: It was changed, or was made with another context.
    """
    material = store.get(found.key, found.version)
    if material is None:
        raise unreadable()
    head, nonce = found.blob[:_HEAD], found.blob[_HEAD : _HEAD + _NONCE]
    sealed = found.blob[_HEAD + _NONCE :]
    try:
        return AESGCM(material).decrypt(nonce, sealed, head + _authenticated(pairs))
    except InvalidTag as error:
        raise unreadable() from error


def _authenticated(pairs: Pairs) -> bytes:
    return json.dumps(dict(pairs), sort_keys=True, separators=(",", ":")).encode()
