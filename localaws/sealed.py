"""An endpoint that nothing leaves: one account, for one run, behind walls.

A fork of a process that is warm (`localaws.warmth`) becomes one in milliseconds. What
the account's owner runs (scripts, functions, queries, database servers) lives behind a
second wall, from where this process and its folder are out of sight.
"""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from localaws import serving
from localaws.home import Connection, Home
from localaws.jobs import AdoptedParent, isolation, walls

if TYPE_CHECKING:
    from localaws.server import Server

SHOWN = ("run", "rds", "kafka", "flink", "filesystems")
_TEMPORARY = ("/tmp", "/dev/shm")
_FOREVER = 1e9
# the journal is for another life, and this has none
_JOURNAL_BYTES = "1"


@dataclass(frozen=True)
class Settings:
    """What a sealed endpoint is given.

    Attributes:
        place: A folder that it covers: its files live there in memory.
        bytes: How much they may be.
        epoch: ISO 8601 time of a standing clock; None runs freely.
        bounds: How far the jobs may go.
        harden: Called in each job's process before its program.
    """

    place: Path
    bytes: int = 2**30
    epoch: str | None = None
    bounds: walls.Bounds = field(default_factory=walls.Bounds)
    harden: Callable[[], None] = lambda: None


def serve(
    settings: Settings, publish: Callable[[Connection, Connection], None]
) -> None:
    """Be such an endpoint until it is told to stop; the process has one thread.

    Args:
        settings: Where, and how.
        publish: Told, once it answers, how the learner and an examiner reach it.

    Raises:
        OSError: The kernel does not let this user make namespaces.
    """
    from localaws.guard import EXAMINER_KEY, Credential

    home, parent = _settle(settings)
    examiner = Credential(secrets.token_urlsafe(30))
    keys = replace(serving.new_keys(), examiner=examiner)

    def tell(server: "Server") -> None:
        # who gets a port that is let go could answer the examiner in its name
        server.stop = lambda: os._exit(0)  # type: ignore[method-assign]
        learner = replace(serving.connection(server, home), pid=0, note="")
        key, secret = EXAMINER_KEY, examiner.secret_key
        publish(learner, replace(learner, access_key=key, secret_key=secret))

    serving.serve(home, keys, tell, epoch=settings.epoch, idle=_FOREVER, parent=parent)


def _settle(settings: Settings) -> tuple[Home, AdoptedParent]:
    """Raise the walls, and fork what stands behind the second."""
    isolation.unshare(isolation.NEW_USER | isolation.NEW_MOUNTS)
    isolation.keep_mounts_private()
    # what a job leaves there must not lead this process anywhere
    walls.scratch(str(settings.place), settings.bytes, links=False)
    os.umask(0o077)
    for place in _TEMPORARY:
        own = settings.place / place.replace("/", "-")
        own.mkdir()
        isolation.cover(own, place)
    home = Home(settings.place / "home")
    environ = home.environment() | {"LOCALAWS_JOURNAL_BYTES": _JOURNAL_BYTES}
    environ.pop("PYTHONPATH", None)
    os.environ.clear()
    os.environ.update(environ)
    shown = [home.path / name for name in SHOWN]
    for folder in shown:
        folder.mkdir()
        # a mount is emptied, and never taken away
        isolation.mount(str(folder), str(folder), isolation.BIND)
    os.chdir(home.path)
    keeper = walls.fork_keeper(
        settings.place,
        shown,
        settings.bounds,
        hidden=_TEMPORARY,
        harden=settings.harden,
    )
    walls.give_up_privileges()
    return home, AdoptedParent(keeper, environ)
