"""Work of the services that goes on after the request that asked for it."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from localaws.services.context import Context

_THREADS = 4
_PATIENCE = 60.0
log = logging.getLogger(__name__)


class Background:
    """Runs work in a few threads.

    On a standing clock it is done one after the other, and the learner's next request
    waits for it, so that two runs of the same calls see the same.

    Args:
        context: Whose clock decides.
    """

    def __init__(self, context: Context) -> None:
        self._changed = threading.Condition()
        self._active = 0
        count = 1 if context.clock.standing else _THREADS
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="background")
        self.closed = False

    def submit(self, work: Callable[..., None], *arguments: Any) -> None:
        """Do something soon."""
        with self._changed:
            if self.closed:
                return
            self._active += 1
        self._pool.submit(self._do, work, *arguments)

    def _do(self, work: Callable[..., None], *arguments: Any) -> None:
        try:
            work(*arguments)
        except Exception:
            log.exception("%s", work)
        finally:
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    def settle(self) -> None:
        """Wait until nothing is left to do, or for a minute."""
        with self._changed:
            self._changed.wait_for(lambda: not self._active, _PATIENCE)

    def close(self) -> None:
        """Begin nothing more, and wait for what is done now."""
        with self._changed:
            self.closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)
