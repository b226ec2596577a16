import os
import sys
import tempfile
from pathlib import Path

import pytest

from helpers.kernels.client import UnavailableError, fork_kernel, parents_folder


@pytest.fixture
def folder(monkeypatch):
    # The name of a socket has 108 bytes at most: pytest's folders are too deep.
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        yield Path(short) / f"mla-kernels-{os.getuid()}"


def test_the_folder_is_private(folder):
    assert parents_folder() == folder
    assert folder.stat().st_mode & 0o777 == 0o700


def test_an_open_folder_is_refused(folder):
    folder.mkdir(mode=0o755)
    with pytest.raises(UnavailableError, match="not a private folder"):
        parents_folder()


def test_a_link_is_refused(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnavailableError, match="not a private folder"):
        parents_folder()


def test_an_interpreter_without_the_course_is_refused(folder):
    with pytest.raises(UnavailableError, match="did not start"):
        fork_kernel([sys.executable, "-I", "-S"], [], {}, "/", [0, 1, 2])
