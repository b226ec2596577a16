"""How much disk a folder takes."""

import contextlib
import os
from pathlib import Path


def used_bytes(folder: Path) -> int:
    """Bytes of disk below `folder`, a file with several names counted once.

    Files that come and go meanwhile are no error.
    """
    total = 0
    seen: set[tuple[int, int]] = set()
    for parent, folders, files in os.walk(folder):
        for name in files + folders:
            with contextlib.suppress(OSError):
                stat = os.lstat(os.path.join(parent, name))  # noqa: PTH118 - hot loop
                if stat.st_nlink > 1 and name in files:
                    key = (stat.st_dev, stat.st_ino)
                    if key in seen:
                        continue
                    seen.add(key)
                total += stat.st_blocks * 512
    return total
