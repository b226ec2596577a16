"""The traps of building a wall: FACTS section 8, each held by a test."""

import http.server
import os
import threading

import psutil
import pytest

from helpers.grading.limits import MIB, Limits
from helpers.grading.sandbox import bubble
from tests.helpers.grading.sandbox.conftest import TOKEN

BOMB = """
import os, signal, builtins
builtins.count = 0
while True:
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        signal.pause()
    builtins.count += 1
answer = builtins.count
"""
RELAY = """
import builtins, http.server, threading, urllib.request
class Relay(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            data = urllib.request.urlopen(self.path[1:], timeout=2).read()
        except OSError as error:
            data = f"refused: {error}".encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *words):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Relay)
threading.Thread(target=server.serve_forever, daemon=True).start()
answer = 1
"""


@pytest.fixture
def family(warm):
    """The processes behind the outer wall, as the machine sees them."""
    return psutil.Process(warm.pid).children(recursive=True)


def test_no_process_within_has_the_grader_s_environment(family):
    assert os.environ["MLA_TOKEN"] == TOKEN
    assert len(family) >= 3
    told = {name: value for one in family for name, value in one.environ().items()}
    assert set(told) <= {*bubble.environment(), "PWD"}
    assert TOKEN not in told.values()


def test_a_fork_bomb_disturbs_nobody_else(warm, canary):
    limits = Limits(processes=20)
    with warm.pod(limits) as one, warm.pod(limits) as other:
        bomber, same = canary(one), canary(one, room="service")
        assert bomber(BOMB) == 19
        for neighbour in (same, canary(other)):
            assert neighbour("import os\nif os.fork() == 0: os._exit(0)\nanswer = 1")


def test_what_a_relay_inside_can_reach_is_the_pod(warm, canary):
    class Outside(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            reached.append(self.path)

    reached = []
    with http.server.HTTPServer(("127.0.0.1", 0), Outside) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/secret"
        with warm.pod() as pod:
            student, endpoint = canary(pod), canary(pod, room="service")
            assert endpoint(RELAY) == 1
            told = student(
                "import urllib.request\n"
                f"at = 'http://127.0.0.1:8080/{url}'\n"
                "answer = urllib.request.urlopen(at, timeout=9).read().decode()"
            )
        server.shutdown()
    assert told.startswith("refused:")
    assert reached == []


def test_the_dead_are_buried(warm, canary):
    with warm.pod() as pod:
        room = canary(pod)
        room(
            "import os\n"
            "for _ in range(5):\n"
            "    if os.fork() == 0:\n"
            "        os.fork()\n"
            "        os._exit(0)\n"
            "    os.wait()\n"
            "answer = None"
        )
        while pod.usage().processes > 1:
            continue
    within = psutil.Process(warm.pid).children(recursive=True)
    assert [one for one in within if one.status() == psutil.STATUS_ZOMBIE] == []


def test_only_the_way_to_the_interpreter_is_seen_of_a_home(tmp_path):
    shown = bubble.folders()
    assert tmp_path.home() not in shown
    assert not [one for one in shown if one in tmp_path.home().parents]


def test_nobody_within_is_root(family):
    mine = os.getuid()
    users = {number for one in family for number in one.uids()}
    assert users == {mine} if mine else 0 not in users


def test_a_bind_below_tmp_is_not_hidden(lab):
    words = bubble.command("bwrap", ["true"], {}, lab)
    binds = [n for n, word in enumerate(words) if word == "--ro-bind"]
    assert words.index("/tmp", words.index("--tmpfs")) < min(binds)


def test_shared_memory_is_fresh_and_has_a_limit(warm, canary):
    with warm.pod(Limits(disk_bytes=4 * MIB)) as pod:
        assert canary(pod)(
            "import os; s = os.statvfs('/dev/shm');"
            "answer = [s.f_blocks * s.f_bsize, os.listdir('/dev/shm')]"
        ) == [4 * MIB, []]


def test_multiprocessing_works_within(warm, canary):
    with warm.pod() as pod:
        assert canary(pod)(
            "import multiprocessing\n"
            "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
            "    answer = pool.map(abs, [-1, -2])"
        ) == [1, 2]
