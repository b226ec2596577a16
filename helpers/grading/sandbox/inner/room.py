"""A room of a pod: one role, with what it sees, what it may and how much.

The first process of its namespace, `FIRST`, only lies there: it has orphans buried,
and its end ends them all. The role is the second one, and makes its own walls.
"""

import importlib
import os
import resource
import signal
import socket
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from helpers.grading.sandbox import inner, kernel
from localaws.jobs.isolation import cover

HOME, LAB, STAGE = "/desk", "/lab", "/stage"
CHECKS = str(Path(__file__).resolve().parents[3] / "checks")
FIRST = ("/usr/bin/env", "--ignore-signal=CHLD", "sleep", "infinity")
_NO_PROGRAMS = 0x8
_FEW = {
    "max_inotify_instances": 32,
    "max_inotify_watches": 4096,
    "max_fanotify_groups": 0,
}
_SIGNALS = 1024


@dataclass(frozen=True)
class Room:
    """What a room offers.

    Attributes:
        calls: The filter of system calls.
        limits: How the names of its limits begin.
        checks: Whether the checks of the labs are seen.
        niceness: What is added to it: many processes of a student must not keep the
            pod's warden, who ends them, from a processor.
    """

    calls: str
    limits: str = ""
    checks: bool = False
    niceness: int = 0


ROOMS = {
    "student": Room("student", niceness=19),
    "prober": Room("student", checks=True),
    "service": Room("service", limits="endpoint_"),
}
ROLES = {
    "student": ("student", "helpers.grading.roles.student"),
    "bench": ("student", "helpers.grading.roles.student"),
    "prober": ("prober", "helpers.grading.roles.prober"),
    "endpoint": ("service", "helpers.grading.roles.endpoint"),
    "canary": ("student", "helpers.grading.sandbox.canary"),
}


def furnish(
    request: dict[str, Any], limits: dict[str, Any], output: int, given: list[int]
) -> NoReturn:
    """Make the room that a request asks for, and run its role; ends this process.

    Args:
        request: The role, the room if it is another than the role's, the settings.
        limits: What the role may use.
        output: Where its descriptors 1 and 2 go.
        given: Its socket, and the descriptors that its settings tell of.
    """
    code = 1
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        close_all_but({0, 1, 2, *given})
        usual, module = ROLES[request["role"]]
        room = ROOMS[request["room"] or usual]
        _separate(room, limits)
        _bound(limits, room)
        code = _play(module, request["settings"], given)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _separate(room: Room, limits: dict[str, Any]) -> None:
    user, group = os.getuid(), os.getgid()
    kernel.unshare(kernel.NEW_MOUNTS | kernel.NEW_IPC)
    nothing = kernel.NO_SUID | kernel.NO_DEV | _NO_PROGRAMS
    # the first process is of the namespace outside this one, and so not seen
    kernel.mount("proc", "/proc", "proc", nothing, "hidepid=2")
    terminals = kernel.NO_SUID | _NO_PROGRAMS
    options = "newinstance,ptmxmode=0666,mode=620"
    kernel.mount("devpts", "/dev/pts", "devpts", terminals, options)
    kernel.temporary(STAGE, limits[f"{room.limits}disk_bytes"])
    for name, place in (("desk", HOME), ("tmp", "/tmp"), ("shm", "/dev/shm")):
        folder = Path(STAGE, name)
        folder.mkdir()
        folder.chmod(0o755 if place == HOME else 0o1777)
        cover(folder, place)
    kernel.unmount(STAGE)
    for place in () if room.checks else (LAB, CHECKS):
        kernel.mount("tmpfs", place, "tmpfs", kernel.READ_ONLY, "size=4k")
    kernel.unshare(kernel.NEW_USER)
    kernel.keep_ids(user, group)
    few = _FEW | ({"max_user_namespaces": 0} if room.calls == "student" else {})
    for name, most in few.items():
        Path("/proc/sys/user", name).write_text(str(most))


def _bound(limits: dict[str, Any], room: Room) -> None:
    for kind, most in (
        (resource.RLIMIT_NPROC, limits[f"{room.limits}processes"]),
        (resource.RLIMIT_DATA, limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_NOFILE, limits[f"{room.limits}descriptors"]),
        (resource.RLIMIT_SIGPENDING, _SIGNALS),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(kind, (most, most))
    os.nice(room.niceness)
    kernel.drop_privileges()
    inner.restrict(room.calls)


def _play(module: str, settings: dict[str, Any], given: list[int]) -> int:
    os.setsid()
    os.umask(0o022)
    os.chdir(HOME)
    signal.set_wakeup_fd(-1)
    for one in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(one, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    first, *others = given
    role = importlib.import_module(module)
    code = 0
    try:
        role.run(socket.socket(fileno=first), {**settings, "descriptors": others})
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(bool(error.code))
    except BaseException:
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code & 0xFF


def close_all_but(kept: set[int]) -> None:
    """Close each open descriptor that is not to be kept."""
    for entry in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names only
        if int(entry) not in kept:
            try:
                os.close(int(entry))
            except OSError:
                continue
