"""What the Linux kernel offers to hold on to a family of processes.

A *subreaper* adopts every descendant whose own parent died, so no `setsid` and no
double fork takes a process out of its reach. A *parent-death signal* ends a process
whose parent was killed without warning. Both are set with prctl(2).
"""

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    if _libc.prctl(option, ctypes.c_ulong(value), zero, zero, zero) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def adopt_orphans() -> None:
    """Make this process the subreaper of its descendants."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int, sig: int) -> None:
    """Ask for `sig` when the parent dies, and exit if it is dead already.

    Args:
        parent: process id of the parent that is expected. The kernel watches the
            *thread* that forked: it must live as long as the parent should.
        sig: the signal.
    """
    _prctl(_PR_SET_PDEATHSIG, sig)
    if os.getppid() != parent:
        os._exit(1)


def _families() -> dict[int, list[int]]:
    families: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208 - called in loops, on names only
        if entry.isdecimal():
            with contextlib.suppress(OSError):
                stat = Path("/proc", entry, "stat").read_bytes()
                parent = int(stat[stat.rindex(b")") + 2 :].split(None, 2)[1])
                families.setdefault(parent, []).append(int(entry))
    return families


def descendants(pid: int) -> list[int]:
    """Process ids of the children of `pid`, their children, and so on; zombies too."""
    families = _families()
    found: list[int] = []
    generation = families.get(pid, [])
    while generation:
        found += generation
        generation = [child for one in generation for child in families.get(one, [])]
    return found


def reap() -> dict[int, int]:
    """Collect the children that have ended.

    Returns:
        Process id to exit code; negative numbers are signals.
    """
    ended: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended[pid] = os.waitstatus_to_exitcode(status)
    return ended


def kill_family(keep: frozenset[int] = frozenset()) -> dict[int, int]:
    """Kill every descendant of this process, a subreaper, until none is left.

    Args:
        keep: children that are left alone, with what descends from them.

    Returns:
        The children that ended meanwhile, as `reap` tells them.
    """
    ended = reap()
    while True:
        # a list that the kernel makes may lack one: the end is told by a look at all
        left = _below(_listed, keep) or _below(_families().get, keep)
        if not left:
            return ended
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.001)
        ended |= reap()


def _below(
    children: Callable[[int], list[int] | None], keep: frozenset[int]
) -> list[int]:
    """Return the descendants of this process but for some children and theirs."""
    found: list[int] = []
    generation = [pid for pid in children(os.getpid()) or () if pid not in keep]
    while generation:
        found += generation
        generation = [child for pid in generation for child in children(pid) or ()]
    return found


def _listed(pid: int) -> list[int]:
    """Return a process's children, at the cost of these alone."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            path = Path(f"/proc/{pid}/task/{thread}/children")
            found += map(int, path.read_bytes().split())
    return found


def resident_bytes(pids: list[int]) -> int:
    """Resident memory of some processes together, shared pages counted each time."""
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * page
    return total


def proportional_bytes(pids: list[int]) -> int:
    """Resident memory of some processes together, each shared page counted once.

    A forked job shares the preloaded libraries with its parent; only this figure
    leaves them out. It costs about a millisecond a process.
    """
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines():
                if line.startswith(b"Pss:"):
                    total += int(line.split()[1]) * 1024
    return total
