"""The zip archives that functions and layers are made of."""

import base64
import binascii
import contextlib
import hashlib
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws.services.context import Context
from localaws.services.lambda_.errors import invalid

_UNZIPPED = 262_144_000
_ZIPPED = 52_428_800
_BROKEN = (
    "Could not unzip uploaded file. Please check your file, then try to upload again."
)


def read(context: Context, given: dict[str, Any]) -> bytes:
    """Return the archive that an input holds, or names in S3.

    Raises:
        AwsError: There is none, it is no zip archive, or it is too large.
    """
    if given.get("ZipFile"):
        try:
            code = base64.b64decode(given["ZipFile"], validate=True)
        except binascii.Error as error:
            raise invalid(_BROKEN) from error
        if len(code) > _ZIPPED:
            raise invalid(f"Zipped size must be smaller than {_ZIPPED} bytes")
    elif given.get("S3Bucket") and given.get("S3Key"):
        code = _object(context, given)
    else:
        raise invalid("Please provide a source for function code.")
    _check(code)
    return code


def _object(context: Context, given: dict[str, Any]) -> bytes:
    where = {"Bucket": given["S3Bucket"], "Key": given["S3Key"]}
    if given.get("S3ObjectVersion"):
        where["VersionId"] = given["S3ObjectVersion"]
    try:
        return context.aws.client("s3").get_object(**where)["Body"].read()
    except ClientError as error:
        found = error.response["Error"]
        raise invalid(
            f"Error occurred while GetObject. S3 Error Code: {found['Code']}. "
            f"S3 Error Message: {found['Message']}"
        ) from error


def _check(code: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size < _UNZIPPED and archive.testzip() is not None:
                raise invalid(_BROKEN)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise invalid(_BROKEN) from error
    if size >= _UNZIPPED:
        raise invalid(f"Unzipped size must be smaller than {_UNZIPPED} bytes")


def unpacked(home: Path, codes: Iterable[bytes]) -> Path:
    """Return a folder that holds some archives, later ones on top.

    Args:
        home: Where such folders are; the same archives are unpacked once.
        codes: The archives.
    """
    codes = list(codes)
    digest = hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in codes))
    folder = home / f"code-{digest.hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    home.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=home))
    try:
        for code in codes:
            with zipfile.ZipFile(io.BytesIO(code)) as archive:
                for member in archive.infolist():
                    path = Path(archive.extract(member, new))
                    mode = member.external_attr >> 16 & 0o777
                    path.chmod(mode | (0o700 if path.is_dir() else 0o600))
        with contextlib.suppress(OSError):
            os.rename(new, folder)  # noqa: PTH104 - fails if another was faster
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return folder
