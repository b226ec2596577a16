"""Opens what was handed in, and nothing that a name in its path leads away to."""

import io
import os
import stat
import zipfile
from typing import Any, BinaryIO

from .archive import member
from .bounds import BOUNDS
from .refusal import CLEAR, ZIP_AGAIN, Refused, size

KINDS = {
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFBLK: "device",
    stat.S_IFCHR: "device",
    stat.S_IFDIR: "folder",
    stat.S_IFREG: "file",
}
_classes: dict[str, zipfile.ZipFile] = {}

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY


def kind(mode: int) -> str:
    """Name what a file is."""
    return KINDS.get(stat.S_IFMT(mode), "device")


def opened(place: dict[str, Any]) -> BinaryIO:
    """Open a place: a file below a folder, or an entry of archives within it.

    Args:
        place: `root`, a folder or a file that the instructor named; `parts`, the names
            below it; `members`, the index of an entry in each archive on the way.

    Raises:
        Refused: if a name is a link, or what it names is no regular file, or is large.
        OSError: if it cannot be opened.
    """
    members = place["members"]
    if members and not place["parts"] and place["root"] in _classes:
        whole, *members = members
        entry = member(_classes[place["root"]], whole, BOUNDS.file_bytes)
        file: BinaryIO = io.BytesIO(entry)
    else:
        file = _below(place["root"], place["parts"])
    for index in members:
        file = io.BytesIO(member(archive(file), index, BOUNDS.file_bytes))
    return file


def remember(root: str) -> None:
    """Keep the archive of a class open: its list is long, and each entry needs it."""
    _classes[root] = archive(_below(root, []))


def content(place: dict[str, Any]) -> bytes:
    """Read a notebook whole.

    Raises:
        Refused: if it is larger than a notebook may be.
    """
    file = opened(place)
    length = file.seek(0, os.SEEK_END)
    if length > BOUNDS.file_bytes:
        limit = size(BOUNDS.file_bytes)
        raise Refused(f"has {size(length)}; at most {limit} are read", CLEAR)
    file.seek(0)
    return file.read(BOUNDS.file_bytes + 1)


def archive(file: BinaryIO) -> zipfile.ZipFile:
    """Open an archive.

    Raises:
        Refused: if it is none, or a broken one.
    """
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise Refused(f"is no zip archive: {error}", ZIP_AGAIN) from None


def _below(root: str, parts: list[str]) -> BinaryIO:
    if not parts:
        return os.fdopen(os.open(root, os.O_RDONLY), "rb")
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    for name in parts[:-1]:
        inner = os.open(name, _FOLDER, dir_fd=folder)
        os.close(folder)
        folder = inner
    file = os.open(parts[-1], _FILE, dir_fd=folder)
    os.close(folder)
    found = kind(os.fstat(file).st_mode)
    if found != "file":
        raise Refused(f"is a {found}, not a file", "hand in the notebook itself")
    return os.fdopen(file, "rb")
