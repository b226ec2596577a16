"""What a client asks first: the brokers, the topics, who looks after a group."""

from typing import Any

from kafka import errors
from kafka.protocol.admin import DescribeClusterResponse
from kafka.protocol.metadata import FindCoordinatorResponse, MetadataResponse

from localaws.kafka import HOST
from localaws.kafka.cluster import Call, code, text
from localaws.kafka.topics import Topic

_GROUP = 0


async def metadata(call: Call) -> MetadataResponse:
    """Answer Metadata; it makes topics where the cluster is set up to."""
    cluster, wanted = call.cluster, call.request.topics
    if wanted is None or (call.version == 0 and not wanted):
        found = [_topic(topic) for topic in cluster.topics.all()]
    else:
        found = [_wanted(call, one) for one in wanted]
    return MetadataResponse(
        brokers=[
            MetadataResponse.MetadataResponseBroker(**call.address(broker), rack=None)
            for broker in cluster.brokers
        ],
        cluster_id=cluster.identity,
        controller_id=cluster.controller,
        topics=found,
    )


def _wanted(call: Call, wanted: Any) -> Any:
    topics = call.cluster.topics
    identity = wanted.topic_id if call.version >= 10 else None
    try:
        return _topic(topics.topic(wanted.name, identity))
    except errors.UnknownTopicOrPartitionError as missing:
        allowed = call.version < 4 or call.request.allow_auto_topic_creation
        failed: Exception = missing
        if allowed and call.cluster.says_auto_create():
            try:
                return _topic(topics.create(wanted.name, -1, -1, {}))
            except errors.BrokerResponseError as error:
                failed = error
    except errors.UnknownTopicIdError as error:
        failed = error
    return MetadataResponse.MetadataResponseTopic(
        error_code=code(failed),
        name=wanted.name,
        **({"topic_id": identity} if identity else {}),
        partitions=[],
    )


def _topic(topic: Topic) -> Any:
    return MetadataResponse.MetadataResponseTopic(
        error_code=0,
        name=topic.name,
        topic_id=topic.identity,
        partitions=[
            MetadataResponse.MetadataResponseTopic.MetadataResponsePartition(
                error_code=0,
                partition_index=number,
                leader_id=partition.leader,
                leader_epoch=0,
                replica_nodes=partition.replicas,
                isr_nodes=partition.replicas,
                offline_replicas=[],
            )
            for number, partition in enumerate(topic.partitions)
        ],
    )


async def find_coordinator(call: Call) -> FindCoordinatorResponse:
    """Answer FindCoordinator."""
    if call.request.key_type != _GROUP:
        refused = errors.TransactionalIdAuthorizationFailedError(
            "there are no transactions here"
        )
        failed = {"error_code": code(refused), "error_message": text(refused)}
        nowhere = {"node_id": -1, "host": "", "port": -1, **failed}
        keys = call.request.coordinator_keys if call.version >= 4 else []
        return FindCoordinatorResponse(
            **nowhere,
            coordinators=[
                FindCoordinatorResponse.Coordinator(key=key, **nowhere) for key in keys
            ],
        )
    fine = {"error_code": 0, "error_message": None}
    if call.version < 4:
        broker = call.cluster.coordinator(call.request.key)
        return FindCoordinatorResponse(**fine, **call.address(broker))
    return FindCoordinatorResponse(
        coordinators=[
            FindCoordinatorResponse.Coordinator(
                key=key, **fine, **call.address(call.cluster.coordinator(key))
            )
            for key in call.request.coordinator_keys
        ]
    )


async def describe_cluster(call: Call) -> DescribeClusterResponse:
    """Answer DescribeCluster."""
    cluster = call.cluster
    return DescribeClusterResponse(
        error_code=0,
        cluster_id=cluster.identity,
        controller_id=cluster.controller,
        brokers=[
            DescribeClusterResponse.DescribeClusterBroker(
                broker_id=broker, host=HOST, port=cluster.ports[broker], rack=None
            )
            for broker in cluster.brokers
        ],
    )
