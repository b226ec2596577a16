"""Folders: what is no file is refused; of several files one is graded."""

import contextlib
import os
import socket

import pytest

from helpers.grading.intake import NoSubmissions, reading
from tests.helpers.grading.intake import small
from tests.helpers.grading.intake.small import cell, text

NAME = "lab_9_9.ipynb"
NO_FILE = "no notebook was handed in, nor any other file"


def folder(root, name):
    made = root / name
    made.mkdir(parents=True)
    return made


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("class")
    secret = root.parent / "secret.ipynb"
    secret.write_text(text())
    (folder(root, "plain") / NAME).write_text(text())
    (folder(root, "link") / NAME).symlink_to(secret)
    root.joinpath("link_to_zoe").symlink_to(root / "plain")
    (folder(root, "linked_folder") / "inner").symlink_to(root / "plain")
    os.mkfifo(folder(root, "pipe") / NAME)
    folder(root, f"directory/{NAME}")
    folder(root, "empty")
    (folder(root, "hard") / NAME).hardlink_to(root / "plain" / NAME)
    made = folder(root, "crowd")
    for number in range(2001):
        (made / f"{number:04}.txt").touch()
    (made / "z.ipynb").write_text(text())
    (folder(root, "deep/a/b") / NAME).write_text(text())
    (folder(root, "hidden/.ipynb_checkpoints") / NAME).write_text(text())
    made = folder(root, "other_files")
    (made / "report.pdf").touch()
    (made / "lab_9_9.py").touch()
    made = folder(root, "several")
    (made / "notes.ipynb").write_text(text([cell("1")]))
    (made / "lab_9_9 (1).ipynb").write_text(text([cell("2")]))
    (made / NAME).write_text(text())
    (made / "pandas.py").touch()
    made = folder(root, "copies")
    (made / "lab_9_9 (1).ipynb").write_text(text([cell("2")]))
    (made / "lab_9_9 (2).ipynb").write_text(text())
    made = folder(root, "one_broken")
    (made / NAME).write_text("{")
    (made / "lab_9_9 (1).ipynb").write_text(text())
    (folder(root, "loud") / "LAB_9_9.IPYNB").write_text(text())
    (folder(root, "\u202egnp.x\x1b[31m\n") / NAME).write_text(text())
    (folder(root, os.fsdecode(b"b\xffd")) / NAME).write_text(text())
    return root


@pytest.fixture(scope="module")
def found(root):
    folder(root, "socket")
    with socket.socket(socket.AF_UNIX) as listener:
        # the path of a socket has 108 bytes at most
        with contextlib.chdir(root):
            listener.bind(f"socket/{NAME}")
        return small.read(root)


REFUSED = {
    "link": (f"link/{NAME}", "is a link, and links are not followed"),
    "pipe": (f"pipe/{NAME}", "is a named pipe, not a file"),
    "socket": (f"socket/{NAME}", "is a socket, not a file"),
    "directory": (f"directory/{NAME}", "is a folder, not a file"),
    "linked_folder": (
        "linked_folder/inner",
        "is a link, and links are not followed",
    ),
    "empty": ("", NO_FILE),
    "hidden": ("", NO_FILE),
    "crowd": ("crowd/2000.txt", "is one of more than 2,000 files"),
    "other_files": ("lab_9_9.py, report.pdf", "no notebook was handed in"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(found, name):
    rejection = found[name].rejection
    assert (rejection.file, rejection.reason) == REFUSED[name]
    assert rejection.next


@pytest.mark.parametrize("name", ["plain", "hard", "deep", "loud"])
def test_it_is_read(found, name):
    assert found[name].rejection is None
    assert found[name].work["notes"] == []


def test_a_link_beside_the_folders_is_nobodys(found):
    assert "link_to_zoe" not in found


def test_one_of_several_is_graded_and_the_report_says_which(found):
    work = found["several"].work
    assert work["file"] == f"several/{NAME}"
    assert work["notes"] == [
        f"graded is several/{NAME}, not several/lab_9_9 (1).ipynb, several/notes.ipynb",
        "not used, as only the notebook is graded: several/pandas.py",
    ]


def test_the_last_copy_counts(found):
    assert found["copies"].work["file"] == "copies/lab_9_9 (2).ipynb"


def test_what_is_readable_is_graded_in_place_of_what_is_not(found):
    work = found["one_broken"].work
    assert work["file"] == "one_broken/lab_9_9 (1).ipynb"
    assert work["notes"][0].startswith(f"one_broken/{NAME} is not JSON")


def test_names_are_made_fit_for_reports(found):
    odd = {key: each.work for key, each in found.items() if each.work["file"].isascii()}
    marked = next(each for each in odd.values() if "gnp" in each["student"])
    assert marked["student"] == "\\u202egnp.x\\x1b[31m\\x0a"
    assert marked["submission"] == "_gnp.x__31m_"
    broken = next(each for each in odd.values() if each["student"].startswith("b\\"))
    assert broken["student"] == "b\\udcffd"


def test_a_file_that_vanishes_is_refused(root, tmp_path, monkeypatch):
    (folder(tmp_path, "amy") / NAME).write_text(text())
    ask = reading.Reader.notebook

    def late(reader, place):
        (tmp_path / "amy" / NAME).unlink()
        return ask(reader, place)

    monkeypatch.setattr(reading.Reader, "notebook", late)
    rejection = small.read(tmp_path)["amy"].rejection
    assert rejection.reason == "cannot be read: No such file or directory"


def test_a_file_that_becomes_a_link_is_not_followed(tmp_path, monkeypatch):
    (folder(tmp_path, "amy") / NAME).write_text(text())
    ask = reading.Reader.notebook

    def swapped(reader, place):
        (tmp_path / "amy" / NAME).unlink()
        (tmp_path / "amy" / NAME).symlink_to("/etc/passwd")
        return ask(reader, place)

    monkeypatch.setattr(reading.Reader, "notebook", swapped)
    rejection = small.read(tmp_path)["amy"].rejection
    assert rejection.reason.startswith("cannot be read: Too many levels of symbolic")


def test_one_notebook_alone_is_a_class_of_one(tmp_path):
    (tmp_path / "amy_lab_9_9.ipynb").write_text(text())
    found = small.read(tmp_path / "amy_lab_9_9.ipynb")
    assert found["amy"].work["student"] == "amy"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent", "no such file or folder"),
        ("empty", "holds nothing that could be a submission"),
        ("text.zip", "is no zip archive"),
    ],
)
def test_what_is_no_class_is_refused(tmp_path, name, said):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(NoSubmissions, match=said):
        small.read(tmp_path / name)
