"""Amazon S3: keys that the customer sends along (SSE-C)."""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from localaws.errors import AwsError
from localaws.hosts import PLAIN
from localaws.services.s3_address import option
from localaws.wire import Request

PREFIX = "x-amz-server-side-encryption-customer-"
SOURCE = "x-amz-copy-source-server-side-encryption-customer-"
_NONCE = 12
_BYTES = 32


@dataclass(frozen=True)
class CustomerKey:
    """A key of the customer's; S3 forgets it with the request.

    Attributes:
        secret: The key.
        md5: Its hash, in base64.
    """

    secret: bytes
    md5: str

    def wrap(self, data_key: bytes) -> bytes:
        """Return a data key, encrypted under this one."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(self.secret).encrypt(nonce, data_key, None)

    def unwrap(self, blob: bytes) -> bytes:
        """Return a data key.

        Raises:
            AwsError: It was encrypted under another key.
        """
        try:
            return AESGCM(self.secret).decrypt(blob[:_NONCE], blob[_NONCE:], None)
        except InvalidTag as error:
            raise AwsError("AccessDenied", "Access Denied", 403) from error

    def headers(self) -> dict[str, str]:
        """Return what an answer says of it."""
        return {f"{PREFIX}algorithm": "AES256", f"{PREFIX}key-md5": self.md5}


def read(request: Request, prefix: str = PREFIX) -> CustomerKey | None:
    """Return the key that a request brings, or None.

    Args:
        request: To S3.
        prefix: Of the headers; that of `SOURCE` for the source of a copy.

    Raises:
        AwsError: Part of it is missing or wrong.
    """
    names = ("algorithm", "key", "key-md5")
    algorithm, key, md5 = (request.header(f"{prefix}{name}") for name in names)
    if not algorithm and not key and not md5:
        return None
    if option(request, PLAIN):
        raise AwsError(
            "InvalidRequest",
            "Requests specifying Server Side Encryption with Customer provided keys "
            "must be made over a secure connection.",
        )
    if not algorithm:
        raise _missing("a valid encryption algorithm")
    if algorithm != "AES256":
        raise AwsError(
            "InvalidEncryptionAlgorithmError",
            "The Encryption request you specified is not valid. Supported value: "
            "AES256.",
        )
    if not key:
        raise _missing("an appropriate secret key")
    writes = request.method != "GET" and request.method != "HEAD"
    if not md5 and writes and prefix == PREFIX:
        raise _missing("the client calculated MD5 of the secret key")
    return _checked(key, md5)


def _missing(what: str) -> AwsError:
    return AwsError(
        "InvalidArgument",
        "Requests specifying Server Side Encryption with Customer provided keys must "
        f"provide {what}.",
    )


def _checked(key: str, md5: str) -> CustomerKey:
    try:
        secret = base64.b64decode(key, validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != _BYTES:
        raise AwsError(
            "InvalidArgument",
            "The secret key was invalid for the specified algorithm.",
        )
    digest = hashlib.md5(secret, usedforsecurity=False).digest()
    found = base64.b64encode(digest).decode()
    if md5 and md5 != found:
        raise AwsError(
            "InvalidArgument",
            "The calculated MD5 hash of the key did not match the hash that was "
            "provided.",
        )
    return CustomerKey(secret, found)


def demand(given: CustomerKey | None, needed: bool) -> None:
    """Raise AWS's error unless a key was brought where one is needed, and only there.

    Args:
        given: What the request brought.
        needed: Whether the object is encrypted under a key of the customer's.
    """
    if needed and given is None:
        raise AwsError(
            "InvalidRequest",
            "The object was stored using a form of Server Side Encryption. The correct "
            "parameters must be provided to retrieve the object.",
        )
    if given is not None and not needed:
        raise AwsError(
            "InvalidRequest",
            "The encryption parameters are not applicable to this object.",
        )
