"""What the endpoint asks of its own clusters, as an admin client does."""

from typing import Any

from kafka.protocol.admin import (
    CreatePartitionsRequest,
    CreateTopicsRequest,
    DeleteRecordsRequest,
    DeleteTopicsRequest,
)
from kafka.protocol.metadata import MetadataRequest

from localaws.services.kafka.asking import ask

_TIMEOUT = 30_000
Outcome = tuple[int, str | None]


def create_topic(port: int, name: str, count: int, copies: int) -> Outcome:
    """Make a topic.

    Args:
        port: Of a broker.
        name: The topic's.
        count: Of its partitions.
        copies: Its replication factor.

    Returns:
        Kafka's error, 0 for none, and its message.
    """
    topic = CreateTopicsRequest.CreatableTopic(
        name=name,
        num_partitions=count,
        replication_factor=copies,
        assignments=[],
        configs=[],
    )
    request = CreateTopicsRequest(
        topics=[topic], timeout_ms=_TIMEOUT, validate_only=False
    )
    (made,) = ask(port, request, 7).topics
    return made.error_code, made.error_message


def grow_topic(port: int, name: str, count: int) -> Outcome:
    """Give a topic more partitions; arguments and result as for `create_topic`."""
    topic = CreatePartitionsRequest.CreatePartitionsTopic(
        name=name, count=count, assignments=None
    )
    request = CreatePartitionsRequest(
        topics=[topic], timeout_ms=_TIMEOUT, validate_only=False
    )
    (grown,) = ask(port, request, 3).results
    return grown.error_code, grown.error_message


def delete_topic(port: int, name: str) -> Outcome:
    """Delete a topic; arguments and result as for `create_topic`."""
    request = DeleteTopicsRequest(topic_names=[name], timeout_ms=_TIMEOUT)
    (gone,) = ask(port, request, 5).responses
    return gone.error_code, gone.error_message


def topics(port: int, names: list[str] | None = None) -> list[Any]:
    """Return topics as Metadata tells of them, by name.

    Args:
        port: Of a broker.
        names: Which; None for all.
    """
    wanted = None
    if names is not None:
        wanted = [MetadataRequest.MetadataRequestTopic(name=name) for name in names]
    request = MetadataRequest(topics=wanted, allow_auto_topic_creation=False)
    return sorted(ask(port, request, 9).topics, key=lambda topic: topic.name)


def delete_records(port: int, topic: str, number: int, offset: int) -> None:
    """Delete the records of a partition before an offset.

    Args:
        port: Of the broker that leads the partition.
        topic: Its topic.
        number: Its number.
        offset: The first that stays.
    """
    kind = DeleteRecordsRequest.DeleteRecordsTopic
    partition = kind.DeleteRecordsPartition(partition_index=number, offset=offset)
    wanted = [kind(name=topic, partitions=[partition])]
    ask(port, DeleteRecordsRequest(topics=wanted, timeout_ms=_TIMEOUT), 1)
