"""One clock and one counter of ids for the whole endpoint.

The clock is the time that every service sees. Free running, it is the machine's time
plus what `advance` added. With an epoch it stands still and moves only by what
happens: one second for each change that the learner makes, and the modelled length
of each job. Two runs of the same calls then see the same times.

It never goes back. Where the machine's time does, as it is set or corrected, the
endpoint's goes on from where it was, and is ahead of it from then on.
"""

import datetime as dt
import threading
from collections import Counter

import time_machine

_AHEAD = "seconds ahead"


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
        self._ahead = 0.0
        self._replaying = False
        self._latest: dt.datetime | None = None
        self._unsaved: dict[str, float] = {}
        self.reset()

    @property
    def standing(self) -> bool:
        """Whether the clock moves only by what happens."""
        return self.epoch is not None

    def reset(self) -> None:
        """Return to the start, and count ids from 1 again."""
        start = dt.datetime.fromisoformat(self.epoch) if self.epoch else real_now()
        with self._lock:
            self._run(start, not self.standing)
            self._counts.clear()
            self._ahead = 0.0
            self._unsaved.clear()
            self._real = real_now()

    def _run(self, start: dt.datetime, tick: bool) -> None:
        self.close()
        self._travel = time_machine.travel(start, tick=tick)
        self._coordinates = self._travel.start()

    def close(self) -> None:
        """Give the process its real time back."""
        if self._travel:
            self._travel.stop()
            self._travel = None

    def now(self) -> dt.datetime:
        """Return the time that services see, in UTC."""
        with self._lock:
            real = real_now()
            back, self._real = self._real - real, real
            if back > dt.timedelta() and not self.standing and not self._replaying:
                self._add(back.total_seconds())
            return dt.datetime.now(dt.UTC)

    def _add(self, seconds: float) -> None:
        self._coordinates.shift(dt.timedelta(seconds=seconds))
        if not self.standing:
            self._ahead += seconds
            self._unsaved[_AHEAD] = self._ahead

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
            self._add(seconds)
            return self.now()

    def tick(self, seconds: float = 1) -> None:
        """Let a change take its time, if the clock stands."""
        if self.standing:
            self.advance(seconds)

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
            self._unsaved[kind] = self._counts[kind]
            return self._counts[kind]

    def coming(self, kind: str) -> int:
        """Return the number that `count` would give next."""
        with self._lock:
            return self._counts[kind] + 1

    def unsaved(self) -> dict[str, float]:
        """Return the counts, and how far it is ahead, since they were last saved."""
        with self._lock:
            return dict(self._unsaved)

    def saved(self, values: dict[str, float]) -> None:
        """Take note that values of `unsaved` stand in the journal."""
        with self._lock:
            for name, value in values.items():
                if self._unsaved.get(name) == value:
                    del self._unsaved[name]

    def restore(self, moment: dt.datetime, values: dict[str, float]) -> None:
        """Stand at a moment of the past, with the counts that were saved then."""
        with self._lock:
            if self.standing or self._replaying:
                self._coordinates.move_to(moment)
            else:
                self._run(moment, False)
                self._replaying = True
            self._latest = max(moment, self._latest or moment)
            for name, value in values.items():
                if name == _AHEAD:
                    self._ahead = value
                else:
                    self._counts[name] = max(int(value), self._counts[name])

    def resume(self) -> None:
        """Go on after `restore`: from there if the clock stands, else from now."""
        with self._lock:
            ahead = self._ahead
            if self._replaying:
                self._replaying = False
                real = real_now()
                start = real + dt.timedelta(seconds=ahead)
                if self._latest and self._latest > start:
                    # the machine's time has gone back since
                    start = self._latest
                    ahead = (start - real).total_seconds()
                self._run(start, True)
            elif self._latest:
                self._coordinates.move_to(self._latest)
            self._latest = None
            self._unsaved.clear()
            if ahead != self._ahead:
                self._ahead = self._unsaved[_AHEAD] = ahead
