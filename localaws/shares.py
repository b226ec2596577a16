"""The folders that play network file systems: Amazon EFS, FSx for Lustre and ONTAP.

They lie in the endpoint's home and outlive a kill. A file of Lustre whose bytes are
still in S3 is a hole of the right size; `localaws.stubs` knows of it.
"""

import shutil
from pathlib import Path, PurePosixPath

from localaws.jobs.disk import used_bytes

_FOLDER = "filesystems"


class PathError(Exception):
    """A path does not lead into the file system."""


class Shares:
    """The folders of one endpoint.

    Args:
        home: Folder that outlives the endpoint's process.
    """

    def __init__(self, home: Path) -> None:
        self.home = home / _FOLDER

    def folder(self, name: str) -> Path:
        """Return the folder with all that is known of a file system."""
        return self.home / name

    def root(self, name: str) -> Path:
        """Return the folder that a mount of a file system or volume shows."""
        return self.home / name / "root"

    def make(self, name: str) -> Path:
        """Make an empty file system, and return its root."""
        self.remove(name)
        root = self.root(name)
        root.mkdir(parents=True)
        return root

    def remove(self, name: str) -> None:
        """Delete a file system with all that it holds."""
        shutil.rmtree(self.home / name, ignore_errors=True)

    def tidy(self, known: set[str]) -> None:
        """Delete every file system but some."""
        for path in self.home.iterdir() if self.home.is_dir() else ():
            if path.name not in known:
                shutil.rmtree(path, ignore_errors=True)

    def used_bytes(self, name: str) -> int:
        """Return the bytes of disk that the files of a file system take."""
        root = self.root(name)
        return max(0, used_bytes(root)) if root.is_dir() else 0

    def inside(self, name: str, path: str) -> Path:
        """Return the folder or file of a path of a file system.

        Raises:
            PathError: It leads out of the file system.
        """
        root = self.root(name).resolve()
        parts = PurePosixPath("/", path).parts[1:]
        found = root.joinpath(*parts).resolve()
        if ".." in parts or not found.is_relative_to(root):
            raise PathError(f"{path} leads out of the file system {name}")
        return found
