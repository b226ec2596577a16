import os
import socket
from dataclasses import replace

import pytest

from helpers.grading.limits import MIB, Limits
from helpers.grading.sandbox import PodLost
from helpers.grading.sandbox.bubble import ROOT

SMALL = Limits(memory_bytes=192 * MIB, disk_bytes=8 * MIB, processes=24)
SHARED = """
import mmap
kept = []
while True:
    kept.append(mmap.mmap(-1, 4 << 20))
    kept[-1].write(b"x" * (4 << 20))
"""
HIDDEN = """
import ctypes, mmap, os, signal
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
for _ in range(8):
    if os.fork() == 0:
        kept = bytearray(40 << 20)
        kept[::4096] = b"x" * len(kept[::4096])
        signal.pause()
signal.pause()
"""
SPINNING = """
import os
if os.fork() == 0:
    while True:
        pass
while True:
    pass
"""
OPENING = """
import os, signal
for _ in range(8):
    if os.fork() == 0:
        kept = [os.pipe() for _ in range(200)]
        signal.pause()
signal.pause()
"""
# A checkout that lies under /tmp is seen there.
OURS = [ROOT.parts[2]] if ROOT.parts[1] == "tmp" else []
CROWD = """
import os, signal
for _ in range(16):
    if os.fork() == 0:
        break
signal.pause()
"""
PRINTING = "import os\nwhile True:\n    os.write(1, b'x' * 65536)"


@pytest.fixture
def pod(warm):
    with warm.pod(SMALL) as pod:
        yield pod


def test_roles_of_a_pod_share_the_loopback_and_nothing_else(pod, canary):
    student, endpoint = canary(pod), canary(pod, room="service")
    port = endpoint(
        "import builtins, socket; builtins.s = socket.create_server(('127.0.0.1', 0));"
        "answer = s.getsockname()[1]"
    )
    assert student(
        f"import socket; socket.create_connection(('127.0.0.1', {port}), 5);"
        "answer = 'connected'"
    )
    endpoint("open('/desk/state', 'w').write('keys'); open('/tmp/x', 'w').close()")
    endpoint("open('/dev/shm/x', 'w').close()")
    assert student(
        "import os; answer = [os.listdir(p) for p in ('/desk', '/tmp', '/dev/shm')]"
    ) == [[], OURS, []]
    assert student("import os; answer = (os.getuid(), os.getcwd(), os.getpid())") == [
        1000,
        "/desk",
        2,
    ]


def test_a_role_is_given_settings_and_descriptors(pod):
    near, far = socket.socketpair()
    with near, far:
        line = pod.spawn("canary", {"epoch": "2026"}, descriptors=[far.fileno()])
        line.sendall(
            b'{"code": "import os; os.write(settings[\'descriptors\'][0], '
            b"settings['epoch'].encode()); answer = 1\"}\n"
        )
        near.settimeout(10)
        assert near.recv(9) == b"2026"


def test_the_end_of_a_role_is_told_and_ends_what_it_started(pod, canary):
    first = canary(pod)
    assert pod.ended("canary") is None
    assert first.ends(
        "import os\nif os.fork():\n    os._exit(7)\nos.setsid()\nsock.recv(1)"
    )
    while pod.ended("canary") is None:
        pod.usage()
    assert (pod.ended("canary"), pod.stopped) == (7, "")
    while pod.usage().processes > 0:
        continue
    second = canary(pod)
    assert second("answer = 2") == 2
    assert second.ends("import ctypes; ctypes.string_at(0)")
    while pod.ended("canary") is None:
        pod.usage()
    assert pod.ended("canary") == -11


def test_output_is_kept_and_an_error_of_a_role_is_in_it(pod, canary):
    room = canary(pod)
    room("import os; os.write(1, b'one '); os.system('echo two')")
    assert pod.output("canary") == b"one two\n"


