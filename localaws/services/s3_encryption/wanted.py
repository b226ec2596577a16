"""Amazon S3: how a request, or its bucket's default, wants an object encrypted."""

import base64
import binascii
import json
from dataclasses import dataclass, field

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.s3_encryption import customer, stored
from localaws.services.s3_encryption.customer import CustomerKey
from localaws.services.s3_encryption.envelope import KMS
from localaws.wire import Request

HEADER = "x-amz-server-side-encryption"
KEY = f"{HEADER}-aws-kms-key-id"
BUCKET_KEY = f"{HEADER}-bucket-key-enabled"
PAIRS = f"{HEADER}-context"


@dataclass(frozen=True)
class Wanted:
    """How an object is to be encrypted; S3's own keys if by none of these.

    Attributes:
        kms: Whether by a key of KMS.
        key: Its id, ARN or alias; None for AWS's own.
        pairs: The encryption context that is asked for.
        bucket_key: Whether a key of the bucket saves calls of KMS.
        customer: The key of the customer's.
    """

    kms: bool = False
    key: str | None = None
    pairs: dict[str, str] = field(default_factory=dict)
    bucket_key: bool = False
    customer: CustomerKey | None = None

    @property
    def plain(self) -> bool:
        """Whether S3's own keys do."""
        return not self.kms and self.customer is None


def read(request: Request, bucket: str) -> Wanted:
    """Return how an object of a bucket is to be encrypted.

    Raises:
        AwsError: The headers do not go together, or the bucket blocks it.
    """
    if request.header(stored.SEALED):
        raise AwsError("InvalidArgument", f"{stored.SEALED} is not for clients.")
    algorithm, key = request.header(HEADER), request.header(KEY)
    own = customer.read(request)
    if own is not None:
        if algorithm:
            raise AwsError(
                "InvalidArgument",
                "Server Side Encryption with Customer provided key is incompatible "
                "with the encryption method specified",
            )
        if "SSE-C" in blocked(bucket):
            raise AwsError(
                "AccessDenied",
                "Server Side Encryption with Customer provided keys is blocked for "
                "this bucket (BlockedEncryptionTypes of PutBucketEncryption).",
                403,
            )
        return Wanted(customer=own)
    if key and algorithm != KMS:
        raise AwsError(
            "InvalidArgument",
            "Server Side Encryption with AWS KMS managed key requires HTTP header "
            "x-amz-server-side-encryption : aws:kms",
        )
    return _by_default(request, bucket) if not algorithm else _asked(request, bucket)


def _asked(request: Request, bucket: str) -> Wanted:
    algorithm = request.header(HEADER)
    if algorithm == "AES256":
        return Wanted()
    _check(algorithm)
    switch = request.header(BUCKET_KEY).lower()
    default = stored.rule(bucket)
    return Wanted(
        True,
        request.header(KEY) or _default_key(default),
        _pairs(request.header(PAIRS)),
        switch == "true" if switch else is_on(default),
    )


def _by_default(request: Request, bucket: str) -> Wanted:
    default = stored.rule(bucket)
    applied = default.get("ApplyServerSideEncryptionByDefault") or {}
    if applied.get("SSEAlgorithm", "AES256") != KMS:
        return Wanted()
    switch = request.header(BUCKET_KEY).lower()
    used = switch == "true" if switch else is_on(default)
    return Wanted(True, applied.get("KMSMasterKeyID"), {}, used)


def _default_key(default: dict[str, dict[str, str]]) -> str | None:
    applied = default.get("ApplyServerSideEncryptionByDefault") or {}
    return applied.get("KMSMasterKeyID") if applied.get("SSEAlgorithm") == KMS else None


def _check(algorithm: str) -> None:
    if algorithm == "aws:kms:dsse":
        raise NotImplementedHere(
            "s3 ServerSideEncryption='aws:kms:dsse'", "encrypts the object twice"
        )
    if algorithm != KMS:
        raise AwsError(
            "InvalidArgument", "The encryption method specified is not supported"
        )


def is_on(default: dict[str, object]) -> bool:
    """Whether a default encryption uses a key of the bucket."""
    return str(default.get("BucketKeyEnabled", False)).lower() == "true"


def blocked(bucket: str) -> list[str]:
    """Return the kinds of encryption that a bucket blocks."""
    kinds = (stored.rule(bucket).get("BlockedEncryptionTypes") or {}).get(
        "EncryptionType", []
    )
    return [kinds] if isinstance(kinds, str) else kinds


def _pairs(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        pairs = json.loads(base64.b64decode(text, validate=True))
        if not all(isinstance(value, str) for value in pairs.values()):
            raise ValueError("a value is no string")
    except (binascii.Error, ValueError, AttributeError) as error:
        raise AwsError(
            "InvalidArgument",
            "The header 'x-amz-server-side-encryption-context' shall be "
            "Base64-encoded UTF-8 string holding JSON which represents a string-string "
            "map",
        ) from error
    return dict(pairs)
