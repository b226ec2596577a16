"""The folders of file systems, for as long as the services know of them."""

from collections.abc import Callable, Iterable
from pathlib import Path

from localaws.services.context import Context
from localaws.shares import Shares


class FileSystems:
    """The file systems of one endpoint.

    Args:
        context: The endpoint.

    Attributes:
        shares: Their folders.
    """

    def __init__(self, context: Context) -> None:
        self._journal = context.journal
        self.shares = Shares(context.home.parent)

    def make(self, name: str) -> Path:
        """Make an empty file system, and return its root."""
        return self.shares.make(name)

    def close(self) -> None:
        """Delete the files unless the journal stays."""
        path = self._journal.path
        if not (self._journal.silent and path is not None and path.exists()):
            self.shares.tidy(set())


def resume(context: Context, services: Iterable[Callable[[Context], set[str]]]) -> None:
    """Delete what an endpoint left of which nothing is known any more.

    Args:
        context: The endpoint.
        services: Each tells the names of its file systems.
    """
    systems = context.part(FileSystems)
    if systems.shares.home.is_dir():
        systems.shares.tidy({name for one in services for name in one(context)})
