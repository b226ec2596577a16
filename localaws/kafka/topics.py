"""The topics of a cluster, in a file of their names and folders of their partitions."""

import json
import re
import shutil
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka import errors

from localaws.kafka.partition import Partition
from localaws.kafka.topic_config import check, defaults

_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")
_MOST = 10_000


@dataclass
class Topic:
    """A topic.

    Attributes:
        name: Its name.
        identity: Its id, another one if it is made again.
        replication: Its replication factor.
        configs: What it was given; the rest is the cluster's.
        partitions: In the order of their numbers.
    """

    name: str
    identity: uuid.UUID
    replication: int
    configs: dict[str, str]
    partitions: list[Partition] = field(default_factory=list)


class Topics:
    """Every topic of a cluster.

    Args:
        folder: Where they are kept.
        brokers: Ids of the brokers.
        configs: Of the brokers.
    """

    def __init__(
        self, folder: Path, brokers: list[int], configs: Mapping[str, str]
    ) -> None:
        self.defaults = defaults(configs)
        self._folder = folder
        self._file = folder / "topics.json"
        self._brokers = brokers
        self._configs = configs
        self._topics: dict[str, Topic] = {}
        for row in json.loads(self._file.read_text()) if self._file.exists() else ():
            self._open(row)

    def _open(self, row: dict[str, Any]) -> Topic:
        topic = Topic(
            row["name"], uuid.UUID(row["id"]), row["replication"], row["configs"]
        )
        self._topics[topic.name] = topic
        self._extend(topic, row["partitions"])
        return topic

    def _extend(self, topic: Topic, count: int) -> None:
        folder = self._folder / str(topic.identity)
        folder.mkdir(exist_ok=True)
        shift = zlib.crc32(topic.name.encode())
        for number in range(len(topic.partitions), count):
            order = [
                self._brokers[(shift + number + step) % len(self._brokers)]
                for step in range(topic.replication)
            ]
            path = folder / f"{number}.log"
            topic.partitions.append(Partition(path, order[0], order))

    def _save(self) -> None:
        rows = [
            {
                "name": topic.name,
                "id": str(topic.identity),
                "replication": topic.replication,
                "configs": topic.configs,
                "partitions": len(topic.partitions),
            }
            for topic in self._topics.values()
        ]
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(rows))
        draft.replace(self._file)

    def all(self) -> list[Topic]:
        """Return every topic."""
        return list(self._topics.values())

    def topic(self, name: str | None, identity: uuid.UUID | None = None) -> Topic:
        """Return a topic by its name or id.

        Raises:
            UnknownTopicOrPartitionError: There is none.
            UnknownTopicIdError: There is none of this id.
        """
        if not name and identity is not None and identity.int:
            for topic in self._topics.values():
                if topic.identity == identity:
                    return topic
            raise errors.UnknownTopicIdError
        if name not in self._topics:
            raise errors.UnknownTopicOrPartitionError(
                "This server does not host this topic-partition."
            )
        return self._topics[name]

    def led(self, name: str, number: int, broker: int) -> tuple[Topic, Partition]:
        """Return a topic and a partition of it that a broker serves.

        Raises:
            UnknownTopicOrPartitionError: There is none.
            NotLeaderForPartitionError: Another broker serves it.
        """
        topic = self.topic(name)
        if not 0 <= number < len(topic.partitions):
            raise errors.UnknownTopicOrPartitionError
        partition = topic.partitions[number]
        if partition.leader != broker:
            raise errors.NotLeaderForPartitionError
        return topic, partition

    def config(self, topic: Topic, name: str) -> str:
        """Return what is in force."""
        return topic.configs.get(name, self.defaults[name])

    def create(
        self,
        name: str,
        partitions: int,
        replication: int,
        configs: Mapping[str, str | None],
        only_check: bool = False,
    ) -> Topic:
        """Make a topic.

        Args:
            name: Its name.
            partitions: How many; -1 for the cluster's.
            replication: Its replication factor; -1 for the cluster's.
            configs: What differs from the cluster.
            only_check: Whether it is only said if it could be made.

        Raises:
            BrokerResponseError: It cannot be made.
        """
        if name in self._topics:
            raise errors.TopicAlreadyExistsError(f"Topic '{name}' already exists.")
        if not _NAME.fullmatch(name) or name in (".", ".."):
            raise errors.InvalidTopicError(f"Topic name is invalid: '{name}'")
        count = int(self._configs["num.partitions"]) if partitions == -1 else partitions
        if not 0 < count <= _MOST:
            raise errors.InvalidPartitionsError(
                "Number of partitions was set to an invalid non-positive value."
                if count < 1
                else f"more than {_MOST} partitions"
            )
        if replication == -1:
            replication = int(self._configs["default.replication.factor"])
        if not 0 < replication <= len(self._brokers):
            raise errors.InvalidReplicationFactorError(
                f"Unable to replicate the partition {replication} time(s): The target "
                f"replication factor of {replication} cannot be reached because only "
                f"{len(self._brokers)} broker(s) are registered."
            )
        for key, value in configs.items():
            check(key, value)
        row = {
            "name": name,
            "id": str(uuid.uuid4()),
            "replication": replication,
            "configs": dict(configs),
            "partitions": count,
        }
        if only_check:
            return Topic(name, uuid.UUID(int=0), replication, row["configs"])
        topic = self._open(row)
        self._save()
        return topic

    def grow(self, name: str, count: int, only_check: bool = False) -> None:
        """Give a topic more partitions.

        Raises:
            BrokerResponseError: It cannot have so many.
        """
        topic = self.topic(name)
        held = len(topic.partitions)
        if not held < count <= _MOST:
            raise errors.InvalidPartitionsError(
                f"Topic currently has {held} partitions, which is higher than the "
                f"requested {count}."
            )
        if not only_check:
            self._extend(topic, count)
            self._save()

    def configure(self, name: str, changes: Mapping[str, str | None]) -> None:
        """Set configurations of a topic, and take back those that are None.

        Raises:
            BrokerResponseError: One of them does not act; none is set then.
        """
        topic = self.topic(name)
        for key, value in changes.items():
            check(key, self.defaults.get(key) if value is None else value)
        for key, value in changes.items():
            topic.configs.pop(key, None)
            if value is not None:
                topic.configs[key] = value
        self._save()

    def delete(self, topic: Topic) -> None:
        """Delete a topic and its records."""
        del self._topics[topic.name]
        self._save()
        shutil.rmtree(self._folder / str(topic.identity), ignore_errors=True)
