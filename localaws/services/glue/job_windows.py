"""Windows of streaming runs: each micro-batch begins when the endpoint's clock says so.

Where the clock is moved on by hand, and where it stands, the endpoint waits for the
batches that this has begun, so that two runs of the same calls see the same.
"""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from localaws.glue_runtime import window
from localaws.services.context import Context

# of one request; after three in vain a run is no longer waited for
_PATIENCE, _WAITS = 45.0, 3
# shorter windows are not gone through one by one as the clock is moved on
_LEAST = dt.timedelta(seconds=5)


@dataclass
class _Stream:
    """What is known of one run.

    Attributes:
        folder: Where it looks for its windows.
        length: Of a window.
        number: Of the last window; 0 before the first query has begun.
        due: When the next one begins.
        busy: Whether the run is at work on the last one, or has yet to begin.
        waits: How often it was waited for in vain.
    """

    folder: Path
    length: dt.timedelta = dt.timedelta()
    number: int = 0
    due: dt.datetime | None = None
    busy: bool = True
    waits: int = 0


class Windows:
    """The windows of every streaming run.

    Args:
        context: Where the clock is.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._changed = threading.Condition()
        self._streams: dict[str, _Stream] = {}

    def expect(self, key: str, folder: Path) -> None:
        """Expect the first query of a run.

        Args:
            key: The run.
            folder: Private to it; need not be there yet.
        """
        with self._changed:
            self._streams[key] = _Stream(folder)

    def drop(self, key: str) -> None:
        """Forget a run."""
        with self._changed:
            self._streams.pop(key, None)
            self._changed.notify_all()

    def begun(self, key: str, milliseconds: int) -> None:
        """Let the first window of a run begin.

        Args:
            key: The run.
            milliseconds: Length of a window.
        """
        with self._changed:
            stream = self._streams.get(key)
            if stream is not None:
                stream.length = dt.timedelta(milliseconds=milliseconds)
                self._open(stream, self._context.clock.now())

    def done(self, key: str, number: int) -> None:
        """Take note that a run has done with a window."""
        with self._changed:
            stream = self._streams.get(key)
            if stream is not None and stream.number == number:
                stream.busy, stream.waits = False, 0
                self._changed.notify_all()

    def tick(self) -> dt.datetime | None:
        """Let begin the windows that are due; return when the next one is."""
        context = self._context
        if context.advancing.is_set():
            self._wait(self._idle)
        now = context.clock.now()
        with self._changed:
            for stream in self._streams.values():
                if stream.due and stream.due <= now and not stream.busy:
                    self._open(stream, stream.due)
            long = [one for one in self._streams.values() if one.length >= _LEAST]
            later = [one.due for one in long if one.due and one.due > now]
        if context.advancing.is_set():
            self._wait(self._idle)
        return min(later, default=None)

    def settle(self) -> None:
        """Wait until no run that has begun is at work, or until patience ends."""
        self._wait(self._begun_are_idle)

    def _wait(self, over: Callable[[], bool]) -> None:
        with self._changed:
            if not self._changed.wait_for(over, _PATIENCE):
                for stream in self._streams.values():
                    stream.waits += stream.busy

    def _begun_are_idle(self) -> bool:
        return all(_idle(one) for one in self._streams.values() if one.number)

    def _idle(self) -> bool:
        return all(_idle(one) for one in self._streams.values())

    def _open(self, stream: _Stream, due: dt.datetime) -> None:
        """Let the next window begin; windows that were missed are one."""
        now = self._context.clock.now()
        stream.number += 1
        stream.busy = True
        length = max(stream.length, dt.timedelta(milliseconds=1))
        stream.due = due + length * ((now - due) // length + 1)
        window.write(stream.folder, window.Window(stream.number, now.timestamp()))


def _idle(stream: _Stream) -> bool:
    return not stream.busy or stream.waits >= _WAITS
