"""The system calls that make a wall: namespaces, mounts, privileges, filters."""

import ctypes
import fcntl
import os
import platform
import signal
import socket
import struct
from pathlib import Path

NEW_MOUNTS, NEW_UTS, NEW_IPC = 0x20000, 0x4000000, 0x8000000
NEW_TIME, NEW_CGROUP = 0x80, 0x2000000
NEW_USER, NEW_PID, NEW_NET = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEV, REMOUNT, BIND = 0x1, 0x2, 0x4, 0x20, 0x1000
TREE, PRIVATE = 0x4000, 0x40000
_CLONE = {"x86_64": 56, "aarch64": 220}
_LARGE, _COLLAPSE = 2 << 20, 25
_DETACH = 2
_CAPABILITY_VERSION = 0x20080522
_SET_FLAGS, _UP = 0x8914, 0x1
_BOUND_DROP, _NO_NEW_PRIVILEGES, _SECCOMP = 24, 38, 22
_FILTER_MODE = 2
_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _held(answer: int, what: str) -> None:
    if answer != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)


def unshare(flags: int) -> None:
    """Give this process, of one thread, namespaces of its own."""
    _held(_libc.unshare(flags), "unshare")


def fork_into(flags: int) -> int:
    """Fork, the child in namespaces of its own: `os.fork` with one copy less.

    The C library takes no note of it, which the next `os.fork` of the child mends.
    """
    ctypes.pythonapi.PyOS_BeforeFork()
    words = (_CLONE[platform.machine()], flags | signal.SIGCHLD, 0, 0, 0, 0)
    pid = ctypes.PyDLL(None, use_errno=True).syscall(*map(ctypes.c_long, words))
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
    else:
        ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        _held(pid, "clone")
    return pid


def use_large_pages() -> None:
    """Put this process's memory on large pages: a fork then copies a tenth.

    Where the kernel cannot, before Linux 6.1 or short of memory, all stays as it is.
    """
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        places, rights, _, _, inode, *name = line.split()
        start, end = (int(place, 16) for place in places.split("-"))
        start, end = -(-start // _LARGE) * _LARGE, end // _LARGE * _LARGE
        own = rights == "rw-p" and inode == "0" and name in ([], ["[heap]"])
        if own and start < end:
            _libc.madvise(
                ctypes.c_void_p(start), ctypes.c_size_t(end - start), _COLLAPSE
            )


def enter(descriptor: int, kind: int) -> None:
    """Enter a namespace that a descriptor stands for."""
    _held(_libc.setns(descriptor, kind), "setns")


def keep_ids(user: int, group: int) -> None:
    """Keep user and group in the user namespace that was just made."""
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"{user} {user} 1")
    (own / "gid_map").write_text(f"{group} {group} 1")


def mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str = ""
) -> None:
    """Mount a file system, or bind a folder."""
    given = [part.encode() if part else None for part in (source, target, kind)]
    told = options.encode() if options else None
    _held(_libc.mount(*given, ctypes.c_ulong(flags), told), target)


def unmount(target: str) -> None:
    """Take away what is mounted there, at once."""
    _held(_libc.umount2(target.encode(), _DETACH), target)


def temporary(target: str, size: int, inodes: int = 65_536, mode: str = "755") -> None:
    """Mount an empty folder of limited size, in memory."""
    options = f"size={size},nr_inodes={inodes},mode={mode}"
    mount("tmpfs", target, "tmpfs", NO_SUID | NO_DEV, options)


def loopback_up() -> None:
    """Switch on the one network device of a new network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        fcntl.ioctl(device, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))


def _prctl(option: int, *values: int | ctypes.Structure) -> int:
    given = [ctypes.c_ulong(v) if isinstance(v, int) else v for v in values]
    given += [ctypes.c_ulong(0)] * (4 - len(given))
    return _libc.prctl(option, *given)


def drop_privileges() -> None:
    """Give up every capability, and the ways to get one back."""
    _held(_prctl(_NO_NEW_PRIVILEGES, 1), "no_new_privs")
    number = 0
    while _prctl(_BOUND_DROP, number) == 0:
        number += 1
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _held(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def load_filter(program: bytes) -> None:
    """Have a compiled seccomp filter judge each system call from now on."""
    _held(_prctl(_NO_NEW_PRIVILEGES, 1), "no_new_privs")
    given = _Program(len(program) // 8, program)
    answer = _libc.prctl(
        _SECCOMP, ctypes.c_ulong(_FILTER_MODE), ctypes.byref(given), 0, 0
    )
    _held(answer, "seccomp")
