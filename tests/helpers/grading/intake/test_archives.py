"""Archives: nothing is unpacked, and no entry leads anywhere but into memory."""

import io
import stat
import struct
import warnings
import zipfile

import pytest

from helpers.grading.intake import NoSubmissions
from tests.helpers.grading.intake import small
from tests.helpers.grading.intake.small import text

NAME = "lab_9_9.ipynb"


def archive(entries, method=zipfile.ZIP_DEFLATED):
    """Make an archive of (name or info, content)."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as made:
        warnings.simplefilter("ignore", UserWarning)
        for name, content in entries:
            made.writestr(name, content)
    return out.getvalue()


def with_flag(raw, offset, value, signature=b"PK\x01\x02"):
    """Change a field of the first entry in the central directory."""
    at = raw.index(signature) + offset
    return raw[:at] + struct.pack("<H", value) + raw[at + 2 :]


def special(mode, target="/etc/passwd"):
    info = zipfile.ZipInfo(NAME)
    info.external_attr = mode << 16
    return archive([(info, target)])


def damaged():
    raw = archive([(NAME, text())], zipfile.ZIP_STORED)
    return raw.replace(b"return a + b", b"return a - b")


def many():
    return archive([(f"{number}.txt", "") for number in range(2001)])


def vast():
    zeros = bytes(40 << 20)
    raw = archive([(NAME, zeros)])
    at = raw.index(b"PK\x01\x02") + 24
    return raw[:at] + struct.pack("<I", 0xFFFFFF00) + raw[at + 4 :]


REFUSED = {
    "link": (special(stat.S_IFLNK | 0o777), "is a link"),
    "pipe": (special(stat.S_IFIFO | 0o644), "is a device"),
    "up": (archive([("../../zoe/" + NAME, text())]), "names a place outside"),
    "absolute": (archive([("/etc/" + NAME, text())]), "names a place outside"),
    "drive": (archive([("C:\\" + NAME, text())]), "names a place outside"),
    "encrypted": (with_flag(archive([(NAME, text())]), 8, 1), "is encrypted"),
    "twice": (archive([(NAME, text()), (NAME, "{}")]), "more than once"),
    "bomb": (archive([(NAME, bytes(40 << 20))]), "unpacks to more than 200 times"),
    "vast": (vast(), "unpacks to 4,295 MB; at most 1,074 MB"),
    "many": (many(), "has 2,001 entries; at most 2,000 are read"),
    "method": (with_flag(archive([(NAME, text())]), 10, 97), "is packed by method 97"),
    "damaged": (damaged(), "is damaged in its archive: Bad CRC-32"),
    "cut_off": (archive([(NAME, text())])[:-30], "is no zip archive"),
    "no_notebook": (archive([("a.txt", "")]), "no notebook was handed in"),
    "nested_twice": (
        archive([("inner.zip", archive([(NAME, text())]))]),
        "no notebook was handed in",
    ),
}
READ = {
    "plain": archive([(NAME, text())]),
    "stored": archive([(NAME, text())], zipfile.ZIP_STORED),
    "bzip2": archive([(NAME, text())], zipfile.ZIP_BZIP2),
    "lzma": archive([(NAME, text())], zipfile.ZIP_LZMA),
    "in_a_folder": archive([("my lab/" + NAME, text())]),
    "backslashes": archive([("my lab\\" + NAME, text())]),
    "of_a_mac": archive([(NAME, text()), ("__MACOSX/._" + NAME, "junk")]),
    "long_names": archive([("x" * 4000 + "/" + NAME, text()), ("y" * 4000, "")]),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("class")
    for name, (raw, _) in REFUSED.items():
        (root / name).mkdir()
        (root / name / "mine.zip").write_bytes(raw)
    for name, raw in READ.items():
        (root / name).mkdir()
        (root / name / "mine.zip").write_bytes(raw)
    return root


@pytest.fixture(scope="module")
def found(root):
    before = sorted(root.rglob("*"))
    found = small.read(root)
    assert sorted(root.rglob("*")) == before
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(found, name):
    rejection = found[name].rejection
    assert REFUSED[name][1] in rejection.reason
    assert "mine.zip" in rejection.file
    assert rejection.next


@pytest.mark.parametrize("name", READ)
def test_it_is_read(found, name):
    assert found[name].rejection is None
    assert small.told(found[name]) == small.WHOLE


def test_long_names_are_cut_for_the_report(found):
    assert len(found["long_names"].work["file"]) == 200


def test_the_archive_of_a_class_has_a_bad_entry_and_good_ones(tmp_path):
    nested = archive([(NAME, text())])
    info = zipfile.ZipInfo(f"lin/{NAME}")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    raw = archive(
        [
            (f"amy/{NAME}", text()),
            (f"bob/{NAME}", bytes(40 << 20)),
            (info, "../amy/" + NAME),
            (f"../amy/{NAME}", text([])),
            (f"/amy/{NAME}", text([])),
            ("zoe/mine.zip", nested),
            (f"eve/../amy/{NAME}", text([])),
            ("readme.txt", ""),
        ]
    )
    (tmp_path / "class.zip").write_bytes(raw)
    found = small.read(tmp_path / "class.zip")
    assert {key: bool(each.rejection) for key, each in found.items()} == {
        "_amy_": True,
        "_amy_-2": True,
        "amy": False,
        "bob": True,
        "eve_.._amy_": True,
        "lin": True,
        "zoe": False,
    }
    assert found["amy"].work["notes"] == []
    assert sorted(tmp_path.iterdir()) == [tmp_path / "class.zip"]


def test_the_folder_round_a_class_is_taken_off(tmp_path):
    raw = archive([(f"term 1/{who}/{NAME}", text()) for who in ("amy", "bob")])
    (tmp_path / "class.zip").write_bytes(raw)
    assert set(small.read(tmp_path / "class.zip")) == {"amy", "bob"}


def test_one_student_alone_keeps_her_folder(tmp_path):
    (tmp_path / "class.zip").write_bytes(archive([(f"amy/{NAME}", text())]))
    assert set(small.read(tmp_path / "class.zip")) == {"amy"}


def test_too_many_entries_are_no_class(tmp_path, monkeypatch):
    (tmp_path / "class.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    with pytest.raises(NoSubmissions, match="holds nothing"):
        small.read(tmp_path / "class.zip")
