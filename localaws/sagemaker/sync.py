"""A folder copied to S3 while a job writes to it: checkpoints, continuous outputs."""

import threading
from pathlib import Path
from typing import Any

from localaws.sagemaker.transfer import TransferError, upload

_INTERVAL = 0.5
Version = tuple[int, int]


class Sync:
    """Copies what is new in a folder, now and then and once more at the end.

    What the folder holds when the block begins counts as copied. Nothing is deleted
    in S3, and links are not followed.

    Args:
        s3: Client with the execution role's credentials.
        folder: Where a job writes.
        uri: Prefix in S3.
    """

    def __init__(self, s3: Any, folder: Path, uri: str) -> None:
        self._s3 = s3
        self._folder = folder
        self._uri = uri.rstrip("/")
        self._copied = self._files()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="sync", daemon=True)

    def __enter__(self) -> "Sync":
        """Begin to copy."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """Copy what is left; `TransferError` if that is not possible."""
        self._ended.set()
        self._thread.join()
        if kind is None:
            self._copy()

    def _follow(self) -> None:
        while not self._ended.wait(_INTERVAL):
            try:
                self._copy()
            except TransferError:
                # the copy at the end tries again, and tells
                continue

    def _copy(self) -> None:
        for path, version in self._files().items():
            if self._copied.get(path) != version:
                name = path.relative_to(self._folder).as_posix()
                try:
                    upload(self._s3, path, f"{self._uri}/{name}")
                except TransferError:
                    if path.exists():
                        raise
                self._copied[path] = version

    def _files(self) -> dict[Path, Version]:
        found = {}
        for path in sorted(self._folder.rglob("*")):
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            if path.is_file() and not path.is_symlink():
                found[path] = (status.st_size, status.st_mtime_ns)
        return found
