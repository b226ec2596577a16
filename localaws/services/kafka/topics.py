"""The topics of a cluster by MSK's own operations, without an admin client."""

from types import ModuleType
from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.kafka.clusters import Clusters
from localaws.services.kafka.operations import bad, page

_UNKNOWN, _EXISTS = 3, 36
Members = dict[str, Any]


def _active(context: Context, given: Members) -> Members:
    row = context.part(Clusters).find(given["ClusterArn"])
    if row["state"] != "ACTIVE":
        raise bad(f"The cluster is in {row['state']} state, not ACTIVE.", "clusterArn")
    return row


def _check(code: int, message: str | None) -> None:
    """Raise what MSK makes of an error of the cluster."""
    if code == _EXISTS:
        raise AwsError("TopicExistsException", message or "The topic exists.", 409)
    if code == _UNKNOWN:
        raise AwsError(
            "UnknownTopicOrPartitionException",
            "The specified topic or partition does not exist.",
            404,
        )
    if code:
        raise AwsError("KafkaRequestException", message or f"Kafka error {code}.")


def _arn(row: Members, topic: str) -> str:
    return f"{row['arn'].replace(':cluster/', ':topic/')}/{topic}"


def _status(row: Members, topic: str, status: str) -> Members:
    return {"TopicArn": _arn(row, topic), "TopicName": topic, "Status": status}


def _admin() -> ModuleType:
    """Return the admin client; Kafka's messages take a while to load."""
    from localaws.services.kafka import admin

    return admin


def create(context: Context, given: Members) -> Members:
    """Answer CreateTopic."""
    row, name = _active(context, given), given["TopicName"]
    count, copies = given["PartitionCount"], given["ReplicationFactor"]
    _check(*_admin().create_topic(row["ports"][0], name, count, copies))
    return _status(row, name, "CREATING")


def update(context: Context, given: Members) -> Members:
    """Answer UpdateTopic: more partitions."""
    row, name = _active(context, given), given["TopicName"]
    if "PartitionCount" not in given:
        raise bad("Specify what is to be updated.", "partitionCount")
    _check(*_admin().grow_topic(row["ports"][0], name, given["PartitionCount"]))
    return _status(row, name, "UPDATING")


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteTopic."""
    row, name = _active(context, given), given["TopicName"]
    _check(*_admin().delete_topic(row["ports"][0], name))
    return _status(row, name, "DELETING")


def _one(context: Context, given: Members) -> tuple[Members, Any]:
    row = _active(context, given)
    (topic,) = _admin().topics(row["ports"][0], [given["TopicName"]])
    _check(topic.error_code, None)
    return row, topic


def _shown(row: Members, topic: Any) -> Members:
    return {
        "TopicArn": _arn(row, topic.name),
        "TopicName": topic.name,
        "PartitionCount": len(topic.partitions),
        "ReplicationFactor": len(topic.partitions[0].replica_nodes),
    }


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeTopic."""
    row, topic = _one(context, given)
    return _shown(row, topic) | {"Status": "ACTIVE"}


def partitions(context: Context, given: Members) -> Members:
    """Answer DescribeTopicPartitions."""
    _, topic = _one(context, given)
    found = [
        {
            "Partition": one.partition_index,
            "Leader": one.leader_id,
            "Replicas": one.replica_nodes,
            "Isr": one.isr_nodes,
        }
        for one in topic.partitions
    ]
    return page("Partitions", found, given)


def list_topics(context: Context, given: Members) -> Members:
    """Answer ListTopics."""
    row, prefix = _active(context, given), given.get("TopicNameFilter", "")
    found = [
        _shown(row, topic) | {"OutOfSyncReplicaCount": 0}
        for topic in _admin().topics(row["ports"][0])
        if topic.name.startswith(prefix)
    ]
    return page("Topics", found, given)


OPERATIONS = {
    "CreateTopic": create,
    "DeleteTopic": delete,
    "DescribeTopic": describe,
    "DescribeTopicPartitions": partitions,
    "ListTopics": list_topics,
    "UpdateTopic": update,
}
