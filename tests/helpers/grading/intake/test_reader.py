"""The reading process: it knows nothing, and what kills a fork of it kills no other."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from helpers.grading.intake.reading import Reader, Unread
from tests.helpers.grading.intake.small import text


@pytest.fixture
def reader():
    with Reader() as reader:
        yield reader


@pytest.fixture
def place(tmp_path):
    (tmp_path / "a.ipynb").write_text(text())
    return {"root": str(tmp_path), "parts": ["a.ipynb"], "members": []}


def process():
    # not by number: those begin anew after the largest
    return max(psutil.Process().children(), key=psutil.Process.create_time)


def test_it_has_no_environment_and_no_course(reader, place, monkeypatch):
    reader.notebook(place)
    assert Path(f"/proc/{process().pid}/environ").read_bytes() == b""
    assert process().cwd() == "/"
    mapped = {Path(each.path).name for each in process().memory_maps()}
    assert not [name for name in mapped if "numpy" in name or "pandas" in name]


def test_it_may_write_no_file(reader, place):
    reader.notebook(place)
    assert process().rlimit(psutil.RLIMIT_FSIZE) == (0, 0)


def test_it_is_made_anew_if_somebody_kills_it(reader, place):
    reader.notebook(place)
    os.kill(process().pid, signal.SIGKILL)
    assert len(reader.notebook(place)["cells"]) == 6


def test_it_ends_with_its_reader(place):
    with Reader() as reader:
        reader.notebook(place)
        pid = process().pid
    assert not psutil.pid_exists(pid)


def test_a_file_that_takes_too_much_memory_is_a_refusal(reader, place):
    path = Path(place["root"]) / "a.ipynb"
    path.write_text("[" + "[]," * 15_000_000 + "[]]")
    with pytest.raises(Unread, match="takes more than 1 GB of memory to read"):
        reader.notebook(place)
    path.write_text(text())
    assert len(reader.notebook(place)["cells"]) == 6


def test_a_fork_that_hangs_or_dies_is_a_refusal(reader, place):
    fifo = Path(place["root"]) / "pipe"
    os.mkfifo(fifo)
    hanging = {"root": str(fifo), "parts": [], "members": []}
    killer = Killer(process())
    with pytest.raises(Unread, match="its reader was ended by signal 9"):
        killer.run(lambda: reader.notebook(hanging))
    assert len(reader.notebook(place)["cells"]) == 6


KILLS = """
import sys, time
import psutil
end = time.monotonic() + 30
while time.monotonic() < end:
    for fork in psutil.Process(int(sys.argv[1])).children():
        fork.kill()
        sys.exit()
    time.sleep(0.01)
"""


class Killer:
    """Kills the fork of a process as soon as there is one."""

    def __init__(self, parent):
        self.parent = parent

    def run(self, function):
        killer = [sys.executable, "-c", KILLS, str(self.parent.pid)]
        with subprocess.Popen(killer) as running:
            try:
                function()
            finally:
                running.kill()
