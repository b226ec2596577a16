"""The functional probe: a wall is built, attacked from inside, and seen to hold.

Each trial is source that a room runs; it sets `answer` to None where the wall held,
or to what came through it.
"""

import contextlib
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from helpers.grading.crossing.lines import Broken, Lines
from helpers.grading.limits import MIB, Limits
from helpers.grading.sandbox import preload
from helpers.grading.sandbox.pod import Pod
from helpers.grading.sandbox.tier import Tier
from helpers.grading.sandbox.warm import Warm

_PATIENCE = 30.0
_CAP = MIB
LIMITS = Limits(
    run_seconds=60.0,
    cpu_seconds=30.0,
    memory_bytes=192 * MIB,
    processes=12,
    disk_bytes=4 * MIB,
)
_FILE = """
from pathlib import Path
seen = [one for one in {places} if Path(one).exists()]
answer = ", ".join(seen) or None
"""
_PROCESSES = """
import os
numbers = [one for one in os.listdir("/proc") if one.isdecimal()]
answer = f"{len(numbers)} processes" if len(numbers) > 2 else None
"""
_SOCKET = """
import socket
answer = None
for family, address in {targets}:
    with socket.socket(family) as way:
        way.settimeout(2)
        try:
            way.connect(tuple(address) if isinstance(address, list) else address)
        except OSError:
            continue
        answer = f"a connection to {{address!r}}"
"""
_DISK = """
try:
    with open("/tmp/flood", "wb") as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
    answer = "64 MiB of files"
except OSError:
    answer = None
finally:
    os.unlink("/tmp/flood")
"""
_CALLS = """
import os
try:
    os.memfd_create("canary")
    answer = "memory without an owner"
except OSError:
    answer = None
"""
_FORK = """
import os, signal, time
children = []
try:
    while len(children) < 48:
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
        children.append(child)
except OSError:
    pass
answer = f"{len(children)} processes" if len(children) >= 48 else None
"""
_ONE_FORK = """
import os
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
answer = None
"""
_MEMORY = """
import mmap, time
kept = []
for _ in range(80):
    block = mmap.mmap(-1, 4 << 20)
    block.write(b"x" * (4 << 20))
    kept.append(block)
time.sleep(1)
answer = None
"""


def attack(tier: Tier) -> list[str]:
    """Build a wall and try it; an empty list says that it held.

    Raises:
        NotStarted: It cannot be built.
    """
    with _outside() as (places, targets), Warm(tier, imports=preload.CANARY) as warm:
        with warm.pod(LIMITS) as pod:
            room = _Room(pod)
            trials = {
                "files outside": _FILE.format(places=places),
                "processes outside": _PROCESSES,
                "the network": _SOCKET.format(targets=targets),
                "the limit of files": "import os\n" + _DISK,
                "system calls": _CALLS,
                "the limit of processes": _FORK,
            }
            found = [room.told(name, source) for name, source in trials.items()]
            # a kernel before 5.14 counts the processes of both together
            found.append(_Room(pod).told("a limit of processes of its own", _ONE_FORK))
        with warm.pod(LIMITS) as pod:
            found.append(_Room(pod).killed("memory", _MEMORY))
    return [one for one in found if one]


class _Room:
    def __init__(self, pod: Pod) -> None:
        self._pod = pod
        self._lines = Lines(pod.spawn("canary", {}), _CAP)

    def told(self, name: str, source: str) -> str:
        """Run a trial; an error of its own is none of the wall's."""
        try:
            self._lines.send({"code": source})
            answer = self._lines.receive(_PATIENCE)
        except Broken as error:
            return f"{name}: the room was lost ({self._pod.stopped or error})"
        through = answer.get("error") or answer["answer"]
        return f"{name}: {through}" if through else ""

    def killed(self, why: str, source: str) -> str:
        """Run a trial that the wall shall end."""
        with contextlib.suppress(Broken):
            self._lines.send({"code": source})
            self._lines.receive(_PATIENCE)
        told = self._pod.stopped
        return "" if told == why else f"the limit of {why}: it did not bite ({told})"


@contextlib.contextmanager
def _outside() -> Iterator[tuple[list[str], list[tuple[int, object]]]]:
    """Lay out what must not be reached: files that all may read, and listeners."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        secret = folder / "canary"
        secret.write_text(secrets.token_hex(), encoding="utf-8")
        secret.chmod(0o644)
        places = [str(secret), str(Path(__file__).parents[3] / "solutions")]
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        name = f"\0mla-{os.getpid()}-{secrets.token_hex(4)}"
        local = stack.enter_context(socket.socket(socket.AF_UNIX))
        local.bind(name)
        local.listen()
        targets = [(int(socket.AF_INET), list(tcp.getsockname()))]
        targets.append((int(socket.AF_UNIX), name))
        yield places, targets
