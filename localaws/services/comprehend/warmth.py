"""The process from which everything that looks for personal data is forked.

It reads the model once, when it is first needed, and its forks share the memory.
"""

import threading

from localaws.jobs import Parent
from localaws.services.context import Context

_PRELOAD = (
    "pyarrow.parquet",
    "fastavro",
    "boto3",
    "localaws.pii.documents",
    "localaws.pii.discovery.run",
    "localaws.pii.warmed",
)


class Warmth:
    """Holds that process.

    Args:
        context: The endpoint, of which the process knows nothing.
    """

    def __init__(self, context: Context) -> None:
        self._lock = threading.Lock()
        self._warm = context.warm
        self._parent: Parent | None = None

    @property
    def parent(self) -> Parent:
        """The process, started at the first call."""
        with self._lock:
            if self._parent is None:
                self._parent = self._warm.also(_PRELOAD)
            return self._parent

    def close(self) -> None:
        """End it, and what was forked from it."""
        with self._lock:
            if self._parent is not None:
                self._parent.close()
                self._parent = None
