"""Six ways to outlive one's end. Tests put this text into scripts; it is not collected.

Each process that runs it takes the next way that nobody has taken, and writes the ids
of its processes into a file of that name, in the folder `PIDS`.
"""

import os
import signal
import subprocess
import time

KINDS = ("deaf", "daemon", "many", "frozen", "forking", "holding")
FOLDER = os.environ.get("PIDS", "")
MANY = int(os.environ.get("MANY", "300"))


def tell(kind: str, *pids: int) -> None:
    """Write process ids, one a line."""
    with open(f"{FOLDER}/{kind}", "a") as file:  # noqa: PTH123
        file.write("".join(f"{pid}\n" for pid in pids or [os.getpid()]))


def stay() -> None:
    """Sleep through every signal."""
    while True:
        time.sleep(60)


def deaf() -> None:
    """Ignore what asks for the end."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def daemon() -> None:
    """Fork twice, with a session of its own between."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            tell("daemon")
            os.closerange(0, 64)
            stay()
        os._exit(0)


def many() -> None:
    """Start hundreds of children."""
    started = [subprocess.Popen(["sleep", "600"]).pid for _ in range(MANY)]
    tell("many", *started)


def frozen() -> None:
    """Be stopped by SIGSTOP: the test sends it, when everything runs."""


def forking(*_: object) -> None:
    """Answer each SIGTERM with a new process."""
    signal.signal(signal.SIGTERM, forking)
    if os.fork() == 0:
        tell("forking")
        stay()


def holding() -> None:
    """Leave a grandchild that holds the output open, its parent being dead."""
    if os.fork() == 0:
        if os.fork() == 0:
            deaf()
            tell("holding")
            stay()
        os._exit(0)


def begin() -> None:
    """Take the next way."""
    for kind in KINDS:
        try:
            os.mkdir(f"{FOLDER}/{kind}.taken")  # noqa: PTH102
        except FileExistsError:
            continue
        tell(kind)
        globals()[kind]()
        while kind in ("daemon", "holding") and told(kind) < 2:
            time.sleep(0.01)
        os.mkdir(f"{FOLDER}/{kind}.ready")  # noqa: PTH102
        return


def told(kind: str) -> int:
    """Count the processes that have told their ids."""
    with open(f"{FOLDER}/{kind}") as file:  # noqa: PTH123
        return len(file.readlines())
