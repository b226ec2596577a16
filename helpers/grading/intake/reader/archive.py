"""Zip archives: what they list, and one entry of them; nothing is ever unpacked."""

import re
import stat
import zipfile
import zlib
from collections import Counter
from typing import Any

from .bounds import BOUNDS
from .refusal import ZIP_AGAIN, Refused, size

_DRIVE = re.compile(r"[A-Za-z]:")


def listing(archive: zipfile.ZipFile, whole_class: bool) -> list[dict[str, Any]]:
    """Give the entries of an archive, each with what it is.

    Args:
        archive: the archive.
        whole_class: whether it comes from an LMS; one student's may hold less.

    Raises:
        Refused: if a student's archive holds more than a student hands in.
    """
    infos = archive.infolist()
    most = BOUNDS.listed if whole_class else BOUNDS.entries
    if len(infos) > most:
        raise Refused(
            f"has {len(infos):,} entries; at most {most:,} are read", ZIP_AGAIN
        )
    total = sum(info.file_size for info in infos)
    if not whole_class and total > BOUNDS.unpacked_bytes:
        limit = size(BOUNDS.unpacked_bytes)
        raise Refused(f"unpacks to {size(total)}; at most {limit} are read", ZIP_AGAIN)
    names = Counter(info.filename for info in infos)
    return [
        {
            "name": info.filename.replace("\\", "/"),
            "kind": "duplicate" if names[info.filename] > 1 else _kind(info),
            "size": info.file_size,
            "index": index,
        }
        for index, info in enumerate(infos)
        if not info.is_dir()
    ]


def member(archive: zipfile.ZipFile, index: int, limit: int) -> bytes:
    """Read one entry.

    Raises:
        Refused: if it is too large, packed by an unknown method, or damaged.
    """
    info = archive.infolist()[index]
    if info.file_size > limit:
        reason = f"unpacks to {size(info.file_size)}; at most {size(limit)} are read"
        raise Refused(reason, ZIP_AGAIN)
    try:
        with archive.open(info) as file:
            return file.read(limit)
    except NotImplementedError:
        reason = f"is packed by method {info.compress_type}, which is not read"
        raise Refused(reason, ZIP_AGAIN) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise Refused(f"is damaged in its archive: {error}", ZIP_AGAIN) from None


def _kind(info: zipfile.ZipInfo) -> str:
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
        return "outside"
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "link" if stat.S_ISLNK(mode) else "device"
    if info.flag_bits & 1:
        return "encrypted"
    large = info.file_size > BOUNDS.bomb_bytes
    return (
        "bomb"
        if large and info.file_size > BOUNDS.ratio * info.compress_size
        else "file"
    )
