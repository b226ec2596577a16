"""What happens by itself as time goes by: buffers, retention, lifecycles."""

import contextlib
import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterator, Sequence

from localaws.services.context import Context

Ticker = Callable[[Context], dt.datetime | None]
_LEAST = dt.timedelta(seconds=1)
log = logging.getLogger(__name__)


class Tickers:
    """Lets every service do what is due.

    A ticker does what is due now, and returns when it is next to be called, or None.
    It is called as requests come in, every second while the clock runs, and at each
    such moment that `advance` passes, so that what follows from it has its own time.

    Args:
        context: What the tickers act with.
        tickers: In the order in which they are called.
    """

    def __init__(self, context: Context, tickers: Sequence[Ticker]) -> None:
        self._context = context
        self._tickers = tickers
        self._lock = threading.Lock()

    def tick(self) -> dt.datetime | None:
        """Do what is due; return the time of what is next.

        Their own requests come back here: a round under way is not begun again.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return self._round()
        finally:
            self._lock.release()

    def advance(self, seconds: float) -> dt.datetime:
        """Move the clock on, by way of every moment at which something is due.

        Args:
            seconds: How far; not negative.

        Returns:
            The new time.
        """
        clock = self._context.clock
        if seconds < 0:
            return clock.advance(seconds)
        with self._lock, self._advancing():
            end = clock.now() + dt.timedelta(seconds=seconds)
            due = self._round()
            while due and due < end:
                self._reach(min(max(due, clock.now() + _LEAST), end))
                due = self._round()
            self._reach(end)
            self._round()
            return clock.now()

    @contextlib.contextmanager
    def _advancing(self) -> Iterator[None]:
        self._context.advancing.set()
        try:
            yield
        finally:
            self._context.advancing.clear()

    def _reach(self, moment: dt.datetime) -> None:
        clock = self._context.clock
        clock.advance(max(0.0, (moment - clock.now()).total_seconds()))

    def _round(self) -> dt.datetime | None:
        found = []
        for ticker in self._tickers:
            try:
                due = ticker(self._context)
            except Exception:
                log.exception("%s", ticker)
            else:
                found += [due] if due else []
        return min(found, default=None)
