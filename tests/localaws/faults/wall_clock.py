"""A wall clock of the endpoint's own that jumps while the endpoint runs.

A small library is put before the C library: neither Debian's faketime 0.9.10, with
which `time.sleep` of Python 3.11 fails where the monotonic clock is left alone, nor
the package libfaketime, which must be compiled at its installation, would do.
"""

import contextlib
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from localaws.clock import real_now

SOURCE = Path(__file__).with_name("wall_clock.c")


class WallClock:
    """The wall clock of processes that are started with its variables.

    Args:
        folder: For the library and the file that it reads.
        patch: Sets the variables.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("needs a C compiler")
        library = folder / "wall_clock.so"
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"]
        subprocess.run(command, check=True, timeout=60)
        self._file = folder / "wall_clock"
        self._file.write_bytes(struct.pack("q", 0))
        patch.setenv("WALL_CLOCK", str(self._file))
        patch.setenv("LD_PRELOAD", str(library))

    @contextlib.contextmanager
    def jumped(self, seconds: int) -> Iterator[None]:
        """Let the clock jump, and this process' own with it; then jump back."""
        self._set(seconds)
        try:
            with time_machine.travel(real_now().timestamp() + seconds):
                yield
        finally:
            self._set(0)

    def _set(self, seconds: int) -> None:
        with self._file.open("r+b") as file:
            file.write(struct.pack("q", seconds))
