"""Which requests a broker answers, in which versions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from kafka.protocol import admin, consumer, metadata, producer
from kafka.protocol.api_message import ApiMessage

from localaws.kafka import (
    describing,
    group_admin,
    membership,
    records,
    topic_admin,
)
from localaws.kafka.cluster import Call


@dataclass(frozen=True)
class Kind:
    """A kind of request.

    Attributes:
        request: Its schema.
        answer: Gives the response.
        least: Oldest version.
        most: Newest version.
        announced: The oldest version that clients are told of.
    """

    request: type[ApiMessage]
    answer: Callable[[Call], Awaitable[ApiMessage]]
    least: int
    most: int
    announced: int

    @property
    def key(self) -> int:
        """Its number in the protocol."""
        return self.request.API_KEY


def _kind(
    request: type[ApiMessage],
    answer: Callable[[Call], Awaitable[ApiMessage]],
    least: int,
    most: int,
    announced: int | None = None,
) -> Kind:
    return Kind(request, answer, least, most, least if announced is None else announced)


# librdkafka takes a broker without version 0 of Produce for one without compression
KINDS = {
    kind.key: kind
    for kind in (
        _kind(producer.ProduceRequest, records.produce, 3, 10, 0),
        _kind(consumer.FetchRequest, records.fetch, 4, 12),
        _kind(consumer.ListOffsetsRequest, records.list_offsets, 1, 7),
        _kind(metadata.MetadataRequest, describing.metadata, 0, 12),
        _kind(consumer.OffsetCommitRequest, membership.commit, 2, 8),
        _kind(consumer.OffsetFetchRequest, membership.committed, 1, 8),
        _kind(metadata.FindCoordinatorRequest, describing.find_coordinator, 0, 4),
        _kind(consumer.JoinGroupRequest, membership.join, 0, 9),
        _kind(consumer.HeartbeatRequest, membership.heartbeat, 0, 4),
        _kind(consumer.LeaveGroupRequest, membership.leave, 0, 5),
        _kind(consumer.SyncGroupRequest, membership.sync, 0, 5),
        _kind(admin.DescribeGroupsRequest, group_admin.describe, 0, 5),
        _kind(admin.ListGroupsRequest, group_admin.list_groups, 0, 4),
        _kind(admin.CreateTopicsRequest, topic_admin.create, 2, 7),
        _kind(admin.DeleteTopicsRequest, topic_admin.delete, 1, 6),
        _kind(admin.DeleteRecordsRequest, records.delete_records, 0, 2),
        _kind(producer.InitProducerIdRequest, records.init_producer_id, 0, 4),
        _kind(admin.DescribeConfigsRequest, topic_admin.describe_configs, 1, 4),
        _kind(admin.DescribeLogDirsRequest, records.describe_log_dirs, 1, 4),
        _kind(admin.CreatePartitionsRequest, topic_admin.create_partitions, 0, 3),
        _kind(admin.DeleteGroupsRequest, group_admin.delete, 0, 2),
        _kind(admin.IncrementalAlterConfigsRequest, topic_admin.alter_configs, 0, 1),
        _kind(admin.DescribeClusterRequest, describing.describe_cluster, 0, 1),
    )
}
