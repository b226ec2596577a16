"""What the tests know of the processes of `stubborn.py`."""

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from tests.localaws.faults.stubborn import KINDS

SOURCE = Path(__file__).with_name("stubborn.py").read_text()
JOB = f"{SOURCE}\nbegin()\nstay()\n"
MODEL = f"""{SOURCE}
def model_fn(folder):
    begin()

def transform_fn(model, data, content_type, accept):
    stay()
"""
# What the promise is: nothing is left so many seconds after a stop. They are counted in
# looks, so that time in which this process gets no core either does not count.
SECONDS = 5.0
PAUSE = 0.02


def wait(folder: Path, *kinds: str) -> None:
    """Wait until processes are as stubborn as they get."""
    end = time.monotonic() + 60
    wanted = [folder / f"{kind}.ready" for kind in kinds or KINDS]
    while not all(path.exists() for path in wanted):
        assert time.monotonic() < end, sorted(path.name for path in folder.iterdir())
        time.sleep(0.02)
    if "frozen" in (kinds or KINDS):
        for pid in pids(folder, "frozen"):
            os.kill(pid, signal.SIGSTOP)


def pids(folder: Path, kind: str) -> list[int]:
    """Return the processes that one way has made until now."""
    path = folder / kind
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def left(*folders: Path) -> dict[str, list[int]]:
    """Return what lives still, by the way that made it."""
    alive = {
        f"{folder.name} {kind}": [*filter(lives, pids(folder, kind))]
        for folder in folders
        for kind in KINDS
    }
    return {name: found for name, found in alive.items() if found}


def lives(pid: int) -> bool:
    """Return whether a process runs; one that waits for its burial does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def check_none_left(*folders: Path, others: Iterable[int] = ()) -> None:
    """Assert that nothing is left `SECONDS` from now.

    Args:
        folders: Where stubborn processes wrote their ids.
        others: Further processes.
    """
    found: dict[str, list[int]] = {}
    for _ in range(round(SECONDS / PAUSE)):
        began = time.monotonic()
        found = left(*folders) | {"others": [*filter(lives, others)]}
        if not any(found.values()):
            return
        time.sleep(max(0.0, PAUSE - (time.monotonic() - began)))
    raise AssertionError(f"left after {SECONDS} s: {found}")
