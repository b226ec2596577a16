"""How much memory a family of processes takes."""

import contextlib
import sys
from pathlib import Path

import psutil


def tree_bytes(pid: int, limit: int) -> int | None:
    """Memory of everything that descends from `pid`, if it is more than `limit`.

    Returns:
        The bytes, or None when they are within the limit.
    """
    if sys.platform == "linux":
        from localaws.jobs import linux

        pids = linux.descendants(pid)
        if linux.resident_bytes(pids) <= limit:
            return None
        used = linux.proportional_bytes(pids)
    else:
        used = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(pid)
            for one in [parent, *parent.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    used += one.memory_info().rss
    return used if used > limit else None


def own_bytes(pid: int) -> int:
    """Memory that a process and its descendants share with nobody else.

    What a forked process has from the warm parent is not its own.
    """
    used = 0
    for one in _family(pid):
        with contextlib.suppress(psutil.Error):
            used += psutil.Process(one).memory_full_info().uss
    return used


def _family(pid: int) -> list[int]:
    """Return a process and its descendants; Linux's kernel lists children itself."""
    found = [pid]
    try:
        for one in found:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    except OSError:
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(pid).children(recursive=True)
            return [pid, *(child.pid for child in children)]
    return found
