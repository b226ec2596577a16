"""Being the endpoint: the work of its process, from the first request to the last."""

import datetime as dt
import os
import secrets
import string
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from localaws import heap, service_models
from localaws.home import Connection, Home
from localaws.journal_file import identity

if TYPE_CHECKING:
    from localaws.guard import Keys
    from localaws.jobs import Parent
    from localaws.server import Server

IDLE_SECONDS = 4 * 3600
_STEP_SECONDS = 10.0
_TICK_SECONDS = 5.0
_KEY_LETTERS = string.ascii_uppercase + "234567"


def lean() -> None:
    """Keep this process small: call it before the server is imported."""
    heap.give_back()
    service_models.lean()


def serve_home(place: Home) -> None:
    """Be the endpoint of a folder, whose clients find it there.

    Args:
        place: The folder; the caller holds its lock.
    """
    lean()
    # clients of an endpoint that was killed go on with the next one
    before = identity(place.path)
    keys = new_keys(before.get("access_key"), before.get("secret_key"))

    def publish(server: "Server") -> None:
        place.publish(connection(server, place))

    place.run.mkdir()
    whole = serve(
        place,
        keys,
        publish,
        epoch=os.environ.get("LOCALAWS_EPOCH"),
        port=before.get("port", 0),
        idle=float(os.environ.get("LOCALAWS_IDLE_SECONDS", IDLE_SECONDS)),
        found=place.published,
    )
    if whole:
        place.clear()


def serve(
    place: Home,
    keys: "Keys",
    publish: Callable[["Server"], None],
    *,
    epoch: str | None,
    port: int = 0,
    idle: float = IDLE_SECONDS,
    found: Callable[[], bool] = lambda: True,
    parent: "Parent | None" = None,
) -> bool:
    """Be an endpoint until it is told to stop, or nobody uses it.

    Args:
        place: Its folder, where the one for its run is made.
        keys: Its secrets.
        publish: Tells clients of it, once it answers.
        epoch: Time of a standing clock; None runs freely.
        port: Where it listens; a free port if it is 0 or taken.
        idle: Seconds without a request after which it ends.
        found: Whether clients can still find it; it ends when they cannot.
        parent: Starts its jobs; None for a process that it starts itself.

    Returns:
        Whether its server ended as it should.
    """
    from localaws.server import Server

    server = Server(place.run, keys, epoch, port, parent)
    ended, returned = threading.Event(), threading.Event()

    def work() -> None:
        try:
            server.serve_forever()
            returned.set()
        finally:
            ended.set()

    worker = threading.Thread(target=work, name="server", daemon=True)
    try:
        worker.start()
        publish(server)
        while not ended.wait(min(_TICK_SECONDS, idle / 4)):
            if server.idle_for() >= idle or not found():
                break
    finally:
        server.stop()
        worker.join(_STEP_SECONDS)
    return returned.is_set()


def new_keys(access_key: str | None = None, secret_key: str | None = None) -> "Keys":
    """Return the secrets of a new endpoint.

    Args:
        access_key: Of the learner, if it is to stay.
        secret_key: Likewise.
    """
    from localaws.guard import Keys

    letters = "".join(secrets.choice(_KEY_LETTERS) for _ in range(16))
    return Keys(
        access_key=access_key or f"AKIA{letters}",
        secret_key=secret_key or secrets.token_urlsafe(30),
        token=secrets.token_urlsafe(32),
    )


def connection(server: "Server", place: Home) -> Connection:
    """Return how the learner reaches a server."""
    return Connection(
        url=f"http://127.0.0.1:{server.port}",
        port=server.port,
        pid=os.getpid(),
        access_key=server.keys.access_key,
        secret_key=server.keys.secret_key,
        token=server.keys.token,
        home=str(place.path),
        started=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        note=server.restored,
    )
