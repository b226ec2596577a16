"""The warm process: it imports what notebooks need, once, and forks pods.

It runs no student's code, and holds nothing that a student may not read: whatever it
holds is in the memory of each pod too.
"""

import base64
import gc
import importlib
import os
import select
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from helpers.grading.sandbox import inner, kernel
from helpers.grading.sandbox.inner import room, warden
from helpers.grading.sandbox.packets import Packets

USER = 1000
_APART = (
    kernel.NEW_USER
    | kernel.NEW_PID
    | kernel.NEW_NET
    | kernel.NEW_IPC
    | kernel.NEW_UTS
    | kernel.NEW_MOUNTS
)


class Zygote:
    """Forks a pod for each request of its owner, and reports each pod's end."""

    def __init__(self, owner: Packets, life: int) -> None:
        self._owner = owner
        self._life = life
        self._pods: dict[int, int] = {}

    def serve(self) -> None:
        """Serve until the owner closes its end, or dies."""
        poll = select.poll()
        ended = warden.wake_on_children()
        for one in (self._owner.fileno(), self._life, ended):
            poll.register(one, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if self._life in ready:
                return
            if ended in ready:
                os.read(ended, 512)
                self._bury()
            if self._owner.fileno() in ready and not self._obey():
                return

    def _obey(self) -> bool:
        try:
            request, descriptors = self._owner.receive()
        except EOFError:
            return False
        if "kill" in request:
            for pid, number in self._pods.items():
                if number == request["kill"]:
                    os.kill(pid, signal.SIGKILL)
        else:
            self._fork(request, socket.socket(fileno=descriptors[0]))
        return True

    def _fork(self, request: dict[str, Any], control: socket.socket) -> None:
        with control:
            pid = kernel.fork_into(_APART)
            if pid == 0:
                _become_pod(request["limits"], control)
        self._pods[pid] = request["pod"]

    def _bury(self) -> None:
        while self._pods:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            number = self._pods.pop(pid, None)
            if number is not None:
                self._owner.send({"ended": number})


def _become_pod(limits: dict[str, Any], control: socket.socket) -> NoReturn:
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        kernel.keep_ids(USER, USER)
        room.close_all_but({0, 1, 2, control.fileno()})
        code = warden.Warden(limits, Packets(control)).keep()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _preload(names: list[str]) -> None:
    for name in names:
        prepare = getattr(importlib.import_module(name), "prepare", None)
        if name.startswith("helpers.") and prepare is not None:
            prepare()
    tasks = list(Path("/proc/self/task").glob("*/comm"))
    if len(tasks) > 1:
        running = " ".join(task.read_text().strip() for task in tasks)
        raise RuntimeError(f"threads run after the imports: {running}")
    gc.collect()
    gc.freeze()
    kernel.use_large_pages()


def main(descriptor: int, life: int) -> None:
    """Import what the owner asks for, and serve.

    Args:
        descriptor: The socket to the owner.
        life: A descriptor that becomes readable when the owner has ended.
    """
    owner = Packets(socket.socket(fileno=descriptor))
    order, _ = owner.receive()
    for name, programs in order["filters"].items():
        inner.FILTERS[name] = tuple(map(base64.b64decode, programs))
    _preload(order["preload"])
    owner.send({"ready": True})
    Zygote(owner, life).serve()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
