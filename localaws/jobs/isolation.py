"""Cutting a process off every network, with a namespace of the Linux kernel's."""

import ctypes
import fcntl
import functools
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_SET_FLAGS, _UP = 0x8914, 0x1
_ROOT = Path(__file__).resolve().parents[2]
_PROBE = (
    "import sys; sys.path[0] = sys.argv[1]; "
    "from localaws.jobs.isolation import cut_network; cut_network()"
)


def cut_network() -> None:
    """Give this process, of one thread, a network that holds nothing but itself.

    Raises:
        OSError: the kernel does not let an ordinary user make namespaces.
    """
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USER | _NEW_NET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"{user} {user} 1")
    (own / "gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loopback:
        fcntl.ioctl(loopback, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))


@functools.cache
def can_cut_network() -> bool:
    """Whether this machine lets a job be cut off; tried once, in a child process."""
    if sys.platform != "linux":
        return False
    probe = [sys.executable, "-c", _PROBE, str(_ROOT)]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0
