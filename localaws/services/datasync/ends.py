"""The two ends of a copy: a prefix of a bucket, or a folder of a file system."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from localaws.services.efs import own
from localaws.shares import PathError

_NOBODY = 65534
_MODE = 0o755


@dataclass(frozen=True)
class Entry:
    """What is known of a file or object.

    Attributes:
        size: Bytes.
        mtime: When its content was changed, in nanoseconds.
        mode: POSIX permissions.
        user: Number of its owner.
        group: Number of its group.
    """

    size: int
    mtime: int
    mode: int = _MODE
    user: int = _NOBODY
    group: int = _NOBODY


class End(Protocol):
    """Where files come from, or go to."""

    def entries(self) -> dict[str, Entry]:
        """Return what is there, by path."""

    def fetch(self, name: str, path: Path) -> None:
        """Copy a file out."""

    def store(self, name: str, path: Path, entry: Entry, options: Any) -> None:
        """Copy a file in."""

    def delete(self, name: str) -> None:
        """Delete a file."""


class Bucket:
    """Objects below a prefix.

    Args:
        s3: Client with the bucket access role's credentials.
        bucket: Its name.
        prefix: What the keys begin with.
        storage: Storage class of what is written.
    """

    def __init__(self, s3: Any, bucket: str, prefix: str, storage: str) -> None:
        self._s3, self._bucket, self._prefix = s3, bucket, prefix
        self._storage = storage

    def entries(self) -> dict[str, Entry]:
        """Return what is there, with the attributes that DataSync wrote."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        return {
            key[len(self._prefix) :]: self._entry(key)
            for key in keys
            if not key.endswith("/")
        }

    def _entry(self, key: str) -> Entry:
        found = self._s3.head_object(Bucket=self._bucket, Key=key)
        told = found["Metadata"]
        moment = int(found["LastModified"].timestamp() * 10**9)
        text = told.get("file-mtime", "").removesuffix("ns")
        return Entry(
            found["ContentLength"],
            int(text) if text.isdigit() else moment,
            int(told.get("file-permissions", f"{_MODE:o}"), 8),
            int(told.get("file-owner", _NOBODY)),
            int(told.get("file-group", _NOBODY)),
        )

    def fetch(self, name: str, path: Path) -> None:
        """Copy an object out."""
        body = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + name)["Body"]
        with path.open("wb") as file:
            for chunk in body.iter_chunks(1 << 20):
                file.write(chunk)

    def store(self, name: str, path: Path, entry: Entry, options: Any) -> None:
        """Copy an object in, with its attributes as metadata."""
        told = {
            "file-owner": str(entry.user),
            "file-group": str(entry.group),
            "file-permissions": f"{entry.mode:04o}",
            "file-mtime": f"{entry.mtime}ns",
        }
        self._s3.upload_file(
            str(path),
            self._bucket,
            self._prefix + name,
            ExtraArgs={"Metadata": told, "StorageClass": self._storage},
        )

    def delete(self, name: str) -> None:
        """Delete an object."""
        self._s3.delete_object(Bucket=self._bucket, Key=self._prefix + name)


class Folder:
    """A folder of a file system.

    Args:
        path: The folder; made when something is written.
        user: `Uid` and `Gid` that an access point writes as, or empty.
        load: Called before a file is read.
    """

    def __init__(
        self,
        path: Path,
        user: dict[str, int],
        load: Callable[[Path], Any] = lambda path: None,
    ) -> None:
        self._path, self._user, self._load = path, user, load

    def entries(self) -> dict[str, Entry]:
        """Return what is there; links are left out."""
        found = {}
        for path in sorted(self._path.rglob("*")):
            if path.is_file() and not path.is_symlink():
                stat = path.stat()
                found[path.relative_to(self._path).as_posix()] = Entry(
                    stat.st_size,
                    stat.st_mtime_ns,
                    stat.st_mode & 0o7777,
                    stat.st_uid,
                    stat.st_gid,
                )
        return found

    def _at(self, name: str) -> Path:
        parts = PurePosixPath(name).parts
        path = self._path.joinpath(*parts)
        if ".." in parts or PurePosixPath(name).is_absolute():
            raise PathError(f"{name} leads out of the location")
        if not path.parent.resolve().is_relative_to(self._path.resolve()):
            raise PathError(f"{name} leads out of the location")
        return path

    def fetch(self, name: str, path: Path) -> None:
        """Copy a file out."""
        found = self._at(name)
        self._load(found)
        shutil.copyfile(found, path)

    def store(self, name: str, path: Path, entry: Entry, options: Any) -> None:
        """Copy a file in, with the attributes that the options preserve."""
        target = self._at(name)
        for folder in reversed(target.relative_to(self._path).parents):
            self._make(self._path / folder)
        new = target.with_name(f".{target.name}.datasync")
        shutil.copyfile(path, new)
        if options["PosixPermissions"] == "PRESERVE":
            new.chmod(entry.mode)
        keeps = options["Uid"] == "INT_VALUE"
        mine = (self._user["Uid"], self._user["Gid"]) if self._user else None
        owner = mine or ((entry.user, entry.group) if keeps else None)
        if owner:
            own(new, *owner)
        if options["Mtime"] == "PRESERVE":
            os.utime(new, ns=(entry.mtime, entry.mtime))
        new.replace(target)

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            if self._user:
                own(folder, self._user["Uid"], self._user["Gid"])

    def delete(self, name: str) -> None:
        """Delete a file."""
        self._at(name).unlink(missing_ok=True)
