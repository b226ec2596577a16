"""Nothing is left, however a warm process ends."""

import signal
import subprocess
import sys

import psutil
import pytest

from helpers.grading.crossing.lines import Gone
from helpers.grading.sandbox import NotStarted, PodLost, Warm, bubble, preload

OWNER = """
import os, sys, time
from helpers.grading.crossing.lines import Gone
from helpers.grading.sandbox import Tier, Warm, preload
warm = Warm(Tier("full", sys.argv[1]), imports=preload.CANARY).__enter__()
pod = warm.pod()
line = pod.spawn("canary", {})
line.sendall(b'{"code": "import os, time; os.fork(); os.setsid(); time.sleep(600)"}\\n')
while pod.usage().processes < 2:
    pass
if os.fork() == 0:
    time.sleep(2)
    os._exit(0)
print(warm.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def own(tier):
    with Warm(tier, imports=preload.CANARY) as warm:
        yield warm


def family(warm):
    launcher = psutil.Process(warm.pid)
    return [launcher, *launcher.children(recursive=True)]


def all_gone(processes):
    return psutil.wait_procs(processes, timeout=20)[1] == []


def test_nothing_is_left_when_it_closes(own, canary):
    room = canary(own.pod())
    room.lines.send({"code": "import os, time; os.fork(); time.sleep(600)"})
    while room.pod.usage().processes < 2:
        continue
    within = family(own)
    # launcher, bubblewrap twice, the warm process, a pod's first, a room's, a role
    assert len(within) >= 7
    own.__exit__(None, None, None)
    assert all_gone(within)
    assert room.pod.closed


def test_nothing_is_left_when_its_owner_is_killed(tier):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, tier.bwrap],
        stdout=subprocess.PIPE,
        cwd=bubble.ROOT,
    )
    with owner, owner.stdout:
        launcher = psutil.Process(int(owner.stdout.readline()))
        within = [launcher, *launcher.children(recursive=True)]
        assert len(within) >= 7
        owner.kill()
    assert all_gone(within)


@pytest.mark.parametrize("victim", ["launcher", "bwrap", "python"])
def test_nothing_is_left_when_one_of_it_is_killed(own, canary, victim):
    pod = own.pod()
    room = canary(pod)
    within = family(own)
    if victim == "launcher":
        within[0].kill()
    else:
        next(one for one in within[1:] if victim in one.name()).kill()
    with pytest.raises(Gone):
        room.run("import time; time.sleep(60)")
    assert all_gone(within[1:])
    pod.kill()
    assert pod.stopped == "lost"
    with pytest.raises((NotStarted, PodLost)):
        own.pod().spawn("canary", {})


def test_a_pod_s_end_leaves_the_warm_process_alone(own, canary):
    pod = own.pod()
    canary(pod)
    before = family(own)
    pod.kill()
    pod.kill()
    left = family(own)
    assert 0 < len(left) < len(before)
    with own.pod() as other:
        assert canary(other)("answer = 3") == 3


def test_one_that_cannot_import_says_so(tier):
    with pytest.raises(NotStarted, match="No module named 'nothing_of_this_name'"):
        Warm(tier, imports=["nothing_of_this_name"]).__enter__()


def test_the_warden_alone_is_killed(own, canary):
    pod = own.pod()
    room = canary(pod)
    # of the pythons within, the warm process comes first, and then the pod's first
    warden = [one for one in family(own)[1:] if one.name() == "python"][1]
    warden.send_signal(signal.SIGKILL)
    with pytest.raises(Gone):
        room.run("import time; time.sleep(60)")
    assert pod.stopped == "lost"
    pod.kill()
    with own.pod() as other:
        assert canary(other)("answer = 4") == 4
