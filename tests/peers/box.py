"""The sandbox that protects this machine while nbgrader runs hostile code.

It is not nbgrader's: within, nbgrader and what it starts may do to the course, the
home and the overlay whatever they may on an instructor's machine. There is no network,
and the repository can only be read.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from helpers.grading.sandbox import bubble, launcher

ROOT = Path(__file__).parents[2]
MOST_GIB, MOST_PROCESSES, MOST_SECONDS = 4, 600, 200
_MOST_BYTES = MOST_GIB << 30
LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Ended:
    """How a program ended.

    Attributes:
        stopped: by what bound it was stopped from outside, or empty.
        said: what it wrote to its standard output.
        errors: the end of what it wrote to its standard error.
        seconds: how long it ran.
        memory: the most bytes that all processes held when looked at.
    """

    stopped: str
    said: str
    errors: str
    seconds: float
    memory: int


def run(program: list[str], place: Path, environment: dict[str, str]) -> Ended:
    """Run a program in the sandbox until it ends, or passes a bound.

    Args:
        program: What to run there.
        place: The one folder that it may write to.
        environment: The whole of it.
    """
    if os.getuid() == 0:
        # the launcher starts bubblewrap as an ordinary user
        owner = str(launcher.NOBODY_ELSE)
        subprocess.run(["chown", "-hR", f"{owner}:{owner}", str(place)], check=True)
    life, held = os.pipe()
    command = [sys.executable, launcher.__file__, str(life)]
    command += [*_argv(place, environment), *program]
    with (
        tempfile.TemporaryFile("w+", errors="replace") as said,
        tempfile.TemporaryFile("w+", errors="replace") as errors,
    ):
        begun = time.monotonic()
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=errors,
            pass_fds=[life],
        ) as started:
            os.close(life)
            stopped, memory = _watch(started, place)
            os.close(held)
        seconds = time.monotonic() - begun
        texts = []
        for file in (said, errors):
            file.seek(max(0, os.fstat(file.fileno()).st_size - 1_000_000))
            texts.append(file.read())
    return Ended(stopped, *texts, seconds, memory)


def _argv(place: Path, environment: dict[str, str]) -> list[str]:
    bwrap = shutil.which("bwrap")
    assert bwrap, "install bubblewrap"
    argv = [bwrap, "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    argv += ["--unshare-uts", "--die-with-parent", "--new-session"]
    argv += ["--uid", "0", "--gid", "0", "--cap-drop", "ALL"]
    argv += ["--cap-add", "CAP_NET_ADMIN", "--cap-add", "CAP_SETPCAP", "--clearenv"]
    for name, value in environment.items():
        argv += ["--setenv", name, value]
    argv += ["--size", str(1 << 30), "--tmpfs", "/tmp"]
    shown = [one for one in bubble.folders() if ROOT not in one.parents]
    for folder in (Path("/etc"), *shown, ROOT):
        argv += ["--ro-bind", str(folder), str(folder)]
    argv += bubble.system()
    argv += ["--proc", "/proc", "--dev", "/dev", "--bind", str(place), str(place)]
    return [*argv, "--chdir", str(ROOT), "--"]


def _watch(started: subprocess.Popen[bytes], place: Path) -> tuple[str, int]:
    """Wait for the end, or for a bound; give which, and the most memory."""
    ends = time.monotonic() + MOST_SECONDS
    free, most = shutil.disk_usage(place).free, 0
    while started.poll() is None:
        tree = _tree(started.pid)
        # a fork bomb grows while it is measured, so it is counted first
        if len(tree) > MOST_PROCESSES:
            return f"processes: more than {MOST_PROCESSES}", most
        memory = sum(map(_resident, tree))
        if memory > _MOST_BYTES:
            # what forks share counts once
            memory = sum(map(_proportional, tree))
        most = max(most, memory)
        if memory > _MOST_BYTES:
            return f"memory: {memory >> 20} MiB", most
        # others write to this disk, too
        used = free - shutil.disk_usage(place).free
        if used > _MOST_BYTES and _disk(place) > _MOST_BYTES:
            return "disk", most
        if time.monotonic() > ends:
            return f"time: {MOST_SECONDS} s", most
        time.sleep(LOOK_SECONDS)
    return "", most


def _disk(place: Path) -> int:
    """Give the bytes of a folder that is changed meanwhile."""
    used = subprocess.run(
        ["du", "-s", "--block-size=1", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    return int(used.stdout.split()[0])


def _tree(pid: int) -> list[int]:
    """Give the descendants of a process, or the first of them if there are many."""
    found = [pid]
    for each in found:
        try:
            for thread in Path(f"/proc/{each}/task").iterdir():
                found += map(int, (thread / "children").read_text().split())
        except OSError:
            continue
        if len(found) > MOST_PROCESSES + 1:
            break
    return found[1:]


def _resident(pid: int) -> int:
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0


def _proportional(pid: int) -> int:
    try:
        return psutil.Process(pid).memory_full_info().pss
    except psutil.AccessDenied:
        return _resident(pid)
    except psutil.Error:
        return 0
