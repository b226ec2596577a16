"""A keeper behind walls: what jobs do there does not reach the process that owns them.

The keeper is forked into namespaces of its own. It and its jobs see no process of the
owner's, nor the owner's private folder but for the folders in which work is done, and
hold no privilege over anything outside.
"""

import ctypes
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from localaws.jobs import isolation, keeper, linux
from localaws.jobs.isolation import NO_DEVICES, NO_LINKS, NO_SUID, READ_ONLY, mount

_NO_NEW_PRIVILEGES, _DROP_BOUND = 38, 24
_CAPABILITIES_3 = 0x20080522
_SAFE = NO_SUID | NO_DEVICES
_STAGE = "/dev/shm"
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Bounds:
    """How far the jobs of one keeper may go.

    Attributes:
        data_bytes: Private memory that one process may take.
        file_bytes: Its largest file.
        scratch_bytes: What `/tmp` and `/dev/shm` may hold together.
        processes: How many processes and threads there may be together.
        files: How many files a process may have open.
    """

    data_bytes: int = 2 * 2**30
    file_bytes: int = 512 * 2**20
    scratch_bytes: int = 512 * 2**20
    processes: int = 384
    files: int = 4096


def fork_keeper(
    private: Path,
    shown: Sequence[Path],
    bounds: Bounds,
    *,
    hidden: Sequence[str] = (),
    harden: Callable[[], None] = lambda: None,
) -> socket.socket:
    """Fork this process, of one thread, into a keeper behind walls.

    Args:
        private: A mounted folder that the jobs do not see.
        shown: Folders in it that they see nevertheless, at the same place.
        bounds: How far they may go.
        hidden: Other folders that the owner has mounted for itself.
        harden: Called in each job's process before its program.

    Returns:
        The owner's end of the keeper's socket. The keeper ends when it is closed, and
        when the owner ends.

    Raises:
        OSError: The kernel does not let this user make namespaces.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    owner = os.getpid()
    if os.fork():
        theirs.close()
        return ours
    code = 1
    try:
        ours.detach()
        kept = theirs.fileno()
        os.closerange(3, kept)
        os.closerange(kept + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        linux.die_with_parent(owner, signal.SIGKILL)
        # the mounts stay the owner's: the keeper has no right over them
        isolation.unshare(isolation.NEW_MOUNTS)
        isolation.keep_mounts_private()
        _furnish(private, shown, hidden, bounds)
        below = isolation.NEW_USER | isolation.NEW_PIDS | isolation.NEW_IPC
        isolation.unshare(below | isolation.NEW_MOUNTS)
        # new credentials have cleared it
        linux.die_with_parent(owner, signal.SIGKILL)
        child = os.fork()
        if child == 0:
            _keep(theirs, bounds, harden)
        theirs.close()
        os.waitpid(child, 0)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def scratch(target: str, size: int, *, links: bool = True) -> None:
    """Mount an empty folder in memory.

    Args:
        target: Where.
        size: How many bytes it may hold.
        links: Whether symbolic links in it lead anywhere.
    """
    flags = _SAFE if links else _SAFE | NO_LINKS
    mount("tmpfs", target, flags, "tmpfs", f"size={size},mode=700")


def give_up_privileges() -> None:
    """Drop every capability, for this process and all that it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    number = 0
    while libc.prctl(_DROP_BOUND, ctypes.c_ulong(number), zero, zero, zero) == 0:
        number += 1
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    one = ctypes.c_ulong(1)
    if (
        libc.capset(header, nothing) != 0
        or libc.prctl(_NO_NEW_PRIVILEGES, one, zero, zero, zero) != 0
    ):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _furnish(
    private: Path, shown: Sequence[Path], hidden: Sequence[str], bounds: Bounds
) -> None:
    for one in hidden:
        isolation.unmount(one)
    scratch(_STAGE, bounds.scratch_bytes)
    places = [Path(_STAGE, f".{number}") for number in range(len(shown))]
    for folder, place in zip(shown, places, strict=True):
        place.mkdir()
        mount(str(folder), str(place), isolation.BIND)
        # links lead somewhere for the jobs, never for the owner
        mount(None, str(place), isolation.REMOUNT | isolation.BIND | _SAFE)
    isolation.unmount(str(private))
    temporary = Path(_STAGE, ".tmp")
    temporary.mkdir()
    isolation.cover(temporary, "/tmp")
    private.mkdir(parents=True, exist_ok=True)
    scratch(str(private), 2**20)
    for folder, place in zip(shown, places, strict=True):
        folder.mkdir(parents=True)
        mount(str(place), str(folder), isolation.MOVE)
        place.rmdir()
    again = isolation.REMOUNT | isolation.BIND | READ_ONLY | _SAFE
    mount(None, str(private), again)


def _keep(
    theirs: socket.socket, bounds: Bounds, harden: Callable[[], None]
) -> NoReturn:
    """Be the first process of the new namespaces."""
    code = 1
    try:
        linux.die_with_parent(0, signal.SIGKILL)
        # many processes of a job must not keep its owner from a processor
        os.nice(19)
        mount("proc", "/proc", _SAFE | isolation.NO_EXECUTION, "proc")
        for kind, value in (
            (resource.RLIMIT_DATA, bounds.data_bytes),
            (resource.RLIMIT_FSIZE, bounds.file_bytes),
            (resource.RLIMIT_NPROC, bounds.processes),
            (resource.RLIMIT_NOFILE, bounds.files),
            (resource.RLIMIT_CORE, 0),
        ):
            _, hard = resource.getrlimit(kind)
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (most, most))
        give_up_privileges()
        os.chdir("/")
        os.setsid()
        # the checkout is the owner's: a job has what is installed
        sys.path[:] = [one for one in sys.path if one not in ("", str(_ROOT))]
        keeper.keep(theirs, warm=True, harden=harden)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)
