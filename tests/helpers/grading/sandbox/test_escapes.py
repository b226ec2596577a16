import json
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.grading.sandbox.bubble import folders
from tests.helpers.grading.sandbox.escapes import ESCAPES

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """What lies outside for all to read, and listens there."""
    folder = tmp_path_factory.mktemp("grader")
    folder.chmod(0o755)
    (folder / "canary").write_text("secret")
    abstract = f"\0mla-escape-{os.getpid()}"
    listeners = [socket.create_server(("0.0.0.0", 0))]
    for name in (abstract, str(folder / "sock")):
        listeners.append(socket.socket(socket.AF_UNIX))
        listeners[-1].bind(name)
        listeners[-1].listen()
    yield {
        "canary": str(folder / "canary"),
        "folder": str(folder),
        "home": str(Path.home()),
        "way": [part for one in folders() for part in one.parts],
        "root": str(ROOT),
        "user": "root",
        "library": pytest.__file__,
        "pid": os.getpid(),
        "tcp": ("127.0.0.1", listeners[0].getsockname()[1]),
        "address": _own_address(),
        "abstract": abstract,
        "unix": str(folder / "sock"),
    }
    for one in listeners:
        one.close()


@pytest.fixture(scope="module")
def room(warm, canary):
    with warm.pod() as pod:
        yield canary(pod)


def _own_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return one.getsockname()[0]


@pytest.mark.parametrize("name", ESCAPES)
def test_no_way_out(name, room, outside):
    told = room.run(ESCAPES[name].format(**outside))
    assert told.get("answer") is None
    # an error of the attempt itself would be no refusal
    assert told.get("error", "OSError").split(":")[0] in REFUSALS, told


OPEN = [
    "a file of the grader",
    "the grader's folder",
    "solutions",
    "checks",
    "accounts",
    "processes of others",
    "a signal to the grader",
    "limits of the grader",
    "new privileges",
    "a listener outside",
    "an abstract socket outside",
    "a socket file outside",
    "memory that nobody has",
    "personality",
]
WITHOUT_WALL = """
import json, sys
reached = {}
for name, source in json.loads(sys.argv[1]).items():
    names = {}
    try:
        exec(source, names)
        reached[name] = names["answer"] is not None
    except OSError as error:
        reached[name] = str(error)
print(json.dumps(reached))
"""
REFUSALS = {
    "BlockingIOError",
    "ConnectionRefusedError",
    "FileNotFoundError",
    "NotADirectoryError",
    "OSError",
    "PermissionError",
    "ProcessLookupError",
    "TimeoutError",
    "ValueError",
    "gaierror",
}


def test_the_ways_are_many_and_the_room_lives(room):
    assert len(ESCAPES) >= 40
    assert platform.machine() == "x86_64"
    assert room("answer = 1") == 1


def test_they_are_ways_where_no_wall_stands(outside):
    ways = {name: ESCAPES[name].format(**outside) for name in OPEN}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_WALL, json.dumps(ways)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == {name: True for name in OPEN}
