"""What the endpoint has done, on disk, so that it outlives a kill of its process.

The journal is a file in the endpoint's home. Each change is appended before it is made
(requests that moto answers, and the state of the rooms that act) with one write(2),
which a kill of the process does not undo; there is no fsync, so the promise does not
hold for a loss of power. `localaws.recovery` reads it when the next endpoint starts:

- every change that was acknowledged is there again, with its ids and its times;
- one that was under way when the process was killed is there whole, or not at all;
- what ran is ended as the service's own failure, or taken up again.

`stop` and `reset` empty the journal; a signal, a kill and idleness keep it. When it
has reached its limit (`LOCALAWS_JOURNAL_BYTES`, 2 GiB), later changes are not kept,
and the endpoint's status says since when.
"""

import contextlib
import datetime as dt
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from localaws import journal_file
from localaws.errors import AwsError, NoSpace

LIMIT = 2 * 2**30


class Carrier:
    """State that goes to disk with the next record.

    Args:
        name: In the record.
        unsaved: Returns what is new, empty for nothing.
        saved: Told what has been written.
        urgent: Whether it is written with no other change as well, after the request
            that has changed it.
    """

    def __init__(
        self,
        name: str,
        unsaved: Callable[[], Any],
        saved: Callable[[Any], None],
        urgent: bool = False,
    ) -> None:
        self.name, self.unsaved, self.saved = name, unsaved, saved
        self.urgent = urgent


class Journal:
    """A file to which changes are appended; safe from any thread.

    Args:
        path: Where; None keeps nothing.
        now: Gives the time of a record.
        carriers: What goes along with records.

    Attributes:
        changes: How many it holds.
        full: Since when changes are not kept any more, or None.
        silent: Set while a journal is replayed: nothing is recorded then.
    """

    def __init__(
        self,
        path: Path | None,
        now: Callable[[], dt.datetime],
        *carriers: Carrier,
    ) -> None:
        self.path = path
        self.carriers = carriers
        self.changes = 0
        self.full: dt.datetime | None = None
        self.silent = path is None
        self._now = now
        self._limit = int(os.environ.get("LOCALAWS_JOURNAL_BYTES", LIMIT))
        self._lock = threading.Lock()
        self._thread = threading.local()
        self._file: int | None = None
        self._size = 0
        self._last: dt.datetime | None = None

    @property
    def asked(self) -> bool:
        """Whether this thread answers a request, which can be told of an error."""
        return getattr(self._thread, "requests", 0) > 0

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Mark this thread as one that answers a request."""
        self._thread.requests = getattr(self._thread, "requests", 0) + 1
        try:
            yield
        finally:
            self._thread.requests -= 1

    def open(self, size: int | None = None, changes: int = 0) -> None:
        """Begin to append: to an empty file, or after the first bytes of one.

        Args:
            size: How many bytes to keep; None for an empty file.
            changes: How many changes these hold.

        Raises:
            OSError: The file cannot be written.
        """
        if self.path is None:
            return
        with self._lock:
            self._close()
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
            self._file = os.open(self.path, flags, 0o600)
            os.ftruncate(self._file, size or 0)
            self._size, self.changes = size or 0, changes
            self.silent = False
            if size is None:
                self._write([journal_file.header()])

    def empty(self) -> None:
        """Forget every change."""
        if self.path is None:
            return
        with self._lock:
            if self._file is not None:
                os.ftruncate(self._file, 0)
                self._size = 0
                self._write([journal_file.header()])
            self.full, self._last, self.changes = None, None, 0

    def close(self, forget: bool = False) -> None:
        """Append no more.

        Args:
            forget: Whether to remove the file; one without changes goes anyway.
        """
        with self._lock:
            ours = self._file is not None
            self._close()
            if self.path and ours and (forget or not self.changes):
                self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        self.silent = True
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def record(
        self,
        kind: str,
        payload: dict[str, Any],
        body: bytes = b"",
        moment: dt.datetime | None = None,
    ) -> dt.datetime:
        """Append one change that is about to be made.

        Args:
            kind: Who takes it up again.
            payload: JSON values, times and bytes.
            body: What is large.
            moment: The time of the change; None means now.

        Returns:
            The time of the change.

        Raises:
            AwsError: 507, the disk is full: the change must not be made.
        """
        if self.silent or self.full:
            return moment or self._now()
        with self._lock:
            moment = moment or self._now()
            carried = {one.name: one.unsaved() for one in self.carriers}
            parts = journal_file.parts(kind, moment, payload, carried, body)
            if self._size + sum(map(len, parts)) > self._limit:
                self._end(moment)
                return moment
            try:
                self._write(parts)
            except OSError as error:
                raise NoSpace(error) from error
            for one in self.carriers:
                one.saved(carried[one.name])
            self._last = moment
            self.changes += kind not in journal_file.PRIVATE
            return moment

    def settle(self, moved: bool) -> None:
        """Keep what no change has carried along.

        Args:
            moved: Whether the clock moves only by what happens.
        """
        if self.silent or self.full or self._last is None:
            return
        due = any(one.unsaved() for one in self.carriers if one.urgent)
        if due or (moved and self._now() != self._last):
            with contextlib.suppress(AwsError):
                self.record("clock", {})

    def _end(self, moment: dt.datetime) -> None:
        """Write that what follows is not kept."""
        self.full = moment
        with contextlib.suppress(OSError):
            self._write(journal_file.parts("full", moment, {}, {}, b""))

    def _write(self, parts: list[bytes]) -> None:
        """Append whole, or not at all."""
        if self._file is None:
            return
        left = sum(map(len, parts))
        try:
            written = os.writev(self._file, parts)
            rest = memoryview(b"".join(parts))[written:] if written < left else b""
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += left
