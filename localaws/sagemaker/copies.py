"""The running copies of an inference component."""

import threading
from collections.abc import Callable

from localaws.jobs import Answer, ModelServerError
from localaws.sagemaker.call import Call, Server

Make = Callable[[], Server]


class Copies:
    """Several servers of one model, asked in turn; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._servers: list[Server] = []
        self._turn = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._servers)

    def resize(self, count: int, make: Make) -> None:
        """Start or end copies until there are as many as wanted.

        Args:
            count: How many.
            make: Starts one.

        Raises:
            ModelLoadError: One did not load; those that ran go on.
        """
        while len(self) < count and not self._closed:
            self._add(make())
        self.shrink(count)

    def replace(self, count: int, make: Make) -> None:
        """Start copies of another model, then end those that ran before.

        Args:
            count: How many.
            make: Starts one.

        Raises:
            ModelLoadError: One did not load; those that ran before go on alone.
        """
        new = Copies()
        try:
            new.resize(count, make)
        except Exception:
            new.close()
            raise
        with self._lock:
            old, self._servers = self._servers, new._servers
        for server in old:
            server.close()
        if self._closed:
            self.close()

    def _add(self, server: Server) -> None:
        with self._lock:
            self._servers.append(server)
        if self._closed:
            self.close()

    def shrink(self, count: int) -> None:
        """End copies until no more than these are left."""
        with self._lock:
            gone, self._servers = self._servers[count:], self._servers[:count]
        for server in gone:
            server.close()

    def invoke(self, call: Call) -> Answer:
        """Ask the copy whose turn it is."""
        with self._lock:
            if not self._servers:
                raise ModelServerError("no copy of the inference component runs")
            self._turn += 1
            server = self._servers[self._turn % len(self._servers)]
        return server.invoke(call)

    def close(self) -> None:
        """End every copy, also those that are being started."""
        self._closed = True
        self.shrink(0)
