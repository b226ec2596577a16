"""One copy: what has changed, the transfer, the comparison of both ends."""

import hashlib
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from localaws.services.datasync.ends import End, Entry

Members = dict[str, Any]


class Cancelled(Exception):
    """The execution was cancelled."""


class Differs(Exception):
    """The two ends are not the same after the transfer."""


@dataclass
class Copy:
    """Copies from one end to the other.

    Attributes:
        source: Where files come from.
        target: Where they go.
        options: Of the task.
        chosen: Whether a path passes the filters.
        scratch: Folder for files under way.
        stopped: Whether the copy is to end.
        counts: What DescribeTaskExecution tells.
    """

    source: End
    target: End
    options: Members
    chosen: Callable[[str], bool]
    scratch: Path
    stopped: Callable[[], bool]
    counts: Members = field(default_factory=dict)
    _wanted: dict[str, Entry] = field(default_factory=dict)
    _all: dict[str, Entry] = field(default_factory=dict)
    _gone: list[str] = field(default_factory=list)
    _digests: dict[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Compare the ends, and plan what is to be done."""
        before = self.target.entries()
        found = self.source.entries()
        self._all = {name: one for name, one in found.items() if self.chosen(name)}
        for name, one in self._all.items():
            there = before.get(name)
            if there and self.options["OverwriteMode"] == "NEVER":
                continue
            changed = there is None or (
                (there.size, there.mtime) != (one.size, one.mtime)
            )
            if changed or self.options["TransferMode"] == "ALL":
                self._wanted[name] = one
        if self.options["PreserveDeletedFiles"] == "REMOVE":
            self._gone = [n for n in before if n not in found and self.chosen(n)]
        self.counts |= {
            "FilesListed": {"AtSource": len(found), "AtDestinationForDelete": 0},
            "FilesPrepared": len(self._wanted),
            "EstimatedFilesToTransfer": len(self._wanted),
            "EstimatedBytesToTransfer": sum(e.size for e in self._wanted.values()),
            "EstimatedFilesToDelete": len(self._gone),
            "FilesSkipped": len(self._all) - len(self._wanted),
            "FilesTransferred": 0,
            "BytesTransferred": 0,
            "BytesWritten": 0,
            "FilesVerified": 0,
            "FilesDeleted": 0,
        }

    def transfer(self) -> None:
        """Copy what has changed, and delete what is to be deleted."""
        path = self.scratch / "file"
        for name, one in self._wanted.items():
            self._go_on()
            self.source.fetch(name, path)
            self._digests[name] = _digest(path)
            self.target.store(name, path, one, self.options)
            self.counts["FilesTransferred"] += 1
            self.counts["BytesTransferred"] += one.size
            self.counts["BytesWritten"] += one.size
        for name in self._gone:
            self._go_on()
            self.target.delete(name)
            self.counts["FilesDeleted"] += 1
        path.unlink(missing_ok=True)

    def verify(self) -> None:
        """Compare the bytes of both ends, as far as the options ask for it.

        Raises:
            Differs: A file is not there, or is another.
        """
        mode = self.options["VerifyMode"]
        if mode == "NONE":
            return
        whole = mode == "POINT_IN_TIME_CONSISTENT"
        path = self.scratch / "file"
        for name in self._all if whole else self._wanted:
            self._go_on()
            if name not in self._digests:
                self.source.fetch(name, path)
                self._digests[name] = _digest(path)
            try:
                self.target.fetch(name, path)
            except Exception as error:
                raise Differs(f"{name} cannot be read at the destination") from error
            if _digest(path) != self._digests[name]:
                raise Differs(f"{name} differs between source and destination")
            self.counts["FilesVerified"] += 1

    def _go_on(self) -> None:
        if self.stopped():
            raise Cancelled

    def close(self) -> None:
        """Remove the files under way."""
        shutil.rmtree(self.scratch, ignore_errors=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def chooser(
    includes: Collection[Members], excludes: Collection[Members]
) -> Callable[[str], bool]:
    """Return whether a path passes the filters of a task."""
    wanted, unwanted = _patterns(includes), _patterns(excludes)

    def chosen(name: str) -> bool:
        return (not wanted or _matches(name, wanted)) and not _matches(name, unwanted)

    return chosen


def _patterns(filters: Collection[Members]) -> list[str]:
    return [p for one in filters for p in one["Value"].split("|") if p]


def _matches(name: str, patterns: list[str]) -> bool:
    path = f"/{name}"
    return any(
        fnmatchcase(path, one) or fnmatchcase(path, f"{one.rstrip('/')}/*")
        for one in patterns
    )
