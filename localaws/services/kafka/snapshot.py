"""What a cluster holds at one moment, asked of it as any client asks."""

from dataclasses import dataclass, field
from typing import Any

from kafka.protocol.admin import (
    DescribeConfigsRequest,
    DescribeLogDirsRequest,
    ListGroupsRequest,
)
from kafka.protocol.consumer import ListOffsetsRequest, OffsetFetchRequest
from kafka.protocol.metadata import MetadataRequest

from localaws.services.kafka.asking import ask

_TOPIC, _LATEST, _EARLIEST = 2, -1, -2
_SETTLED = ("Stable", "Empty")
Place = tuple[str, int]


@dataclass
class Snapshot:
    """A cluster at one moment.

    Attributes:
        leaders: The broker that serves each partition, by topic and number.
        starts: The first offset of each.
        ends: The offset that the next record of each will have.
        sizes: The bytes of each.
        retention: Milliseconds for which a topic keeps its records; -1 for ever.
        committed: What each group has committed, if it is not changing just now.
    """

    leaders: dict[Place, int] = field(default_factory=dict)
    starts: dict[Place, int] = field(default_factory=dict)
    ends: dict[Place, int] = field(default_factory=dict)
    sizes: dict[Place, int] = field(default_factory=dict)
    retention: dict[str, int] = field(default_factory=dict)
    committed: dict[str, dict[Place, int]] = field(default_factory=dict)


def take(ports: list[int]) -> Snapshot:
    """Ask the brokers.

    Args:
        ports: Theirs, from broker 1 on.

    Raises:
        AwsError: One does not answer.
    """
    found = Snapshot()
    request = MetadataRequest(topics=None, allow_auto_topic_creation=False)
    for topic in ask(ports[0], request, 9).topics:
        for one in topic.partitions:
            found.leaders[topic.name, one.partition_index] = one.leader_id
    if not found.leaders:
        return found
    _configs(found, ports[0])
    for broker, port in enumerate(ports, 1):
        _offsets(found, broker, port)
        _sizes(found, broker, port)
        _groups(found, port)
    return found


def _configs(found: Snapshot, port: int) -> None:
    names = sorted({topic for topic, _ in found.leaders})
    wanted = [
        DescribeConfigsRequest.DescribeConfigsResource(
            resource_type=_TOPIC,
            resource_name=name,
            configuration_keys=["retention.ms"],
        )
        for name in names
    ]
    request = DescribeConfigsRequest(resources=wanted, include_synonyms=False)
    for result in ask(port, request, 2).results:
        for config in result.configs:
            found.retention[result.resource_name] = int(config.value)


def _offsets(found: Snapshot, broker: int, port: int) -> None:
    led: dict[str, list[int]] = {}
    for (topic, number), leader in found.leaders.items():
        if leader == broker:
            led.setdefault(topic, []).append(number)
    if not led:
        return
    kind = ListOffsetsRequest.ListOffsetsTopic
    for moment, into in ((_LATEST, found.ends), (_EARLIEST, found.starts)):
        topics = [
            kind(
                name=topic,
                partitions=[
                    kind.ListOffsetsPartition(partition_index=n, timestamp=moment)
                    for n in numbers
                ],
            )
            for topic, numbers in led.items()
        ]
        request = ListOffsetsRequest(replica_id=-1, isolation_level=0, topics=topics)
        for topic in ask(port, request, 5).topics:
            for one in topic.partitions:
                into[topic.name, one.partition_index] = one.offset


def _sizes(found: Snapshot, broker: int, port: int) -> None:
    for result in ask(port, DescribeLogDirsRequest(topics=None), 2).results:
        for topic in result.topics:
            for one in topic.partitions:
                place = topic.name, one.partition_index
                if found.leaders.get(place) == broker:
                    found.sizes[place] = one.partition_size


def _groups(found: Snapshot, port: int) -> None:
    listed: list[Any] = ask(port, ListGroupsRequest(states_filter=[]), 4).groups
    for group in listed:
        if group.group_state not in _SETTLED:
            continue
        request = OffsetFetchRequest(group_id=group.group_id, topics=None)
        found.committed[group.group_id] = {
            (topic.name, one.partition_index): one.committed_offset
            for topic in ask(port, request, 5).topics
            for one in topic.partitions
            if one.committed_offset >= 0
        }
