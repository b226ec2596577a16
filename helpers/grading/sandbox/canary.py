"""A role that tries what it is told to, and tells what came of it.

It stands for a student who has the room to himself: the probe of the tier and the
tests send it what no notebook may achieve.
"""

import socket
from typing import Any

from helpers.grading.crossing.lines import Gone, Lines

_CAP = 4 << 20


def run(sock: socket.socket, settings: dict[str, Any]) -> None:
    """Run each piece of source that arrives, and answer with its name `answer`."""
    lines = Lines(sock, _CAP)
    while True:
        try:
            order = lines.receive()
        except Gone:
            return
        names: dict[str, Any] = {"settings": settings, "sock": sock}
        try:
            exec(order["code"], names)
        except BaseException as error:
            told = f"{type(error).__name__}: {error}"
            lines.send({"error": told, "errno": getattr(error, "errno", None)})
        else:
            lines.send({"answer": names.get("answer")})
