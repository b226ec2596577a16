"""Becomes another program that is not root: `python without_root.py PROGRAM ...`.

PostgreSQL refuses to run as root. In a user namespace of its own the same files belong
to an ordinary user, so that no other account of the machine has to be made or used.
"""

import ctypes
import os
import sys
from pathlib import Path

_NEW_USER = 0x10000000
_ORDINARY = 1000


def main(arguments: list[str]) -> None:
    """Run a program with its arguments, in place of this process."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_NEW_USER) != 0:
            code = ctypes.get_errno()
            sys.exit(f"PostgreSQL does not run as root: {os.strerror(code)}")
        own = Path("/proc/self")
        (own / "setgroups").write_text("deny")
        (own / "uid_map").write_text(f"{_ORDINARY} 0 1")
        (own / "gid_map").write_text(f"{_ORDINARY} 0 1")
    os.execv(arguments[0], arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
