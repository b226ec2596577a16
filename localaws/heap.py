"""How much memory the C library keeps of what this process has given back."""

import ctypes
import sys

# of glibc's malloc.h
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE = 256 * 1024


def give_back() -> None:
    """Return freed memory to the machine soon; call it before any thread starts.

    Each of a server's threads would otherwise get a heap of its own, which keeps the
    largest bodies that it has ever held. On other systems than glibc's this does
    nothing.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if sys.platform != "linux" or mallopt is None:
        return
    for option, value in (
        (_ARENA_MAX, 2),
        (_MMAP_THRESHOLD, _LARGE),
        (_TRIM_THRESHOLD, _LARGE),
    ):
        mallopt(option, value)
