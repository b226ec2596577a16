"""model.tar.gz and sourcedir.tar.gz: the same bytes every time, nothing unsafe out."""

import gzip
import stat
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from localaws.jobs.errors import ArchiveError


def pack(folder: Path, archive: Path) -> None:
    """Write what `folder` holds to a tar.gz; the same tree gives the same bytes.

    Owners, times and umask do not count; whether a file is executable does.

    Args:
        folder: the tree; its own name is not part of the member names.
        archive: the file to write, outside `folder`.

    Raises:
        ArchiveError: a symbolic link leaves the tree, or something is not a file.
    """
    # checked first, so that a refusal leaves no half archive
    members = list(_members(folder))
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path, member in members:
            if member.isreg():
                with path.open("rb") as content:
                    tar.addfile(member, content)
            else:
                tar.addfile(member)


def _members(folder: Path) -> Iterator[tuple[Path, tarfile.TarInfo]]:
    top = folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        member = tarfile.TarInfo(name)
        status = path.lstat()
        member.mode = 0o755 if status.st_mode & 0o111 else 0o644
        if stat.S_ISLNK(status.st_mode):
            target = path.readlink()
            if target.is_absolute() or not path.resolve().is_relative_to(top):
                raise ArchiveError(f"symbolic link {name} leaves the folder: {target}")
            member.type, member.linkname = tarfile.SYMTYPE, target.as_posix()
        elif stat.S_ISDIR(status.st_mode):
            member.type, member.mode = tarfile.DIRTYPE, 0o755
        elif stat.S_ISREG(status.st_mode):
            member.size = status.st_size
        else:
            raise ArchiveError(f"{name} is neither a file nor a folder")
        yield path, member


def unpack(archive: Path, folder: Path, *, limit: int | None = None) -> None:
    """Unpack a tar archive (gzip or plain) into `folder`, which is made if need be.

    Args:
        archive: the file to read.
        folder: where the members go.
        limit: bytes that the members may have together; None for no limit.

    Raises:
        ArchiveError: the file is no archive, is cut short or too large, or a member
            would leave the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open("rb") as raw, _open(raw) as tar:
            _extract(tar, folder, limit)
    except tarfile.FilterError as error:
        raise ArchiveError(f"{archive.name} is refused: {error}") from error
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{archive.name} is not a tar.gz archive, or is damaged: {error}"
        raise ArchiveError(message) from error


def _open(raw: BinaryIO) -> tarfile.TarFile:
    return tarfile.open(fileobj=raw, mode="r:*")


def _extract(tar: tarfile.TarFile, folder: Path, limit: int | None) -> None:
    total = 0
    links: set[PurePosixPath] = set()
    for member in tar:
        total += member.size
        if limit is not None and total > limit:
            raise ArchiveError(f"unpacked, {tar.name} is larger than {limit} bytes")
        # the standard filter of early 3.11 to 3.13 lets a chain of links get out
        path = PurePosixPath(member.name)
        if links.intersection(path.parents):
            raise ArchiveError(f"member {member.name} lies behind a symbolic link")
        if member.issym():
            links.add(path)
        tar.extract(member, folder, filter="data")
