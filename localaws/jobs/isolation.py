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

_NEW_USER, _NEW_NET, _NEW_MOUNTS = 0x10000000, 0x40000000, 0x20000
_SET_FLAGS, _UP = 0x8914, 0x1
_READ_ONLY, _REMOUNT, _BIND, _TREE, _PRIVATE = 0x1, 0x20, 0x1000, 0x4000, 0x40000
# Flags of a mount that a bind of it must keep: nosuid, nodev, noexec, noatime and so on
_KEPT = 0x2 | 0x4 | 0x8 | 0x400 | 0x800
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
    user, group = os.getuid(), os.getgid()
    wanted = (_NEW_NET if network else 0) | (_NEW_MOUNTS if mounts else 0)
    if network or not _unshare(wanted):
        if not _unshare(wanted | _NEW_USER):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        own = Path("/proc/self")
        (own / "setgroups").write_text("deny")
        (own / "uid_map").write_text(f"{user} {user} 1")
        (own / "gid_map").write_text(f"{group} {group} 1")
    if network:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loopback:
            fcntl.ioctl(loopback, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))
    if mounts:
        _mount(None, "/", _TREE | _PRIVATE)
    for source, target, readonly in mounts:
        _mount(str(source), str(target), _BIND)
        if readonly:
            kept = os.statvfs(str(target)).f_flag & _KEPT
            _mount(None, str(target), _REMOUNT | _BIND | _READ_ONLY | kept)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _unshare(flags: int) -> bool:
    if _libc().unshare(flags) == 0:
        return True
    if ctypes.get_errno() not in (errno.EPERM, errno.ENOSPC, errno.EINVAL):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return False


def _mount(source: str | None, target: str, flags: int) -> None:
    given = source.encode() if source else None
    answer = _libc().mount(given, target.encode(), None, ctypes.c_ulong(flags), None)
    if answer != 0:
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
