"""An application's code: read from S3 with its role, and laid down for its process."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws import trust
from localaws.errors import AwsError
from localaws.flink_runtime.settings import Program
from localaws.loopback import Session
from localaws.services.context import Context

PRINCIPAL = "kinesisanalytics.amazonaws.com"
SESSION = "KinesisAnalyticsSession"
OPTIONS = "kinesis.analytics.flink.run.options"
_KNOWN = ("python", "jarfile", "pyFiles", "pyArchives")
_MOST = 2**29
Members = dict[str, Any]


class CodeFailed(Exception):
    """An application's archive does not hold what its options name."""


def assume(context: Context, role: str) -> Session:
    """Return the credentials of an application's role, held against its policies.

    Raises:
        AwsError: The service may not assume it.
    """
    if not trust.trusts(context.aws, role, PRINCIPAL):
        raise AwsError(
            "InvalidArgumentException",
            "Kinesis Analytics service doesn't have sufficient privileges to assume "
            f"the role {role}.",
        )
    return trust.assume(context.aws, role, SESSION)


def read(context: Context, session: Session, location: Mapping[str, str]) -> bytes:
    """Return the archive that an application names.

    Args:
        context: The endpoint.
        session: The application's role.
        location: An S3ContentLocation.

    Raises:
        AwsError: It is not there, or the role may not read it.
    """
    bucket, key = location["BucketARN"].rpartition(":")[2], location["FileKey"]
    version = location.get("ObjectVersion")
    more = {"VersionId": version} if version else {}
    s3 = context.aws.client("s3", session)
    try:
        body: bytes = s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()
    except ClientError as error:
        raise AwsError(
            "InvalidArgumentException",
            "Please check the role provided or validity of S3 location you provided. "
            f"We are unable to get the specified fileKey: {key} in the specified "
            f"bucket: {bucket}",
        ) from error
    return body


def checked(context: Context, role: str, location: Mapping[str, str]) -> Members:
    """Return CodeMD5 and CodeSize of an application's archive, once it is a zip."""
    body = read(context, assume(context, role), location)
    if not zipfile.is_zipfile(io.BytesIO(body)):
        raise AwsError(
            "CodeValidationException",
            f"{location['FileKey']} is not a zip archive, which CodeContentType "
            "ZIPFILE says",
        )
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return {"CodeMD5": digest, "CodeSize": len(body)}


def lay(body: bytes, folder: Path, options: Mapping[str, str]) -> Program:
    """Unpack an archive, and return what of it runs.

    Args:
        body: The archive.
        folder: Where to.
        options: The property group `kinesis.analytics.flink.run.options`.

    Raises:
        CodeFailed: It does not hold what the options name, or they name no program.
    """
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        if sum(item.file_size for item in archive.infolist()) > _MOST:
            raise CodeFailed("the archive unpacks to more than 512 MB")
        archive.extractall(folder)
    for name in options:
        if name not in _KNOWN:
            raise CodeFailed(f"{OPTIONS}: {name} is not one of {', '.join(_KNOWN)}")
    if "python" not in options:
        raise CodeFailed(
            f"the property group {OPTIONS} names no program by the key python; "
            "applications in Java do not run in the local endpoint"
        )

    def named(key: str) -> list[Path]:
        given = [part.strip() for part in options.get(key, "").split(",")]
        return [_inside(folder, part, key) for part in given if part]

    paths = [one if one.is_dir() else one.parent for one in named("pyFiles")]
    paths += [one for one in named("pyFiles") if one.suffix in (".zip", ".egg", ".whl")]
    (program,) = named("python")
    for one in named("pyArchives"):
        with zipfile.ZipFile(one) as archive:
            archive.extractall(folder / one.name.removesuffix(".zip"))
    return Program(program, folder, named("jarfile"), paths)


def _inside(folder: Path, part: str, key: str) -> Path:
    found = (folder / part).resolve()
    if not found.is_relative_to(folder.resolve()) or not found.exists():
        raise CodeFailed(f"{OPTIONS}: {key}: the archive holds no {part}")
    return found
