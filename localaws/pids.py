"""Process ids: whose they are, and whether they are still anybody's."""

import os
from pathlib import Path


def kill(home: Path, pid: int, number: int) -> None:
    """Send a signal to an endpoint, never to who has got its process id since.

    Args:
        home: Its folder.
        pid: Its process id, as its connection file says.
        number: The signal.
    """
    import psutil

    try:
        words = psutil.Process(pid).cmdline()
    except psutil.Error:
        return
    named = words[words.index("--home") + 1] if "--home" in words else None
    if "localaws" in words and named in (None, str(home)):
        os.kill(pid, number)


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    import psutil

    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
