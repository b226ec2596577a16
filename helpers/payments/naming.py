"""Names that no other seed has."""

import random
from collections.abc import Callable
from typing import Any

Clients = Callable[[str], Any]
Given = dict[str, Any]


def dice(seed: int, what: str) -> random.Random:
    """Give a source of chance that only one thing of one seed draws from."""
    return random.Random(f"{what} {seed}")


def state(seed: int) -> int:
    """Give of a seed what NumPy's and pandas' `random_state` may be."""
    return seed % 2**32


def named(seed: int, what: str) -> str:
    """Give a name for a bucket, a table, a stream."""
    return f"{what}-{dice(seed, what).randrange(16**8):08x}"


def bucket_made(aws: Clients, name: str) -> bool:
    """Make a bucket, and say whether it was not there before."""
    s3 = aws("s3")
    if name in [each["Name"] for each in s3.list_buckets()["Buckets"]]:
        return False
    region = s3.meta.region_name
    where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **({} if region == "us-east-1" else where))
    return True


def there(aws: Clients, bucket: str, key: str) -> bool:
    """Say whether an object is in a bucket."""
    found = aws("s3").list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", [])
    return key in [each["Key"] for each in found]
