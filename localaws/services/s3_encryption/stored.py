"""Amazon S3: what moto keeps of the encryption of buckets, objects and uploads."""

from typing import Any

from moto.s3.models import FakeBucket, FakeKey, s3_backends

from localaws.services.kms.documents import ACCOUNT

# Metadata in which an object says how it is encrypted; no client sees it.
SEALED = "x-amz-meta-localaws-sealed"


def _bucket(name: str) -> FakeBucket | None:
    return s3_backends[ACCOUNT]["aws"].buckets.get(name)


def region(bucket: str) -> str:
    """Return where a bucket is."""
    found = _bucket(bucket)
    return found.region_name if found is not None else "us-east-1"


def rule(bucket: str) -> dict[str, Any]:
    """Return a bucket's default encryption as it was put, or nothing."""
    found = _bucket(bucket)
    encryption = found.encryption if found is not None else None
    return (encryption or {}).get("Rule") or {}


def of_object(bucket: str, key: str, version: str) -> str | None:
    """Return how an object is encrypted; None if it is not, or not there."""
    found = _bucket(bucket)
    versions = found.keys.getlist(key, []) if found is not None else []
    for one in reversed(versions):
        if not version or str(getattr(one, "version_id", "")) == version:
            return one.metadata.get(SEALED) if isinstance(one, FakeKey) else None
    return None


def of_upload(bucket: str, upload: str) -> str | None:
    """Return how the object of an unfinished upload is to be encrypted, or None."""
    found = _bucket(bucket)
    one = found.multiparts.get(upload) if found is not None else None
    return one.metadata.get(SEALED) if one is not None else None


def parts(bucket: str, upload: str) -> list[int]:
    """Return the numbers of the parts of an unfinished upload."""
    found = _bucket(bucket)
    one = found.multiparts.get(upload) if found is not None else None
    return list(one.parts) if one is not None else []
