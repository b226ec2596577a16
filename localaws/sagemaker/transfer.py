"""Objects in S3 to files and back, as a container host moves them."""

import json
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from localaws.errors import ValidationError


class TransferError(Exception):
    """Data could not be moved; the text is the reason that a job fails with."""


def split(uri: str) -> tuple[str, str]:
    """Return bucket and key of an S3 URI."""
    parts = urlsplit(uri)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValidationError(f"S3 URI {uri!r} is not of the form s3://bucket/prefix")
    return parts.netloc, parts.path.lstrip("/")


def download(
    s3: Any,
    uri: str,
    target: Path,
    *,
    shard: tuple[int, int] = (0, 1),
    required: bool = True,
) -> int:
    """Fetch the object, or every object below a prefix, into a folder.

    Args:
        s3: Client with the execution role's credentials.
        uri: Object or prefix.
        target: The folder.
        shard: Number of this host, from 0, and how many share the objects.
        required: Whether a prefix without objects is an error.

    Returns:
        Bytes fetched.

    Raises:
        TransferError: Nothing is there, or the role may not read it.
    """
    bucket, prefix = split(uri)
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix
        )
        found = [
            item
            for page in pages
            for item in page.get("Contents", [])
            if not item["Key"].endswith("/")
        ]
        mine = found[shard[0] :: shard[1]]
        for item in mine:
            path = target / _relative(item["Key"], prefix)
            fetch(s3, bucket, item["Key"], path)
    except ClientError as error:
        raise TransferError(_reason("download", uri, error)) from error
    if required and not found:
        raise TransferError(
            f'Data download failed:No S3 objects found under S3 URL "{uri}" given in '
            "input data source. Please ensure that the bucket exists in the selected "
            f"region (us-east-1), that objects exist under that S3 prefix, and that "
            "the role has s3:ListBucket permissions on the bucket."
        )
    return sum(item["Size"] for item in mine)


def download_manifest(
    s3: Any, uri: str, target: Path, *, shard: tuple[int, int] = (0, 1)
) -> int:
    """Fetch the objects that a manifest lists: `[{"prefix": ...}, "a", "b"]`."""
    bucket, key = split(uri)
    try:
        manifest = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        prefix, names = manifest[0]["prefix"], manifest[1:]
        if not all(isinstance(name, str) for name in names):
            raise TypeError("an entry is not a string")
    except ClientError as error:
        raise TransferError(_reason("download", uri, error)) from error
    except (ValueError, LookupError, TypeError) as error:
        raise TransferError(
            f"Data download failed:{uri} is not a manifest: {error}"
        ) from error
    size = 0
    for name in names[shard[0] :: shard[1]]:
        bucket, key = split(f"{prefix}{name}")
        path = target / _inside(name)
        try:
            fetch(s3, bucket, key, path)
        except ClientError as error:
            raise TransferError(
                _reason("download", f"{prefix}{name}", error)
            ) from error
        size += path.stat().st_size
    return size


def _relative(key: str, prefix: str) -> PurePosixPath:
    folder = prefix if prefix.endswith("/") or not prefix else f"{prefix}/"
    if key.startswith(folder):
        return _inside(key[len(folder) :])
    return _inside(key[len(prefix.rpartition("/")[0]) :].lstrip("/"))


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise TransferError(
            f"Data download failed:object key {name!r} leaves the channel's folder."
        )
    return path


def fetch(s3: Any, bucket: str, key: str, path: Path) -> None:
    """Fetch one object into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    with path.open("wb") as file:
        for chunk in body.iter_chunks(1 << 20):
            file.write(chunk)


def fetch_one(s3: Any, uri: str, path: Path) -> None:
    """Fetch exactly one object, or raise `TransferError`."""
    try:
        fetch(s3, *split(uri), path)
    except ClientError as error:
        raise TransferError(_reason("download", uri, error)) from error


def upload(s3: Any, path: Path, uri: str) -> None:
    """Store one file under an S3 URI."""
    bucket, key = split(uri)
    try:
        s3.upload_file(str(path), bucket, key)
    except Exception as error:
        raise TransferError(f"Artifact upload failed:{uri}: {error}") from error


def upload_tree(s3: Any, folder: Path, uri: str) -> None:
    """Store every file below a folder under a prefix; links are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(folder).as_posix()
            upload(s3, path, f"{uri.rstrip('/')}/{name}")


def _reason(verb: str, uri: str, error: ClientError) -> str:
    found = error.response["Error"]
    return f"Data {verb} failed:{uri}: {found['Code']}: {found['Message']}"
