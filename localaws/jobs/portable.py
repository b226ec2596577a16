"""Supervision where the kernel has no subreaper (macOS): a process group, no more.

It speaks the words of `wire`, from a thread of the owner. A process that leaves the
group is not found, and a job outlives an owner that is killed with SIGKILL.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import threading
import time
from typing import Any

from localaws.jobs.wire import INHERITED, Control

_TICK = 0.05


def supervise(
    request: dict[str, Any], sock: socket.socket, output: int, inherited: list[int]
) -> None:
    """Start the job that `request` describes and watch it from a thread.

    Args:
        request: as `wire` describes it; a cold one.
        sock: the supervisor's end of the control socket; closed at the end.
        output: where its stdout and stderr go; closed here.
        inherited: descriptors that the job gets, under numbers that a variable tells.
    """
    control = Control(sock)
    given = os.open(request["stdin"], os.O_RDONLY | os.O_CLOEXEC)
    try:
        process = subprocess.Popen(
            request["argv"],
            env=request["env"] | {INHERITED: " ".join(map(str, inherited))},
            cwd=request["cwd"],
            stdin=given,
            stdout=output,
            stderr=output,
            pass_fds=inherited,
            start_new_session=True,
        )
    except OSError as error:
        os.write(output, f"{request['argv'][0]}: {error.strerror}\n".encode())
        code = 127 if isinstance(error, FileNotFoundError) else 126
        control.send(exit=code, cause="exited")
        control.close()
        return
    finally:
        os.close(given)
        os.close(output)
    control.send(pid=process.pid, supervisor=process.pid)
    threading.Thread(
        target=_watch, args=(process, control, request), name="job", daemon=True
    ).start()


def _watch(
    process: subprocess.Popen[bytes], control: Control, request: dict[str, Any]
) -> None:
    cause = "exited"
    deadline: float | None = None
    if request["seconds"] is not None:
        deadline = time.monotonic() + request["seconds"]
    over = False
    while process.poll() is None and not over:
        grace: float | None = None
        if select.select([control], [], [], _TICK)[0]:
            messages = control.receive()
            over = messages is None or any("kill" in one for one in messages)
            for message in messages or []:
                if "stop" in message and cause == "exited":
                    cause, grace = "stopped", message["stop"]
        if deadline is not None and time.monotonic() >= deadline and grace is None:
            over = over or cause != "exited"
            cause, grace = ("timeout" if cause == "exited" else cause), request["grace"]
        if grace is not None:
            deadline = time.monotonic() + grace
            stopped = cause == "stopped"
            _signal(process.pid, request["stop_signal"] if stopped else signal.SIGTERM)
    _signal(process.pid, signal.SIGKILL)
    control.send(exit=process.wait(), cause=cause)
    control.close()


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