@pytest.mark.parametrize(
    ("why", "code", "limits"),
    [
        ("memory", SHARED, {}),
        ("memory", HIDDEN, {}),
        ("cpu time", SPINNING, {"cpu_seconds": 0.3}),
        ("open files", OPENING, {"open_files": 1500}),
        ("output", PRINTING, {}),
        ("processes", CROWD, {"run_processes": 12}),
        ("wall time", "import signal; signal.pause()", {"run_seconds": 0.6}),
    ],
    ids=[
        "shared memory",
        "hidden processes",
        "cpu",
        "files",
        "output",
        "crowd",
        "wall",
    ],
)
def test_a_limit_stops_the_pod(warm, canary, why, code, limits):
    with warm.pod(replace(SMALL, **limits)) as pod:
        room = canary(pod)
        assert room.ends(code)
        assert pod.stopped == why
        with pytest.raises(PodLost, match=why):
            pod.spawn("canary", {})
        pod.kill()
        assert (pod.stopped, pod.usage().processes > 0) == (why, True)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("MemoryError", "kept = bytearray(400 << 20)"),
        ("OSError: [Errno 28]", "open('/tmp/x', 'wb').write(bytes(16 << 20))"),
        ("OSError: [Errno 28]", "open('/dev/shm/x', 'wb').write(bytes(16 << 20))"),
        ("OSError: [Errno 24]", "import os; kept = [os.dup(0) for _ in range(600)]"),
        ("BlockingIOError", "import os, signal\nwhile os.fork(): pass\nsignal.pause()"),
    ],
    ids=["memory", "disk", "shared", "files", "processes"],
)
def test_a_limit_is_an_error_to_who_reaches_it(pod, canary, error, code):
    assert canary(pod).run(code)["error"].startswith(error)
    assert pod.stopped == ""


def test_usage_counts_what_is_touched(pod, canary):
    room = canary(pod)
    room("answer = 'here'")
    before = pod.usage()
    room("import builtins; builtins.kept = b'x' * (60 << 20)")
    after = pod.usage()
    assert 50 * MIB < after.memory_bytes - before.memory_bytes < 90 * MIB
    assert after.peak_bytes >= after.memory_bytes
    assert before.processes == after.processes == 1
    room(
        "import time\n"
        "end = time.process_time() + 0.2\n"
        "while time.process_time() < end: pass"
    )
    pod.kill()
    assert pod.usage().cpu_seconds >= 0.2
    assert pod.closed


def test_pods_do_not_meet(warm, canary):
    with warm.pod(SMALL) as one, warm.pod(SMALL) as other:
        left, right = canary(one), canary(other)
        left(
            "import builtins, socket, os\n"
            "builtins.s = socket.socket(socket.AF_UNIX)\n"
            "s.bind('\\0meet'); s.listen()\n"
            "builtins.t = socket.create_server(('127.0.0.1', 4567))\n"
            "builtins.p = os.openpty()\n"
            "for place in ('/tmp', '/desk', '/dev/shm'):\n"
            "    open(place + '/meet', 'w').write('x')"
        )
        met = right(
            "import os, socket\nanswer = []\n"
            "for family, at in ((1, '\\0meet'), (2, ('127.0.0.1', 4567))):\n"
            "    try:\n"
            "        socket.socket(family).connect(at); answer.append(str(at))\n"
            "    except OSError:\n"
            "        pass\n"
            "for place in ('/tmp', '/desk', '/dev/shm', '/dev/pts', '/stage'):\n"
            "    answer += [n for n in os.listdir(place) if n != 'ptmx']\n"
            "for place, folders, files in os.walk('/', onerror=None):\n"
            "    if place.startswith(('/proc', '/tmp', '/desk', '/dev/shm')):\n"
            "        folders.clear()\n"
            "    elif os.access(place, os.W_OK) and os.stat(place).st_uid == 1000:\n"
            "        try:\n"
            "            os.mkdir(place + '/meet'); answer.append(place)\n"
            "        except OSError:\n"
            "            pass\n"
            "    if place.count('/') > 1:\n"
            "        folders.clear()"
        )
        assert met == OURS


def test_the_prober_alone_sees_the_checks(pod, canary):
    look = (
        "import os; from helpers.grading.sandbox.inner.room import CHECKS, LAB;"
        "answer = [len(os.listdir(place)) > 0 for place in (LAB, CHECKS)]"
    )
    assert canary(pod, room="prober")(look) == [True, True]
    assert canary(pod, room="student")(look) == [False, False]
    assert canary(pod, room="service")(look) == [False, False]


def test_a_service_makes_namespaces_and_its_jobs_do_not(pod, canary):
    service = canary(pod, room="service")
    assert (
        service(
            "import ctypes, os\n"
            "libc = ctypes.CDLL(None, use_errno=True)\n"
            "if os.fork() == 0:\n"
            "    os._exit(libc.unshare(0x10020000))\n"
            "answer = os.wait()[1]"
        )
        == 0
    )
    assert (
        service(
            "import ctypes, os\n"
            "from helpers.grading.sandbox.inner import restrict\n"
            "if os.fork() == 0:\n"
            "    restrict()\n"
            "    libc = ctypes.CDLL(None, use_errno=True)\n"
            "    made = libc.unshare(0x10020000) == 0\n"
            "    os._exit(made or libc.shmget(0, 4096, 0o1600) < 0)\n"
            "answer = os.wait()[1]"
        )
        == 0
    )
    assert os.getpid() > 2
