"""The parent: a process that has imported the libraries and forks kernels.

It only imports. Whatever runs a thread pool, a JVM or CUDA before the fork leaves a
kernel that hangs, and `matplotlib_inline.backend_inline`, imported before the fork,
leaves one that shows no figures. It ends soon after its last client, and takes its
kernels with it however it ends.
"""

import array
import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from pathlib import Path

from helpers.kernels import child
from helpers.kernels.client import locked

PRELOAD = (
    "ipykernel.kernelapp",
    "numpy",
    "pandas",
    "matplotlib.pyplot",
    "seaborn",
    "sklearn.compose",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.pipeline",
    "boto3",
    "sagemaker.core.resources",
    "sagemaker.train.model_trainer",
)
LINGER_SECONDS = 5.0
REQUEST_BYTES = 1 << 20


class Parent:
    """Accepts clients, forks a kernel for each request, and reports its end.

    A client is one connection. It may ask for one kernel; the kernel is killed, with
    its process group, when the connection closes.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        self._kernels: dict[socket.socket, int] = {}
        self._clients: set[socket.socket] = set()

    def serve(self) -> None:
        """Serve until no client has been there for a while."""
        while True:
            events = self._selector.select(None if self._clients else LINGER_SECONDS)
            for key, _ in events:
                key.data(key.fileobj)
            if not events and self._retire():
                return

    def _retire(self) -> bool:
        """Give up the socket, unless a client has just come for it."""
        path = Path(self._listener.getsockname())
        with locked(path.parent):
            self._listener.setblocking(False)
            try:
                self._welcome(self._listener.accept()[0])
            except BlockingIOError:
                path.unlink(missing_ok=True)
                path.with_suffix(".log").unlink(missing_ok=True)
                return True
        return False

    def _accept(self, listener: socket.socket) -> None:
        self._welcome(listener.accept()[0])

    def _welcome(self, line: socket.socket) -> None:
        line.setblocking(True)
        self._clients.add(line)
        self._selector.register(line, selectors.EVENT_READ, self._hear)
        self._tell(line, {"ready": True})

    def _hear(self, line: socket.socket) -> None:
        room = socket.CMSG_SPACE(3 * array.array("i").itemsize)
        try:
            data, rights, *_ = line.recvmsg(REQUEST_BYTES, room)
        except ConnectionResetError:
            data, rights = b"", []
        if not data:
            self._forget(line)
            return
        streams = array.array("i")
        for *_, payload in rights:
            streams.frombytes(payload)
        self._fork(line, json.loads(data), list(streams))

    def _fork(self, line: socket.socket, request: dict, streams: list[int]) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._let_go()
            child.run(request, streams, parent)
        for descriptor in streams:
            os.close(descriptor)
        self._kernels[line] = pid
        self._selector.register(os.pidfd_open(pid), selectors.EVENT_READ, self._reap)
        self._tell(line, {"pid": pid})

    def _let_go(self) -> None:
        """Close, in a new kernel, what belongs to the parent."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, int):
                os.close(key.fileobj)
            else:
                key.fileobj.close()
        self._selector.close()

    def _reap(self, descriptor: int) -> None:
        self._selector.unregister(descriptor)
        ended = os.waitid(os.P_PIDFD, descriptor, os.WEXITED | os.WNOWAIT)
        # Its pid is still taken: nobody else's group can bear that number.
        self._kill_group(ended.si_pid)
        status = os.waitstatus_to_exitcode(os.waitpid(ended.si_pid, 0)[1])
        os.close(descriptor)
        for line in [key for key, pid in self._kernels.items() if pid == ended.si_pid]:
            del self._kernels[line]
            self._tell(line, {"exit": status})

    def _forget(self, line: socket.socket) -> None:
        self._selector.unregister(line)
        self._clients.remove(line)
        line.close()
        pid = self._kernels.pop(line, None)
        if pid is not None:
            self._kill_group(pid)

    @staticmethod
    def _kill_group(pid: int) -> None:
        # A kernel forked an instant ago may not lead its group yet.
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)

    @staticmethod
    def _tell(line: socket.socket, message: dict) -> None:
        # A client that has gone is dealt with when its end of file is read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.send(json.dumps(message).encode())


def preload() -> None:
    """Import what kernels will need, and leave no thread behind.

    Raises:
        RuntimeError: If an import has started a thread.
    """
    for name in PRELOAD:
        # An environment without the course's requirements still gets its kernels.
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(name)
    threads = [task.read_text() for task in Path("/proc/self/task").glob("*/comm")]
    if len(threads) > 1:
        raise RuntimeError(f"threads run after the imports: {' '.join(threads[1:])}")
    gc.collect()
    gc.freeze()


def main() -> None:
    """Detach from the client that started this process, import, and serve."""
    if os.fork():
        os._exit(0)
    os.setsid()
    # Python put the working folder there because of `-m`; no kernel of ours has it.
    if sys.path[0] == str(Path.cwd()):
        del sys.path[0]
    listener = socket.socket(fileno=int(sys.argv[1]))
    preload()
    Parent(listener).serve()


if __name__ == "__main__":
    main()
