"""Packing and unpacking."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest

from localaws.jobs import ArchiveError, pack, unpack


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "code").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "model.bin").write_bytes(bytes(range(256)))
    (folder / "code" / "run.sh").write_text("echo")
    (folder / "code" / "run.sh").chmod(0o755)
    (folder / "latest").symlink_to("code/run.sh")
    os.link(folder / "model.bin", folder / "again.bin")
    return folder


def test_what_is_packed_comes_out(tree, tmp_path) -> None:
    pack(tree, tmp_path / "a.tar.gz")
    out = tmp_path / "deep" / "out"
    unpack(tmp_path / "a.tar.gz", out)
    names = sorted(one.relative_to(out).as_posix() for one in out.rglob("*"))
    assert names == sorted(one.relative_to(tree).as_posix() for one in tree.rglob("*"))
    assert (out / "again.bin").read_bytes() == bytes(range(256))
    assert (out / "latest").readlink() == Path("code/run.sh")
    assert os.access(out / "code" / "run.sh", os.X_OK)


def test_the_same_tree_gives_the_same_bytes(tree, tmp_path) -> None:
    pack(tree, tmp_path / "a.tar.gz")
    for one in tree.rglob("*"):
        if not one.is_symlink():
            os.utime(one, (1, 1))
    (tree / "model.bin").chmod(0o600)
    pack(tree, tmp_path / "b.tar.gz")
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", "code/../../x"])
def test_links_out_of_the_tree_are_not_packed(tree, tmp_path, target) -> None:
    (tree / "bad").symlink_to(target)
    with pytest.raises(ArchiveError, match="symbolic link bad leaves the folder"):
        pack(tree, tmp_path / "a.tar.gz")
    assert not (tmp_path / "a.tar.gz").exists()


def test_pipes_are_not_packed(tree, tmp_path) -> None:
    os.mkfifo(tree / "pipe")
    with pytest.raises(ArchiveError, match="pipe is neither a file nor a folder"):
        pack(tree, tmp_path / "a.tar.gz")


def hostile(path: Path, *members: tuple[str, dict]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, fields in members:
            member = tarfile.TarInfo(name)
            for key, value in fields.items():
                setattr(member, key, value)
            tar.addfile(member, io.BytesIO(bytes(member.size)))
    return path


LINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE


@pytest.mark.parametrize(
    "members",
    [
        [("../out", {"size": 3})],
        [("a/../../out", {"size": 3})],
        [("link", {"type": LINK, "linkname": "/etc"})],
        [("link", {"type": LINK, "linkname": "../.."})],
        [("hard", {"type": HARD, "linkname": "../../secret"})],
        [("device", {"type": tarfile.CHRTYPE})],
        [("pipe", {"type": tarfile.FIFOTYPE})],
        [
            ("real", {"type": tarfile.DIRTYPE, "mode": 0o755}),
            ("link", {"type": LINK, "linkname": "real"}),
            ("link/file", {"size": 3}),
        ],
    ],
    ids=["up", "up inside", "abs link", "up link", "hard", "dev", "fifo", "behind"],
)
def test_unsafe_members_are_refused(tmp_path, members) -> None:
    archive = hostile(tmp_path / "bad.tar.gz", *members)
    with pytest.raises(ArchiveError):
        unpack(archive, tmp_path / "a" / "b")
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "a" / "out").exists()


def test_absolute_names_stay_inside(tmp_path) -> None:
    archive = hostile(tmp_path / "abs.tar.gz", ("/tmp/inside", {"size": 3}))
    unpack(archive, tmp_path / "out")
    assert (tmp_path / "out" / "tmp" / "inside").is_file()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an archive",
        gzip.compress(b"nor this", mtime=0),
        b"\x1f\x8b\x08broken",
    ],
)
def test_what_is_no_archive_is_told(tmp_path, content) -> None:
    (tmp_path / "x.tar.gz").write_bytes(content)
    with pytest.raises(ArchiveError, match=r"x\.tar\.gz is not a tar\.gz archive"):
        unpack(tmp_path / "x.tar.gz", tmp_path / "out")


def test_a_cut_archive_is_told(tree, tmp_path) -> None:
    (tree / "big").write_bytes(os.urandom(100_000))
    pack(tree, tmp_path / "a.tar.gz")
    whole = (tmp_path / "a.tar.gz").read_bytes()
    (tmp_path / "a.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArchiveError, match="is damaged"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "out")


def test_a_bomb_is_refused_before_it_is_written(tmp_path) -> None:
    archive = hostile(tmp_path / "a.tar.gz", ("big", {"size": 10_000_000}))
    assert archive.stat().st_size < 20_000
    with pytest.raises(ArchiveError, match="larger than 1000 bytes"):
        unpack(archive, tmp_path / "out", limit=1000)
    assert not (tmp_path / "out" / "big").exists()
