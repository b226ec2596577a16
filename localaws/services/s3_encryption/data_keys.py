"""Amazon S3: the data key of an object, made for its writer, opened for its reader."""

import dataclasses
import datetime as dt
import secrets
from collections.abc import Callable
from typing import TypeVar

from localaws.errors import AwsError, NotImplementedHere
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.kms import use
from localaws.services.kms.access import Caller
from localaws.services.s3_address import bucket_of, key_of
from localaws.services.s3_encryption import stored
from localaws.services.s3_encryption.customer import CustomerKey
from localaws.services.s3_encryption.envelope import CUSTOMER, KMS, Envelope
from localaws.services.s3_encryption.wanted import Wanted
from localaws.wire import Request

_DENIED = "AccessDeniedException"
_ARN = "aws:s3:arn"
Answer = TypeVar("Answer")


class BucketKeys:
    """Which calls of KMS the keys of buckets save, each for a while.

    Args:
        context: Whose clock is asked.
    """

    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._until: dict[tuple[str, str, str], dt.datetime] = {}

    def spared(self, bucket: str, key: str, asker: str) -> bool:
        """Whether KMS need not be asked; else it is, and not again for a while."""
        now, one = self._clock.now(), (bucket, key, asker)
        if self._until.get(one, now) > now:
            return True
        life = dt.timedelta(seconds=limit("kms", "bucket_key_seconds"))
        self._until[one] = now + life
        return False


def _caller(context: Context, request: Request, bucket: str) -> Caller:
    caller = Caller.of(context, request, "s3")
    return dataclasses.replace(caller, region=stored.region(bucket))


def _asked(call: Callable[[], Answer]) -> Answer:
    """Ask KMS, and tell its errors as S3 does."""
    try:
        return call()
    except NotImplementedHere:
        raise
    except AwsError as error:
        if error.code == _DENIED:
            raise AwsError("AccessDenied", error.message, 403) from error
        raise AwsError(f"KMS.{error.code}", error.message) from error


def _charged(caller: Caller, bucket: str, key: str, bucket_key: bool) -> bool:
    """Whether KMS is asked, and not a key of the bucket."""
    name = caller.asker.arn if caller.asker else ""
    keys = caller.context.part(BucketKeys)
    return not (bucket_key and keys.spared(bucket, key, name))


def make(context: Context, request: Request, wanted: Wanted) -> tuple[bytes, Envelope]:
    """Return a data key for what a request stores, and an envelope without segments.

    Raises:
        AwsError: The caller may not use the key, or it is not there.
    """
    if wanted.customer is not None:
        plaintext = secrets.token_bytes(32)
        own = wanted.customer
        return plaintext, Envelope(CUSTOMER, own.wrap(plaintext), own.md5)
    bucket = bucket_of(request)
    caller = _caller(context, request, bucket)
    place = bucket if wanted.bucket_key else f"{bucket}/{key_of(request)}"
    pairs = {**wanted.pairs, _ARN: f"arn:aws:s3:::{place}"}

    def made() -> use.DataKey:
        key = use.named(caller, wanted.key)
        charged = _charged(caller, bucket, key["arn"], wanted.bucket_key)
        return use.make(caller, key, pairs, charged=charged)

    found = _asked(made)
    envelope = Envelope(KMS, found.blob, found.key, pairs, wanted.bucket_key)
    return found.plaintext, envelope


def opened(
    context: Context,
    request: Request,
    bucket: str,
    envelope: Envelope,
    own: CustomerKey | None,
) -> bytes:
    """Return the data key of an object.

    Args:
        context: The endpoint.
        request: Of who reads it, or adds to it.
        bucket: Where the object is.
        envelope: Of the object.
        own: The key that the customer has sent, where one is needed.

    Raises:
        AwsError: The caller may not, or the key is wrong, disabled or gone.
    """
    if envelope.kind == CUSTOMER:
        assert own is not None
        return own.unwrap(envelope.wrapped)
    caller = _caller(context, request, bucket)
    charged = _charged(caller, bucket, envelope.key, envelope.bucket_key)
    return _asked(
        lambda: use.opened(
            caller, envelope.key, envelope.wrapped, envelope.pairs, charged=charged
        )
    )
