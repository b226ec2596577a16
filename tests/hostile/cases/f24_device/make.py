import os
import stat


def place(folder, environment):
    (folder / "lab.ipynb").unlink()
    try:
        os.mknod(folder / "lab.ipynb", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        (folder / "lab.ipynb").symlink_to("/dev/zero")
