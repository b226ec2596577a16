"""The process that forks jobs: it imports, waits, forks, and buries the dead.

It is a subreaper, as each supervisor is: when a supervisor is killed, what the job
started falls to the keeper, which kills it. It must hold no thread but its own, or a
fork could copy a locked lock.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from localaws.jobs import linux
from localaws.jobs.supervisor import SIGNALS, fork, supervise, wake_on
from localaws.jobs.wire import MAX_DESCRIPTORS

# a folder of the user's that holds these is no reason for a fresh interpreter
_NOBODY_ELSES = {"__main__", "localaws"}


def main(descriptor: int, owner: int, preload: list[str]) -> None:
    """Serve jobs until the owner closes the socket or dies.

    Args:
        descriptor: the owner's socket.
        owner: its process id.
        preload: modules to import first; those that are missing are skipped.
    """
    linux.die_with_parent(owner, signal.SIGTERM)
    del sys.path[0]
    for name in preload:
        _load(name)
    keep(socket.socket(fileno=descriptor), warm=bool(preload))


def keep(
    owner_socket: socket.socket,
    *,
    warm: bool,
    harden: Callable[[], None] = lambda: None,
) -> None:
    """Serve jobs until the owner closes the socket, with what is imported by now.

    Args:
        owner_socket: this end of it.
        warm: whether jobs may be forked from this process.
        harden: called in each job's process before its program.
    """
    linux.adopt_orphans()
    # a pool that an import started would be copied half alive
    alone = len(list(Path("/proc/self/task").iterdir())) == 1
    wakeup = wake_on(*SIGNALS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    loaded = sorted({name.partition(".")[0] for name in sys.modules} - _NOBODY_ELSES)
    hello = {"warm": warm and alone, "loaded": loaded if warm else []}
    owner_socket.send(json.dumps(hello).encode())
    _Keeper(owner_socket, wakeup, harden).serve()
    linux.kill_family()


def _load(name: str) -> None:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return
    except Exception:
        # a broken package is the business of the job that imports it
        traceback.print_exc()


class _Keeper:
    def __init__(
        self, owner: socket.socket, wakeup: int, harden: Callable[[], None]
    ) -> None:
        self.owner = owner
        self.wakeup = wakeup
        self.harden = harden
        # the copy of a job's control socket is closed last: that tells its owner that
        # nothing is left
        self.jobs: dict[int, socket.socket] = {}

    def serve(self) -> None:
        poll = select.poll()
        poll.register(self.owner, select.POLLIN)
        poll.register(self.wakeup, select.POLLIN)
        while True:
            ready = dict(poll.poll())
            if self.wakeup in ready:
                if signal.SIGTERM in os.read(self.wakeup, 512):
                    return
                self._bury(linux.reap())
            if self.owner.fileno() in ready and not self._accept():
                return

    def _accept(self) -> bool:
        data, descriptors, *_ = socket.recv_fds(self.owner, 1, MAX_DESCRIPTORS)
        if not data:
            return False
        output, control, *inherited = descriptors
        me = os.getpid()
        pid = fork()
        sock = socket.socket(fileno=control)
        if pid == 0:
            self.owner.close()
            for other in self.jobs.values():
                other.close()
            supervise(me, sock, output, inherited, self.harden)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        self.jobs[pid] = sock
        for one in (output, *inherited):
            os.close(one)
        return True

    def _bury(self, ended: dict[int, int]) -> None:
        while ended:
            gone = [self.jobs.pop(pid) for pid in ended if pid in self.jobs]
            orphaned = any(ended.values())
            ended = linux.kill_family(frozenset(self.jobs)) if orphaned else {}
            for sock in gone:
                sock.close()
