"""Work beside the requests: events and batches that wait for a function."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from localaws.services.context import Context
from localaws.services.lambda_ import environments

_THREADS = 8
_PATIENCE = 45.0
log = logging.getLogger(__name__)


class Work:
    """Runs work in a few threads.

    On a standing clock the work of one lane is done in its order, and who asks waits
    for it, so that two runs of the same calls see the same. A free clock lets it run
    side by side.

    Args:
        context: Whose clock decides.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._standing = context.clock.standing
        self._changed = threading.Condition()
        self._lanes: dict[str, deque[Callable[[], None]]] = {}
        self._active = 0
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="lambda")

    def submit(self, lane: str, work: Callable[[], None]) -> None:
        """Do something soon.

        Args:
            lane: What is done in order, such as a function.
            work: Called once.
        """
        with self._changed:
            self._active += 1
            if self._standing:
                waiting = self._lanes.setdefault(lane, deque())
                waiting.append(work)
                if len(waiting) > 1:
                    return
        self._pool.submit(self._drain if self._standing else self._do, lane, work)

    def _drain(self, lane: str, work: Callable[[], None]) -> None:
        while True:
            self._do(lane, work)
            with self._changed:
                waiting = self._lanes[lane]
                waiting.popleft()
                if not waiting:
                    del self._lanes[lane]
                    return
                work = waiting[0]

    def _do(self, lane: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            log.exception("%s", lane)
        finally:
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    def settle(self) -> None:
        """Wait until nothing is left to do, or for 45 s."""
        with self._changed:
            self._changed.wait_for(lambda: not self._active, _PATIENCE)

    def close(self) -> None:
        """Forget what waits, and end what is done now."""
        environments.of(self._context).kill()
        with self._changed:
            for waiting in self._lanes.values():
                while len(waiting) > 1:
                    waiting.pop()
        self._pool.shutdown(wait=True, cancel_futures=True)


def work_of(context: Context) -> Work:
    """Return the endpoint's work for functions."""
    return context.part(Work)
