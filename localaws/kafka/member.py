"""One member of a consumer group, and what it waits for."""

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Member:
    """A consumer.

    Attributes:
        name: Its id, made by the cluster.
        client: What it calls itself.
        instance: group.instance.id, if it has one.
        session: Seconds of silence after which it is given up.
        patience: Seconds in which it joins again when the group changes.
        protocols: Ways to share partitions that it knows, with its own data for each.
        assignment: What it was given, by the group's leader.
        joining: Set while it waits for the group.
        syncing: Set while it waits for its assignment.
        deadline: When it is given up.
    """

    name: str
    client: str
    instance: str | None
    session: float
    patience: float
    protocols: dict[str, bytes]
    assignment: bytes = b""
    joining: asyncio.Future[Any] | None = None
    syncing: asyncio.Future[bytes] | None = None
    deadline: float = field(default=0.0)

    def heard(self) -> None:
        """Take note that it is alive."""
        self.deadline = time.monotonic() + self.session

    @property
    def waiting(self) -> bool:
        """Whether it waits for the cluster, so that its silence says nothing."""
        return self.joining is not None or self.syncing is not None

    def fail(self, error: Exception) -> None:
        """Let it wait no longer."""
        for future in (self.joining, self.syncing):
            if future is not None and not future.done():
                future.set_exception(error)
        self.joining = self.syncing = None


def new_name(client: str) -> str:
    """Return an id for a member."""
    return f"{client}-{uuid.uuid4()}"
