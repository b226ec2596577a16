"""What the handlers of the neighbour services act with."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from localaws.clock import Clock
from localaws.jobs import Parent
from localaws.journal import Journal
from localaws.loopback import Loopback
from localaws.meter import Meter
from localaws.wire import Request, Response

if TYPE_CHECKING:
    from localaws.services.alarms import Alarms

Part = TypeVar("Part")


@dataclass(frozen=True)
class Context:
    """The endpoint as its services see it.

    Attributes:
        aws: Clients of this endpoint.
        clock: Its time.
        alarms: Its CloudWatch alarms.
        moto: Lets moto answer a request.
        meter: Counts what AWS would bill.
        warm: Forks processes.
        home: Folder for private files.
        journal: Where changes are written, so that they outlive the process.
        advancing: Set while the clock is moved on by hand: who does what is due then
            waits until it is done.
    """

    aws: Loopback
    clock: Clock
    alarms: "Alarms"
    moto: Callable[[Request], Response]
    meter: Meter
    warm: Parent
    home: Path
    journal: Journal
    _parts: dict[Any, Any] = field(default_factory=dict, repr=False)
    _lock: Any = field(default_factory=threading.RLock, repr=False)
    advancing: threading.Event = field(default_factory=threading.Event, repr=False)

    def part(self, kind: Callable[["Context"], Part]) -> Part:
        """Return this endpoint's one instance of a service's own class.

        A part that has `close()` ends with the endpoint; on a standing clock the
        learner's next request waits for one that has `settle()`.
        """
        with self._lock:
            if kind not in self._parts:
                self._parts[kind] = kind(self)
            return self._parts[kind]

    def settle(self) -> None:
        """Wait for what each part does beside the requests."""
        for part in list(self._parts.values()):
            if hasattr(part, "settle"):
                part.settle()

    def close(self) -> None:
        """End each part, the newest first."""
        for part in reversed(list(self._parts.values())):
            if hasattr(part, "close"):
                part.close()
        self._parts.clear()
