"""The objects below paths of S3, as a source of AWS Glue lists them."""

import fnmatch
import functools
import json
import re
from typing import Any

import boto3


@functools.cache
def client(service: str) -> Any:
    """Return a client with the role of the job."""
    return boto3.client(service)


def split(uri: str) -> tuple[str, str]:
    """Return bucket and key of an address.

    Raises:
        ValueError: It is none of S3.
    """
    found = re.fullmatch(r"s3[an]?://([^/]+)/?(.*)", uri)
    if found is None:
        raise ValueError(f"not an S3 path: {uri}")
    return found[1], found[2]


def listed(
    paths: list[str], recurse: bool, exclusions: str | list[str] = ()
) -> list[tuple[str, str]]:
    """Return address and time of change of each object with data.

    Args:
        paths: Folders or objects.
        recurse: Whether folders in the folders count.
        exclusions: Globs, or a JSON list of them.
    """
    globs = json.loads(exclusions) if isinstance(exclusions, str) else list(exclusions)
    found = {}
    for path in paths:
        bucket, key = split(path)
        for one in _below(bucket, key):
            rest = one["Key"][len(key) :].lstrip("/")
            uri = f"s3://{bucket}/{one['Key']}"
            hidden = any(part.startswith(("_", ".")) for part in rest.split("/"))
            if one["Size"] == 0 or hidden or (not recurse and "/" in rest):
                continue
            if any(fnmatch.fnmatch(uri, glob) for glob in globs):
                continue
            found[uri] = one["LastModified"].isoformat()
    return sorted(found.items())


def _below(bucket: str, key: str) -> list[dict[str, Any]]:
    pages = client("s3").get_paginator("list_objects_v2")
    every = pages.paginate(Bucket=bucket, Prefix=key)
    return [
        one
        for page in every
        for one in page.get("Contents", ())
        if not key or key.endswith("/") or one["Key"][len(key) :][:1] in ("", "/")
    ]
