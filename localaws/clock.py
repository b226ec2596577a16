"""One clock and one counter of ids for the whole endpoint.

The clock is the time that every service sees. Free running, it is the machine's time
plus what `advance` added. With an epoch it stands still and moves only by what
happens: one second for each change that the learner makes, and the modelled length
of each job. Two runs of the same calls then see the same times.
"""

import datetime as dt
import threading
from collections import Counter

import time_machine


def real_now() -> dt.datetime:
    """Return the machine's own time, whatever the endpoint's clock says."""
    if not time_machine.escape_hatch.is_travelling():
        return dt.datetime.now(dt.UTC)
    return time_machine.escape_hatch.datetime.datetime.now(dt.UTC)


class Clock:
    """The virtual clock of this process.

    Args:
        epoch: ISO 8601 time at which a standing clock starts; None runs freely.
    """

    def __init__(self, epoch: str | None = None) -> None:
        self.epoch = epoch
        self._lock = threading.RLock()
        self._travel: time_machine.travel | None = None
        self._counts: Counter[str] = Counter()
        self.reset()

    @property
    def standing(self) -> bool:
        """Whether the clock moves only by what happens."""
        return self.epoch is not None

    def reset(self) -> None:
        """Return to the start, and count ids from 1 again."""
        start = dt.datetime.fromisoformat(self.epoch) if self.epoch else real_now()
        with self._lock:
            self.close()
            self._travel = time_machine.travel(start, tick=not self.standing)
            self._coordinates = self._travel.start()
            self._counts.clear()

    def close(self) -> None:
        """Give the process its real time back."""
        if self._travel:
            self._travel.stop()
            self._travel = None

    def now(self) -> dt.datetime:
        """Return the time that services see, in UTC."""
        return dt.datetime.now(dt.UTC)

    def advance(self, seconds: float) -> dt.datetime:
        """Move the clock on.

        Args:
            seconds: How far; the clock never goes back.

        Returns:
            The new time.
        """
        if seconds < 0:
            raise ValueError(f"the clock cannot go back: asked for {seconds} s")
        with self._lock:
            self._coordinates.shift(dt.timedelta(seconds=seconds))
            return self.now()

    def tick(self) -> None:
        """Let a change take its second, if the clock stands."""
        if self.standing:
            self.advance(1)

    def elapse(self, since: dt.datetime, modelled: float) -> dt.datetime:
        """Return when work that began at `since` ended.

        Free running, that is now. Standing, it is `since` plus the modelled seconds,
        and the clock is taken there if it was earlier, so that work done side by
        side takes the time of the longest part.
        """
        if not self.standing:
            return self.now()
        end = since + dt.timedelta(seconds=modelled)
        with self._lock:
            self._coordinates.shift(max(end - self.now(), dt.timedelta()))
        return end

    def count(self, kind: str) -> int:
        """Return the next number of a kind of id, from 1."""
        with self._lock:
            self._counts[kind] += 1
            return self._counts[kind]
