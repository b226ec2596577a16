"""A cluster: its brokers' ports, its topics and its groups."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kafka import errors
from kafka.protocol.api_message import ApiMessage

from localaws.kafka import HOST
from localaws.kafka.groups import Groups
from localaws.kafka.topics import Topics


class Cluster:
    """What every broker of a cluster shares.

    Args:
        folder: Holds `settings.json`: id, brokers (how many), configs (of the brokers);
            and the cluster's data.
    """

    def __init__(self, folder: Path) -> None:
        settings: dict[str, Any] = json.loads((folder / "settings.json").read_text())
        self.identity: str = settings["id"]
        self.configs: Mapping[str, str] = settings["configs"]
        self.brokers = list(range(1, settings["brokers"] + 1))
        self.ports: dict[int, int] = {}
        self.topics = Topics(folder, self.brokers, self.configs)
        self.groups = Groups(folder)
        self._grown = asyncio.Event()

    @property
    def controller(self) -> int:
        """The broker that says it is the controller."""
        return self.brokers[0]

    def coordinator(self, group: str) -> int:
        """Return the broker that looks after a group."""
        return self.brokers[sum(group.encode()) % len(self.brokers)]

    def says_auto_create(self) -> bool:
        """Whether a topic is made when a client asks for it."""
        return self.configs.get("auto.create.topics.enable") == "true"

    def grew(self) -> None:
        """Wake who waits for records."""
        self._grown.set()
        self._grown = asyncio.Event()

    async def growth(self, seconds: float) -> None:
        """Wait until there are new records, or for some time."""
        grown = self._grown
        try:
            await asyncio.wait_for(grown.wait(), seconds)
        except TimeoutError:
            return


class Call:
    """One request to one broker.

    Args:
        cluster: The cluster.
        broker: The broker that was asked.
        request: What was asked.
        version: Of its schema.
        client: What the client calls itself.
    """

    def __init__(
        self,
        cluster: Cluster,
        broker: int,
        request: ApiMessage,
        version: int,
        client: str,
    ) -> None:
        self.cluster = cluster
        self.broker = broker
        self.request: Any = request
        self.version = version
        self.client = client

    def address(self, broker: int) -> dict[str, Any]:
        """Return id, host and port of a broker."""
        return {"node_id": broker, "host": HOST, "port": self.cluster.ports[broker]}


def code(error: Exception) -> int:
    """Return an error as a number of the protocol."""
    return getattr(error, "errno", errors.UnknownError.errno)


def text(error: Exception) -> str | None:
    """Return an error in words, if it says any."""
    return str(error.args[0]) if error.args else None
