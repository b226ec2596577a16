import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest

from localaws import daemon
from localaws.home import LOST, Home


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOCALAWS_EPOCH", "2026-01-05T08:00:00Z")
    yield tmp_path / "home"
    daemon.stop()


def processes_of(home):
    """Return the live processes whose environment names this home."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and str(home) in str(process.environ()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_a_second_start_attaches(home):
    first = daemon.start()
    assert daemon.start() == first == daemon.find()
    assert first.note == ""
    assert psutil.Process(first.pid).cwd() == str(home)


def test_many_starts_have_one_winner(home):
    command = [sys.executable, "-m", "localaws", "start"]
    starters = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)
    ]
    answers = {starter.communicate()[0] for starter in starters}
    assert len(answers) == 1
    assert re.match(r"http://127\.0\.0\.1:\d+ · account 123456789012", answers.pop())
    assert [starter.returncode for starter in starters] == [0] * 6
    assert daemon.find() is not None


def test_planted_keys_do_not_reach_it(home, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHUSHHUSHHUSHHUSH")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    main = psutil.Process(daemon.start().pid)
    for process in [main, *main.children(recursive=True)]:
        assert "hush" not in str(process.environ()).lower()


def test_stop_leaves_no_process_and_no_file(home):
    pid = daemon.start().pid
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    assert daemon.stop()
    assert not alive(pid)
    until(lambda: not any(alive(process.pid) for process in family))
    assert {path.name for path in home.iterdir()} == {"daemon.lock", "daemon.log"}
    assert not daemon.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(home, number):
    os.kill(daemon.start().pid, number)
    until(lambda: not processes_of(home) and daemon.find() is None)
    assert daemon.start().note == ""


def test_after_a_crash_the_next_start_says_so(home):
    first = daemon.start()
    (home / "run" / "job-1").mkdir(parents=True, exist_ok=True)
    os.kill(first.pid, signal.SIGKILL)
    until(lambda: not processes_of(home) and daemon.find() is None)
    second = daemon.start()
    assert second.note == LOST
    assert not (home / "run" / "job-1").exists()
    assert daemon.start().note == ""


def test_one_that_hangs_is_killed(home, monkeypatch):
    pid = daemon.start().pid
    monkeypatch.setattr(daemon, "_STEP_SECONDS", 0.3)
    os.kill(pid, signal.SIGSTOP)
    assert daemon.stop()
    assert not alive(pid)


def test_it_ends_when_nobody_uses_it(home, monkeypatch):
    monkeypatch.setenv("LOCALAWS_IDLE_SECONDS", "0.2")
    daemon.start()
    until(lambda: not processes_of(home))
    monkeypatch.delenv("LOCALAWS_IDLE_SECONDS")
    assert daemon.start().note == ""


def test_a_failed_start_shows_the_log(home, monkeypatch):
    monkeypatch.setenv("LOCALAWS_EPOCH", "yesterday")
    with pytest.raises(daemon.DaemonError, match=r"(?s)daemon\.log ends:.*yesterday"):
        daemon.start()
    assert not processes_of(home)


def test_another_version_is_replaced(home):
    old = daemon.start()
    text = (home / "daemon.json").read_text()
    (home / "daemon.json").write_text(text.replace(old.version, "0.0.0"))
    new = daemon.start()
    assert new.note == daemon.OUTDATED
    assert new.pid != old.pid
    assert not alive(old.pid)


def test_a_second_server_in_one_home_is_refused(home):
    daemon.start()
    with pytest.raises(daemon.DaemonError, match="already runs"):
        daemon.serve()


def test_control_wants_the_token(home):
    import dataclasses

    thief = dataclasses.replace(daemon.start(), token="guess")
    with pytest.raises(daemon.DaemonError, match="403"):
        thief.control("GET", "status")


def test_without_a_name_the_home_belongs_to_the_checkout(tmp_path, monkeypatch):
    monkeypatch.delenv("LOCALAWS_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert daemon.home().parent == tmp_path / ".cache" / "localaws"
    assert daemon.home() == daemon.home()
    assert Home(daemon.home()).read() is None
