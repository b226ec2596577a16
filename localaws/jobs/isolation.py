"""What a process gets of its own from the Linux kernel: a network, mounted folders."""

import ctypes
import errno
import fcntl
import functools
import os
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

NEW_USER, NEW_NET, NEW_MOUNTS = 0x10000000, 0x40000000, 0x20000
NEW_PIDS, NEW_IPC = 0x20000000, 0x8000000
_SET_FLAGS, _UP = 0x8914, 0x1
READ_ONLY, REMOUNT, BIND, MOVE = 0x1, 0x20, 0x1000, 0x2000
NO_SUID, NO_DEVICES, NO_EXECUTION, NO_LINKS = 0x2, 0x4, 0x8, 0x100
_TREE, _PRIVATE, _DETACH = 0x4000, 0x40000, 0x2
# Flags of a mount that a bind of it must keep: nosuid, nodev, noexec, noatime and so on
_KEPT = NO_SUID | NO_DEVICES | NO_EXECUTION | 0x400 | 0x800
_ROOT = Path(__file__).resolve().parents[2]
_PROBE = (
    "import sys; sys.path[0] = sys.argv[1]; "
    "from localaws.jobs.isolation import separate; "
    "separate(len(sys.argv) == 2, [[*sys.argv[2:], True]] if sys.argv[2:] else [])"
)
MountRequest = Sequence[object]


def separate(network: bool, mounts: Sequence[MountRequest]) -> None:
    """Give this process, of one thread, what no other process sees.

    Args:
        network: Whether its network holds nothing but itself.
        mounts: Source, target and whether it is read-only, of each mounted folder.

    Raises:
        OSError: The kernel does not let this user make namespaces.
    """
    if not network and not mounts:
        return
    wanted = (NEW_NET if network else 0) | (NEW_MOUNTS if mounts else 0)
    if network or not _unshare(wanted):
        unshare(wanted | NEW_USER)
    if network:
        raise_loopback()
    if mounts:
        keep_mounts_private()
    for source, target, readonly in mounts:
        mount(str(source), str(target), BIND)
        if readonly:
            kept = os.statvfs(str(target)).f_flag & _KEPT
            mount(None, str(target), REMOUNT | BIND | READ_ONLY | kept)


def unshare(flags: int) -> None:
    """Leave namespaces for new ones; in a new one of users everybody keeps his number.

    Raises:
        OSError: The kernel does not let this user make them.
    """
    user, group = os.getuid(), os.getgid()
    if not _unshare(flags):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    if flags & NEW_USER:
        own = Path("/proc/self")
        (own / "setgroups").write_text("deny")
        (own / "uid_map").write_text(f"{user} {user} 1")
        (own / "gid_map").write_text(f"{group} {group} 1")


def raise_loopback() -> None:
    """Let a new network namespace speak to itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loopback:
        fcntl.ioctl(loopback, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))


def keep_mounts_private() -> None:
    """Let no mount of this namespace show in another one."""
    mount(None, "/", _TREE | _PRIVATE)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _unshare(flags: int) -> bool:
    if _libc().unshare(flags) == 0:
        return True
    if ctypes.get_errno() not in (errno.EPERM, errno.ENOSPC, errno.EINVAL):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return False


def mount(
    source: str | None, target: str, flags: int, kind: str = "", options: str = ""
) -> None:
    """Mount a file system, or change a mount.

    Raises:
        OSError: The kernel refuses.
    """
    words = [one.encode() if one else None for one in (source, target, kind, options)]
    answer = _libc().mount(*words[:3], ctypes.c_ulong(flags), words[3])
    if answer != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), target)


def cover(source: Path, place: str) -> None:
    """Put a folder over a place; what is mounted below the place stays to be seen.

    A checkout under /tmp is such a mount.

    Raises:
        OSError: The kernel refuses.
    """
    below = [
        (os.open(one, os.O_PATH | os.O_CLOEXEC), one) for one in _mounted_below(place)
    ]
    mount(str(source), place, BIND)
    for opened, one in below:
        Path(one).mkdir(parents=True, exist_ok=True)
        mount(f"/proc/self/fd/{opened}", one, BIND | _TREE)
        os.close(opened)


def _mounted_below(place: str) -> list[str]:
    """Give the mounts below a place, without those below another one of them."""
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    points = [line.split()[4].replace("\\040", " ") for line in lines]
    found: list[str] = []
    for point in sorted(set(points)):
        if point.startswith(f"{place}/") and not point.startswith(
            tuple(f"{one}/" for one in found)
        ):
            found.append(point)
    return found


def unmount(target: str) -> None:
    """Take a mount away, used or not.

    Raises:
        OSError: The kernel refuses.
    """
    if _libc().umount2(target.encode(), _DETACH) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), target)


@functools.cache
def can_cut_network() -> bool:
    """Whether this machine lets a job be cut off; tried once, in a child process."""
    return _can()


@functools.cache
def can_mount() -> bool:
    """Whether this machine lets a job see a folder read-only; tried once, likewise."""
    with tempfile.TemporaryDirectory() as source, tempfile.TemporaryDirectory() as at:
        return _can(source, at)


def _can(*folders: str) -> bool:
    if sys.platform != "linux":
        return False
    probe = [sys.executable, "-c", _PROBE, str(_ROOT), *folders]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0
