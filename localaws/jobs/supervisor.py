"""The process that stands between the keeper and one job, and outlives the job.

It is the subreaper of the job: whatever the job starts stays its descendant. It ends
the job when it is told to, when time is up, or when its owner or the keeper is gone,
then kills what is left, and only then reports.
"""

import contextlib
import fcntl
import os
import resource
import select
import signal
import socket
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from localaws.jobs import linux
from localaws.jobs.isolation import separate
from localaws.jobs.runner import run_python
from localaws.jobs.wire import Control

_HIGH = 64
# poll(2) counts milliseconds in 32 bits, and AWS lets a job run for 28 days
_LONGEST = 86_400.0
SIGNALS = (signal.SIGCHLD, signal.SIGTERM)


def supervise(
    keeper: int,
    sock: socket.socket,
    output: int,
    inherited: list[int],
    harden: Callable[[], None] = lambda: None,
) -> NoReturn:
    """Run the job that the control socket asks for; ends this process.

    Args:
        keeper: process id of the keeper, which has just forked this process.
        sock: the control socket.
        output: where the job's stdout and stderr go.
        inherited: descriptors that the job gets as 3, 4 and so on.
        harden: called in the job's process before its program.
    """
    linux.adopt_orphans()
    wakeup = wake_on(*SIGNALS)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    linux.die_with_parent(keeper, signal.SIGTERM)
    control = Control(sock)
    messages = control.receive()
    while messages is not None and not messages:
        messages = control.receive()
    if messages is None:
        os._exit(0)
    request, *rest = messages
    supervisor = os.getpid()
    job = fork()
    if job == 0:
        _become(request, supervisor, output, inherited, harden)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    os.close(output)
    for descriptor in inherited:
        os.close(descriptor)
    control.send(pid=job, supervisor=supervisor)
    code, cause = _Watch(job, control, wakeup, request).until_the_end(rest)
    control.send(exit=code, cause=cause)
    os._exit(0)


def fork() -> int:
    """Fork with `SIGNALS` blocked; both sides have to unblock them.

    A child that gets a signal before it has its own handlers would write it to the
    pipe of its parent.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    return os.fork()


def wake_on(*signals: signal.Signals) -> int:
    """Have signals written to a pipe, so that a poll sees them.

    Returns:
        The end to read; one byte, the signal's number, for each signal.
    """
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for one in signals:
        signal.signal(one, lambda number, frame: None)
    return reader


class _Watch:
    def __init__(
        self, job: int, control: Control, wakeup: int, request: dict[str, Any]
    ) -> None:
        self.job = job
        self.control = control
        self.wakeup = wakeup
        self.grace: float = request["grace"]
        self.first: int = request["stop_signal"]
        self.deadline: float | None = None
        if request["seconds"] is not None:
            self.deadline = time.monotonic() + request["seconds"]
        self.cause = "exited"
        self.over = False

    def until_the_end(self, messages: list[dict[str, Any]]) -> tuple[int, str]:
        ended: dict[int, int] = {}
        self._obey(messages)
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.wakeup, select.POLLIN)
        while self.job not in ended and not self.over:
            ready = dict(poll.poll(self._patience()))
            if self.wakeup in ready:
                if signal.SIGTERM in os.read(self.wakeup, 512):
                    self.cause, self.over = "lost", True
                ended |= linux.reap()
            if self.control.fileno() in ready:
                self._obey(self.control.receive())
            if self.deadline is not None and time.monotonic() >= self.deadline:
                self._time_is_up()
        ended |= linux.kill_family()
        return ended[self.job], self.cause

    def _patience(self) -> float | None:
        if self.deadline is None:
            return None
        left = max(0.0, self.deadline - time.monotonic())
        return min(left, _LONGEST) * 1000 + 1

    def _obey(self, messages: list[dict[str, Any]] | None) -> None:
        if messages is None:
            self.over = True
        for message in messages or []:
            if "kill" in message:
                self.over = True
            elif self.cause == "exited":
                self._terminate("stopped", message["stop"], self.first)

    def _time_is_up(self) -> None:
        if self.cause == "exited":
            self._terminate("timeout", self.grace, signal.SIGTERM)
        else:
            self.over = True

    def _terminate(self, cause: str, grace: float, number: int) -> None:
        self.cause = cause
        self.deadline = time.monotonic() + grace
        try:
            os.killpg(self.job, number)
        except ProcessLookupError:
            # the job has not yet made its own group, or is a zombie
            os.kill(self.job, number)


def _become(
    request: dict[str, Any],
    supervisor: int,
    output: int,
    inherited: list[int],
    harden: Callable[[], None],
) -> NoReturn:
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        # new credentials would clear the parent-death signal, so this comes first
        separate(request["isolated"], request.get("mounts", []))
        linux.die_with_parent(supervisor, signal.SIGKILL)
        _wire_up(request["stdin"], output, inherited)
        _limit(resource.RLIMIT_FSIZE, request["file_bytes"])
        _limit(resource.RLIMIT_CORE, 0)
        harden()
        code = start(request)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def start(request: dict[str, Any]) -> int:
    """Run what a request asks for, in this process.

    Returns:
        The exit code; an executed program does not return.
    """
    argv, environ = request["argv"], request["env"]
    try:
        os.chdir(request["cwd"])
    except OSError as error:
        return _refuse(request["cwd"], error, 1)
    if request["python"] is not None:
        return run_python(request["python"], argv, environ)
    for one in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(one, signal.SIG_DFL)
    try:
        os.execvpe(argv[0], argv, environ)
    except FileNotFoundError as error:
        return _refuse(argv[0], error, 127)
    except OSError as error:
        return _refuse(argv[0], error, 126)


def _refuse(name: str, error: OSError, code: int) -> int:
    os.write(2, f"{name}: {error.strerror}\n".encode())
    return code


def _wire_up(stdin: str, output: int, inherited: list[int]) -> None:
    given = os.open(stdin, os.O_RDONLY | os.O_CLOEXEC)
    wanted = [given, output, output, *inherited]
    # first out of the way, so that no target number overwrites a source
    high = [fcntl.fcntl(one, fcntl.F_DUPFD, _HIGH) for one in wanted]
    for number, source in enumerate(high):
        os.dup2(source, number)
    for entry in os.listdir("/proc/self/fd"):  # noqa: PTH208
        if int(entry) >= len(high):
            with contextlib.suppress(OSError):
                os.close(int(entry))
