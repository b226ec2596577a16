"""The works of a class, on the disk: thousands of notebooks are not kept in memory."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from helpers.grading.intake import Rejection, Submission

JSON = dict[str, Any]


class Spool:
    """Keeps works until they are graded, in a nameless file; gives their keys."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._at: dict[str, tuple[int, int]] = {}
        self.digests: dict[str, str] = {}
        self.rejections: dict[str, Rejection] = {}

    def __enter__(self) -> Self:
        """Keep works."""
        self._file = tempfile.TemporaryFile(dir=self._out)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Forget them."""
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        return iter(self._at)

    def __len__(self) -> int:
        return len(self._at)

    def keep(self, submission: Submission) -> None:
        """Keep one."""
        line = json.dumps(submission.work).encode()
        self._at[submission.key] = (self._file.seek(0, 2), len(line))
        self._file.write(line)
        rejection = submission.rejection
        reason = f" {rejection.file}: {rejection.reason}" if rejection else ""
        self.digests[submission.key] = submission.digest + reason
        if rejection:
            self.rejections[submission.key] = rejection

    def work(self, key: str) -> JSON:
        """Read one again."""
        at, length = self._at[key]
        self._file.seek(at)
        return json.loads(self._file.read(length))
