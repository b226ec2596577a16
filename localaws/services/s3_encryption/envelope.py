"""Amazon S3: bytes under a data key of their own, and what says how to open them.

AES-256 in Galois counter mode. The tags stand in the envelope, so that what is stored
is as long as the object: sizes are right wherever they are told.
"""

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from localaws.errors import AwsError

CUSTOMER, KMS = "customer", "aws:kms"
_NONCE = 12


@dataclass(frozen=True)
class Segment:
    """Bytes that were encrypted at once.

    Attributes:
        size: How many.
        nonce: Of their encryption.
        tag: Says that nobody has changed them.
    """

    size: int
    nonce: bytes
    tag: bytes

    def listed(self) -> list[Any]:
        """Return it as JSON has it."""
        return [self.size, _text(self.nonce), _text(self.tag)]

    @classmethod
    def of(cls, listed: list[Any]) -> "Segment":
        """Read it from JSON."""
        return cls(listed[0], _bytes(listed[1]), _bytes(listed[2]))


@dataclass(frozen=True)
class Envelope:
    """How an object is encrypted.

    Attributes:
        kind: `aws:kms` or `customer`.
        wrapped: The data key, encrypted.
        key: ARN of KMS's key; the hash of the customer's.
        pairs: The encryption context.
        bucket_key: Whether a key of the bucket saves calls of KMS.
        segments: Of an object that came whole.
        upload: Under which the segments of an object of parts are kept.
    """

    kind: str
    wrapped: bytes
    key: str
    pairs: dict[str, str] = field(default_factory=dict)
    bucket_key: bool = False
    segments: tuple[Segment, ...] = ()
    upload: str = ""

    def text(self) -> str:
        """Return it as the value of a header."""
        told = {
            "kind": self.kind,
            "wrapped": _text(self.wrapped),
            "key": self.key,
            "pairs": self.pairs,
            "bucket_key": self.bucket_key,
            "segments": [one.listed() for one in self.segments],
            "upload": self.upload,
        }
        return _text(json.dumps(told, separators=(",", ":")).encode())

    @classmethod
    def read(cls, text: str) -> "Envelope":
        """Read what `text` has written."""
        told = json.loads(_bytes(text))
        segments = tuple(map(Segment.of, told.pop("segments")))
        wrapped = _bytes(told.pop("wrapped"))
        return cls(wrapped=wrapped, segments=segments, **told)


def seal(data_key: bytes, plaintext: bytes) -> tuple[bytes, Segment]:
    """Return ciphertext, as long as the plaintext, and how to open it."""
    nonce = secrets.token_bytes(_NONCE)
    encryptor = Cipher(AES(data_key), GCM(nonce)).encryptor()
    body = encryptor.update(plaintext) + encryptor.finalize()
    return body, Segment(len(plaintext), nonce, encryptor.tag)


def unseal(data_key: bytes, body: bytes, segments: tuple[Segment, ...]) -> bytes:
    """Return the plaintext of what `seal` has made.

    Raises:
        AwsError: It was changed.
    """
    opened, start = [], 0
    for one in segments:
        decryptor = Cipher(AES(data_key), GCM(one.nonce, one.tag)).decryptor()
        try:
            part = memoryview(body)[start : start + one.size]
            opened.append(decryptor.update(part) + decryptor.finalize())
        except InvalidTag as error:
            raise AwsError("InternalError", "The stored object is damaged.", 500) from (
                error
            )
        start += one.size
    return opened[0] if len(opened) == 1 else b"".join(opened)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text)
