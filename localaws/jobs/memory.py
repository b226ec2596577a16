"""How much memory a family of processes takes."""

import contextlib
import sys

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
