"""Files of FSx for Lustre that stand for objects in Amazon S3.

A file that was imported is a hole of the object's size until its bytes are loaded.
`objects.json` beside the root says of each which object it stands for.
"""

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from localaws.shares import Shares

_lock = threading.RLock()


@dataclass
class Stub:
    """What is known of a file.

    Attributes:
        bucket: Where its object is.
        key: Of the object.
        etag: Of the object when it was imported or exported.
        loaded: Whether the file has its bytes.
        mtime: Of the file when it was loaded or exported, in nanoseconds.
    """

    bucket: str
    key: str
    etag: str
    loaded: bool
    mtime: int


class Stubs:
    """The files of one file system that stand for objects.

    Args:
        shares: The endpoint's file systems.
        name: The file system.
        s3: Client that reads and writes the objects.
    """

    def __init__(self, shares: Shares, name: str, s3: Any) -> None:
        self._root = shares.root(name)
        self._path = shares.folder(name) / "objects.json"
        self._s3 = s3

    @contextlib.contextmanager
    def _known(self) -> Iterator[dict[str, Stub]]:
        """Yield the stubs by path; what is changed in them is kept."""
        with _lock:
            text = self._path.read_text() if self._path.exists() else "{}"
            known = {path: Stub(**one) for path, one in json.loads(text).items()}
            try:
                yield known
            finally:
                new = self._path.with_suffix(".new")
                new.write_text(json.dumps({k: asdict(v) for k, v in known.items()}))
                new.replace(self._path)

    def import_metadata(self, bucket: str, prefix: str, folder: Path) -> int:
        """Make a hole for each object below a prefix that is new or has changed.

        Args:
            bucket: Where the objects are.
            prefix: What their keys begin with.
            folder: Where the files go.

        Returns:
            How many were made.
        """
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix
        )
        count = 0
        with self._known() as known:
            for item in (one for page in pages for one in page.get("Contents", ())):
                name = item["Key"][len(prefix) :].lstrip("/")
                path = (folder / name).resolve()
                if not name or name.endswith("/") or not path.is_relative_to(folder):
                    continue
                relative = path.relative_to(self._root).as_posix()
                before = known.get(relative)
                if path.exists() and before and before.etag == item["ETag"]:
                    continue
                _hole(path, item["Size"])
                moment = int(item["LastModified"].timestamp() * 10**9)
                os.utime(path, ns=(moment, moment))
                known[relative] = Stub(
                    bucket, item["Key"], item["ETag"], not item["Size"], moment
                )
                count += 1
        return count

    def load(self, below: Path) -> tuple[int, int]:
        """Fetch the bytes of a file, or of each file in a folder, that has none.

        Returns:
            How many files and bytes were fetched.
        """
        files, size = 0, 0
        with self._known() as known:
            for relative, stub in known.items():
                path = self._root / relative
                inside = path == below or path.is_relative_to(below)
                if stub.loaded or not inside or not path.exists():
                    continue
                body = self._s3.get_object(Bucket=stub.bucket, Key=stub.key)["Body"]
                with path.open("r+b") as file:
                    for chunk in body.iter_chunks(1 << 20):
                        file.write(chunk)
                    size += file.tell()
                os.utime(path, ns=(stub.mtime, stub.mtime))
                stub.loaded = True
                files += 1
        return files, size

    def release(self, below: Path) -> tuple[int, int]:
        """Give back the space of the files that are as their objects are.

        Returns:
            How many files and bytes were released.
        """
        files, size = 0, 0
        with self._known() as known:
            for relative, stub in known.items():
                path = self._root / relative
                if not stub.loaded or not path.is_relative_to(below):
                    continue
                if path.exists() and path.stat().st_mtime_ns == stub.mtime:
                    files, size = files + 1, size + path.stat().st_size
                    _hole(path, path.stat().st_size)
                    os.utime(path, ns=(stub.mtime, stub.mtime))
                    stub.loaded = False
        return files, size

    def forget(self, below: Path) -> None:
        """Delete the files of a folder that stand for objects, not the objects."""
        with self._known() as known:
            for relative in list(known):
                path = self._root / relative
                if path.is_relative_to(below):
                    path.unlink(missing_ok=True)
                    del known[relative]

    def export(self, bucket: str, prefix: str, below: Path, base: Path) -> int:
        """Store the new and changed files of a folder as objects.

        Args:
            bucket: Where the objects go.
            prefix: What their keys begin with.
            below: The folder.
            base: The folder that the prefix stands for.

        Returns:
            How many were stored.
        """
        count = 0
        with self._known() as known:
            found = [below] if below.is_file() else sorted(below.rglob("*"))
            for path in found:
                if path.is_symlink() or not path.is_file():
                    continue
                relative = path.relative_to(self._root).as_posix()
                stub, moment = known.get(relative), path.stat().st_mtime_ns
                if stub and (not stub.loaded or stub.mtime == moment):
                    continue
                name = path.relative_to(base).as_posix()
                key = f"{prefix.rstrip('/')}/{name}" if prefix else name
                self._s3.upload_file(str(path), bucket, key)
                etag = self._s3.head_object(Bucket=bucket, Key=key)["ETag"]
                known[relative] = Stub(bucket, key, etag, True, moment)
                count += 1
        return count


def _hole(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)
