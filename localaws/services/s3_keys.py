"""Amazon S3: what moto knows of objects and uploads, and no request tells or changes.

The storage class that a lifecycle gives, the copy that a restore makes of an archived
object, the time at which an upload was begun. The caller writes changes into the
journal.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.moto_api import state_manager
from moto.s3.models import FakeKey, FakeMultipart, s3_backends

_ACCOUNT = "123456789012"
# moto would restore at once; here the restore says when it is over.
state_manager.set_transition(
    "s3::keyrestore", {"progression": "manual", "times": 2**62}
)


def storage_class(bucket: str, key: str, version: str) -> str:
    """Return the storage class of an object; STANDARD if there is none."""
    found = _find(bucket, key, version)
    return (found and found.storage_class) or "STANDARD"


def set_storage_class(bucket: str, key: str, version: str, name: str) -> None:
    """Give an object another storage class; its time stays."""
    found = _find(bucket, key, version)
    if found:
        found.set_storage_class(name)


def set_restored(
    bucket: str, key: str, version: str, expiry: dt.datetime | None, ongoing: bool
) -> None:
    """Say what is known of an object's restored copy.

    Args:
        bucket: Its bucket.
        key: Its key.
        version: Its version.
        expiry: When the copy goes; None if there is none.
        ongoing: Whether it is not there yet.
    """
    found = _find(bucket, key, version)
    if found:
        found.set_expiry(expiry and expiry.replace(tzinfo=None))
        found.status = "IN_PROGRESS" if ongoing else "RESTORED"


def acceleration(bucket: str) -> str | None:
    """Return the status of a bucket's Transfer Acceleration, or None."""
    found = s3_backends[_ACCOUNT]["aws"].buckets.get(bucket)
    return found and found.accelerate_configuration


def region(bucket: str) -> str | None:
    """Return where a bucket is, or None."""
    found = s3_backends[_ACCOUNT]["aws"].buckets.get(bucket)
    return found and found.region_name


def _find(bucket: str, key: str, version: str) -> FakeKey | None:
    backend = s3_backends[_ACCOUNT]["aws"]
    if bucket not in backend.buckets:
        return None
    for found in backend.buckets[bucket].keys.getlist(key, []):
        if isinstance(found, FakeKey) and found.version_id in (version, None):
            return found
    return None


@dataclass(frozen=True)
class Stored:
    """One version of an object.

    Attributes:
        bucket: Where it is.
        storage: Its storage class.
        size: Its bytes.
        since: When it was written.
    """

    bucket: str
    storage: str
    size: int
    since: dt.datetime


def any_bucket() -> bool:
    """Return whether there is a bucket."""
    return bool(s3_backends[_ACCOUNT]["aws"].buckets)


def stored() -> Iterator[Stored]:
    """Yield every version of every object."""
    for name, bucket in list(s3_backends[_ACCOUNT]["aws"].buckets.items()):
        for key in list(bucket.keys):
            for one in bucket.keys.getlist(key, []):
                if isinstance(one, FakeKey):
                    since = one.last_modified.replace(tzinfo=dt.UTC)
                    storage = one.storage_class or "STANDARD"
                    yield Stored(name, storage, one.size, since)


@dataclass(frozen=True)
class Upload:
    """A multipart upload that is not complete.

    Attributes:
        key: Of the object.
        id: Its id.
        storage: Storage class of the object.
        begun: When it was begun.
    """

    key: str
    id: str
    storage: str
    begun: dt.datetime


def uploads(bucket: str) -> list[Upload]:
    """Return the unfinished uploads of a bucket, by key and id."""
    backend = s3_backends[_ACCOUNT]["aws"]
    found = [
        Upload(one.key_name, one.id, one.storage or "STANDARD", one.begun)
        for one in backend.get_bucket(bucket).multiparts.values()
    ]
    return sorted(found, key=lambda upload: (upload.key, upload.id))


_begin = FakeMultipart.__init__


def _dated(upload: FakeMultipart, *arguments: Any, **members: Any) -> None:
    """Begin an upload with its time, which moto does not keep."""
    _begin(upload, *arguments, **members)
    upload.begun = dt.datetime.now(dt.UTC)


FakeMultipart.__init__ = _dated
