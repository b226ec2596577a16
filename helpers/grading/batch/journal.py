"""`results.jsonl`: a line a submission, on the disk before the next one counts."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from helpers.grading.batch import ending, plan

JSON = dict[str, Any]
FILE = "results.jsonl"
LEFT = "infrastructure"


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold the folder of a run.

    Raises:
        Ended: if another grader holds it.
    """
    folder = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ending.refused(f"{out}: another grader is at work") from None
        yield
    finally:
        os.close(folder)


class Journal:
    """The results of a run so far."""

    def __init__(self, out: Path) -> None:
        self.out, self.path = out, out / FILE
        self._at: dict[str, tuple[int, int]] = {}
        self.verdicts: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Open it, and drop a last line that was not written to its end.

        Raises:
            Ended: if another line is damaged.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        self._file = os.open(self.path, flags, 0o600)
        self._recover()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        os.close(self._file)

    def __contains__(self, key: str) -> bool:
        return self.verdicts.get(key, LEFT) != LEFT

    def append(self, result: JSON) -> None:
        """Add a result: the whole line is on the disk, or nothing of it.

        Raises:
            Ended: if the disk is full.
        """
        line = json.dumps(result).encode() + b"\n"
        size = os.fstat(self._file).st_size
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, size)
            said = f"{self.path}: {error.strerror}. Make room, and run it again"
            raise ending.left(f"{said}: nothing that is graded is lost") from None
        self._note(result, size, len(line))

    def results(self, verdict: str) -> list[JSON]:
        """Read the results of one verdict again, in the order of the keys."""
        keys = sorted(key for key, each in self.verdicts.items() if each == verdict)
        return [json.loads(self._line(key)) for key in keys]

    def settle(self) -> None:
        """Put the lines in the order of the keys, one a submission.

        Raises:
            Ended: if the disk is full; then the journal stays as it is.
        """
        try:
            plan.replace(self.path, (self._line(key) for key in sorted(self._at)))
        except OSError as error:
            said = f"{self.path}: {error.strerror}. Make room, and run it again"
            raise ending.left(said) from None

    def _line(self, key: str) -> bytes:
        at, length = self._at[key]
        return os.pread(self._file, length, at)

    def _recover(self) -> None:
        at = 0
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    if not line.endswith(b"\n"):
                        raise ValueError("it has no end")
                    self._note(json.loads(line), at, len(line))
                except (ValueError, KeyError, TypeError):
                    if lines.read(1):
                        said = f"{self.path}: line {number} is damaged; use --fresh"
                        raise ending.refused(said) from None
                    break
                at += len(line)
        os.ftruncate(self._file, at)

    def _note(self, result: JSON, at: int, length: int) -> None:
        self.verdicts[result["submission"]] = result["verdict"]
        self._at[result["submission"]] = (at, length)
