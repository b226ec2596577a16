"""One life of a server process, and the connections to it."""

import os
import select
import socket
import threading
from collections.abc import Callable, Mapping
from typing import BinaryIO

from localaws.jobs import http1
from localaws.jobs.contract import Command, Limits
from localaws.jobs.lines import Lines
from localaws.jobs.parent import Parent
from localaws.jobs.wire import Control

_CHUNK = 65_536
_NO_LIMIT = Limits(disk_bytes=2**62)


class Connection:
    """A persistent connection to the server."""

    def __init__(self, port: int, timeout: float) -> None:
        """Connect within `timeout` seconds."""
        self.sock = socket.create_connection(("127.0.0.1", port), timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream: BinaryIO = self.sock.makefile("rb")

    def ask(
        self, first: str, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> http1.Message:
        """Send a request and wait for its answer.

        Args:
            first: the first line.
            headers: without Content-Length.
            body: the bytes.
            timeout: seconds for each step.

        Raises:
            TimeoutError: it took longer.
            ConnectionError: the server has gone.
            ProtocolError: the answer is not HTTP.
        """
        self.sock.settimeout(timeout)
        http1.send(self.sock, first, headers, body)
        answer = http1.read(self.stream)
        if answer is None:
            raise ConnectionResetError("the server closed the connection")
        return answer

    def close(self) -> None:
        """Close it."""
        self.stream.close()
        self.sock.close()


class Life:
    """One life of the server process: from its start to its end.

    Attributes:
        port: where it listens, on 127.0.0.1.
        pid: process id, once it is known.
        exit_code: once it has ended.
        ended: set when nothing of it is left.
        idle: connections that wait for a request.
    """

    def __init__(
        self,
        parent: Parent,
        command: Command,
        say: Callable[[list[str]], None],
    ) -> None:
        """Start the process; it is not ready yet.

        Args:
            parent: where to fork from.
            command: what to run, with a listening socket as descriptor 3.
            say: called with the lines that it prints.
        """
        self.pid: int | None = None
        self.exit_code: int | None = None
        self.ended = threading.Event()
        self.idle: list[Connection] = []
        self._say = say
        self._lines = Lines()
        self._reading = threading.Lock()
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
            self.port: int = listener.getsockname()[1]
            reader, writer = os.pipe()
            try:
                self._control = parent.spawn(
                    command, _NO_LIMIT, writer, [listener.fileno()], endless=True
                )
            except BaseException:
                os.close(reader)
                raise
            finally:
                os.close(writer)
        os.set_blocking(reader, False)
        self._reader: int | None = reader
        self._threads = [
            threading.Thread(target=self._read, args=(reader,), daemon=True),
            threading.Thread(target=self._listen, args=(self._control,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def drain(self) -> None:
        """Say what has been printed until now."""
        with self._reading:
            while self._reader is not None and self._take(self._reader):
                continue

    def _read(self, reader: int) -> None:
        poll = select.poll()
        poll.register(reader, select.POLLIN)
        while self._reader is not None:
            poll.poll()
            self.drain()
        os.close(reader)

    def _take(self, reader: int) -> bool:
        """Say one chunk of output, if there is one."""
        try:
            chunk = os.read(reader, _CHUNK)
        except BlockingIOError:
            return False
        if not chunk:
            self._reader = None
        self._say(self._lines.feed(chunk) if chunk else self._lines.rest())
        return bool(chunk)

    def _listen(self, control: Control) -> None:
        while (messages := control.receive()) is not None:
            for message in messages:
                self.pid = message.get("pid", self.pid)
                self.exit_code = message.get("exit", self.exit_code)
        self.ended.set()

    def connection(self, timeout: float) -> Connection:
        """An idle connection, or a new one."""
        try:
            return self.idle.pop()
        except IndexError:
            return Connection(self.port, timeout)

    def kill(self) -> None:
        """Ask for the end; returns at once."""
        self._control.send(kill=True)

    def close(self) -> None:
        """End the process and everything that it started. Call it once."""
        self.kill()
        for thread in self._threads:
            thread.join()
        self._control.close()
        while self.idle:
            self.idle.pop().close()
