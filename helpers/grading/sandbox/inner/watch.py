"""What the processes of a pod use, seen from the pod's first process.

A cheap figure is read often: it counts what a forked process shares with its parent
again. Only where it passes the limit is the exact one read, each shared page once.
"""

import os
import time
from pathlib import Path
from typing import Any

_INTERVAL = 0.05
# of the looks at CPU time and open files, in looks at the memory
_SELDOM = 10
# how long a look rests at least, in its own cost
_REST = 20
_TICKS = os.sysconf("SC_CLK_TCK")
_CHEAP = (b"RssAnon:", b"RssShmem:", b"VmSwap:", b"VmPTE:")
_EXACT = (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:")


class Watch:
    """Compares what a pod uses with its limits."""

    def __init__(self, limits: dict[str, Any]) -> None:
        self._limits = limits
        self._start = time.monotonic()
        self._next = self._start
        self._looks = 0
        self._inherited = _used(os.getpid())
        self._buried = 0.0
        self._peak = 0

    def patience(self) -> float:
        """Seconds until the next look."""
        return max(0.0, self._next - time.monotonic())

    def account(self, seconds: float) -> None:
        """Add the CPU time of a role that has ended."""
        self._buried += seconds

    def look(self, roles: list[int]) -> str | None:
        """Compare with the limits, if it is time to.

        Args:
            roles: The roles' processes, forked from the warm one.

        Returns:
            The limit that was passed, by its name in a report, or None.
        """
        began = time.monotonic()
        if began < self._next:
            return None
        spent = time.process_time()
        passed = self._passed(roles, began)
        cost = time.process_time() - spent
        self._next = began + max(_INTERVAL, _REST * cost)
        self._looks += 1
        return passed

    def _passed(self, roles: list[int], now: float) -> str | None:
        if now - self._start > self._limits["run_seconds"]:
            return "wall time"
        pids = _processes()
        # first: to measure so many takes longer than they need to become more
        if len(pids) > self._limits["run_processes"]:
            return "processes"
        if self._memory(pids, roles) > self._limits["memory_bytes"]:
            return "memory"
        if self._looks % _SELDOM == 0:
            if self._cpu(pids) > self._limits["cpu_seconds"]:
                return "cpu time"
            if sum(map(_open_files, pids)) > self._limits["open_files"]:
                return "open files"
        return None

    def usage(self, roles: list[int], *, last: bool = False) -> dict[str, Any]:
        """Tell what the pod uses, and has used.

        Args:
            roles: The roles' processes.
            last: It ends now: of its memory only the peak is told, since to measure
                that of a thousand processes takes minutes.
        """
        pids = _processes()
        memory = self._peak if last else self._memory(pids, roles, exact=True)
        return {
            "memory_bytes": memory,
            "peak_bytes": self._peak,
            "cpu_seconds": self._cpu(pids),
            "processes": len(pids) - 1 - len(roles),
            "waited_seconds": max(map(waited, roles), default=0.0),
        }

    def _memory(self, pids: list[int], roles: list[int], exact: bool = False) -> int:
        cheap = {}
        for pid in pids:
            used = _used(pid)
            forked = pid == 1 or pid in roles
            cheap[pid] = max(0, used - self._inherited) if forked else used
        found = sum(cheap.values())
        if exact or found > self._limits["memory_bytes"]:
            found = sum(_exact(pid, otherwise) for pid, otherwise in cheap.items())
        self._peak = max(self._peak, found)
        return found

    def _cpu(self, pids: list[int]) -> float:
        return self._buried + sum(map(_cpu, pids))


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]  # noqa: PTH208


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def _sum(text: bytes, names: tuple[bytes, ...]) -> int:
    lines = (line.split() for line in text.splitlines() if line.startswith(names))
    return sum(int(parts[1]) for parts in lines) * 1024


def _used(pid: int) -> int:
    return _sum(_read(pid, "status"), _CHEAP)


def _exact(pid: int, otherwise: int) -> int:
    # a process that hides pays for what it shares too
    text = _read(pid, "smaps_rollup")
    return _sum(text, _EXACT) if text else otherwise


def _cpu(pid: int) -> float:
    if pid == 1:
        return 0.0
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS if fields else 0.0


def waited(pid: int) -> float:
    """Tell how many seconds a process was ready to run and had no processor."""
    fields = _read(pid, "schedstat").split()
    return int(fields[1]) / 1e9 if len(fields) > 1 else 0.0


def _open_files(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
    except OSError:
        # it hides, or has just ended: the size of its table is open to all
        table = _read(pid, "status").partition(b"FDSize:")[2].split(None, 1)
        return int(table[0]) if table else 0
