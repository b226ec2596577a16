"""The process between the grader and bubblewrap: nobody's thread, one task.

It reads the places to bind as a root grader may, becomes an ordinary user if it was
root, starts bubblewrap with an empty environment, and ends it with all that it
started when the grader has ended, however that happened. It imports next to nothing.
"""

import ctypes
import os
import select
import signal
import stat
import sys

_NEW_MOUNTS, _BIND, _TREE, _PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000
_SUBREAPER, _DIE_WITH_PARENT = 36, 1
_STAGE = "/dev/shm"
# of no account of any distribution, and below the ids that containers lack
NOBODY_ELSE = 61_337
_KILLED_EARLY = "500"
_libc = ctypes.CDLL(None, use_errno=True)


def _held(answer: int, what: str) -> None:
    if answer != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    given = [part.encode() if part else None for part in (source, target, kind)]
    _held(_libc.mount(*given, ctypes.c_ulong(flags), None), target)


def _stage(sources: list[str]) -> dict[str, str]:
    """Bind the sources where a user without rights on the way to them finds them."""
    _held(_libc.unshare(_NEW_MOUNTS), "unshare")
    _mount(None, "/", None, _TREE | _PRIVATE)
    wanted = [(one, os.path.realpath(one)) for one in sources]
    held = [
        (one, os.open(real, os.O_PATH), stat.S_ISDIR(os.lstat(real).st_mode))
        for one, real in wanted
    ]
    _mount("tmpfs", _STAGE, "tmpfs", 0)
    found = {}
    for number, (source, descriptor, folder) in enumerate(held):
        place = f"{_STAGE}/{number}"
        if folder:
            os.mkdir(place)  # noqa: PTH102 - pathlib costs 10 ms
        else:
            os.close(os.open(place, os.O_CREAT, 0o644))
        _mount(f"/proc/self/fd/{descriptor}", place, None, _BIND)
        os.close(descriptor)
        found[source] = place
    return found


def _drop() -> None:
    os.setgroups([])
    os.setresgid(NOBODY_ELSE, NOBODY_ELSE, NOBODY_ELSE)
    os.setresuid(NOBODY_ELSE, NOBODY_ELSE, NOBODY_ELSE)


def _argv(argv: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return argv
    at = [n + 1 for n, word in enumerate(argv) if word == "--ro-bind"]
    places = _stage([argv[n] for n in at])
    _drop()
    return [places[word] if n in at else word for n, word in enumerate(argv)]


def _kill_all() -> None:
    """Kill each descendant, until there is none to bury."""
    while True:
        path = f"/proc/self/task/{os.getpid()}/children"
        with open(path) as file:  # noqa: PTH123
            children = file.read().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


def main(life: int, argv: list[str]) -> int:
    """Run bubblewrap until it ends, or its grader does.

    Args:
        life: A descriptor that becomes readable when the grader has ended.
        argv: The command.

    Returns:
        The exit code of the command.
    """
    os.setsid()
    _held(_libc.prctl(_SUBREAPER, 1, 0, 0, 0), "subreaper")
    # what is within shall be killed first where memory ends; root makes it the least
    with open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        file.write(_KILLED_EARLY)
    argv = _argv(argv)
    me, pid = os.getpid(), os.fork()
    if pid == 0:
        _libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        if os.getppid() == me:
            try:
                os.execve(argv[0], argv, {})
            except OSError as error:
                os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(126)
    ended = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(life, select.POLLIN)
    poll.poll()
    code = 0
    if poll.poll(0) and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    _kill_all()
    return code & 0xFF


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
