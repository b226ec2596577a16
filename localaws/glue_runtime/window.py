"""The windows of a stream: the endpoint's clock says when a micro-batch begins.

The job tells the endpoint, in marked lines of its log, that a query has begun and
that a window is over; the endpoint writes the number of the last window into a file.
"""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "\x1d"
FILE = "window.json"
_PATIENCE = 60.0
_POLL = 0.02
# what a query has that does not run under forEachBatch
SECOND = 1000
length = SECOND


@dataclass(frozen=True)
class Window:
    """The last window that has begun.

    Attributes:
        number: From 1; 0 before the first.
        now: Seconds since 1970 at which it began.
    """

    number: int
    now: float


def streaming() -> bool:
    """Return whether this is a streaming job."""
    return (_folder() / FILE).is_file()


def write(folder: Path, window: Window) -> None:
    """Let a window begin; called by the endpoint.

    Args:
        folder: Private to the run.
        window: The window.
    """
    half = folder / f"{FILE}.half"
    half.write_text(json.dumps([window.number, window.now]))
    half.rename(folder / FILE)


def last() -> Window:
    """Return the last window that has begun."""
    return Window(*json.loads((_folder() / FILE).read_text()))


def begin() -> Window:
    """Return the last window; the first query lets the first one begin."""
    found, end = last(), time.monotonic() + _PATIENCE
    if not found.number:
        tell(begun=length)
    while not found.number:
        if time.monotonic() > end:
            raise TimeoutError("the endpoint has not answered")
        time.sleep(_POLL)
        found = last()
    return found


def tell(**message: Any) -> None:
    """Tell the endpoint something."""
    sys.stdout.flush()
    os.write(1, f"{MARK}{json.dumps(message)}\n".encode())


def _folder() -> Path:
    return Path(os.environ["GLUE_RUN"])
