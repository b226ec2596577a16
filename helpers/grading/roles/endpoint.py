"""The endpoint of one submission, and behind it the keeper of its jobs."""

import contextlib
import dataclasses
import json
import os
import socket
import threading
from pathlib import Path
from typing import Any

from helpers.grading.sandbox import inner
from localaws import sealed, warmth
from localaws.home import Connection
from localaws.jobs.walls import Bounds

PLACE = Path("/desk")


def prepare() -> None:
    """Do in the warm process what every endpoint would do at its first requests."""
    warmth.warm()


def run(sock: socket.socket, settings: dict[str, Any]) -> None:
    """Be the endpoint until the other end says stop, or goes.

    Args:
        sock: Says {"ready": true, "student": ..., "prober": ...}, the connections.
        settings: "epoch", "bytes" of its files, and "bounds" of its jobs, all as
            `localaws.sealed` has them and with its defaults.
    """
    bounds = Bounds(**settings.get("bounds", {}))
    given = {name: settings[name] for name in ("epoch", "bytes") if name in settings}

    def publish(student: Connection, prober: Connection) -> None:
        both = {"student": student, "prober": prober}
        shown = {name: dataclasses.asdict(one) for name, one in both.items()}
        sock.sendall(json.dumps({"ready": True, **shown}).encode() + b"\n")
        threading.Thread(target=_end_with, args=(sock,), daemon=True).start()

    sealed.serve(
        sealed.Settings(PLACE, bounds=bounds, harden=inner.restrict, **given), publish
    )


def _end_with(sock: socket.socket) -> None:
    """End this process when the grader says so; nothing of it is kept."""
    with contextlib.suppress(OSError):
        sock.recv(1)
    os._exit(0)
