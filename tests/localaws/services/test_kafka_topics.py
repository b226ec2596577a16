"""Topics by MSK's own operations, seen by Kafka's clients and the other way round."""

import pytest
from botocore.exceptions import ClientError
from confluent_kafka.admin import AdminClient

from localaws.daemon import Connection
from tests.localaws.services.kafka_face import (
    PATIENCE,
    Aws,
    asked,
    bootstrap,
    create,
    held,
    make_topic,
    produce,
)


def test_a_life_of_a_topic(aws: Aws) -> None:
    kafka, arn = aws("kafka"), create(aws)
    where = bootstrap(aws, arn)
    made = kafka.create_topic(
        ClusterArn=arn, TopicName="clicks", PartitionCount=4, ReplicationFactor=3
    )
    topic = arn.replace(":cluster/", ":topic/") + "/clicks"
    assert (made["TopicArn"], made["Status"]) == (topic, "CREATING")
    assert len(produce(where, "clicks", [("k", "v")])) == 1
    found = kafka.describe_topic(ClusterArn=arn, TopicName="clicks")
    assert found["Status"] == "ACTIVE"
    assert (found["PartitionCount"], found["ReplicationFactor"]) == (4, 3)
    with pytest.raises(ClientError, match="TopicExistsException"):
        kafka.create_topic(
            ClusterArn=arn, TopicName="clicks", PartitionCount=1, ReplicationFactor=1
        )
    kafka.update_topic(ClusterArn=arn, TopicName="clicks", PartitionCount=6)
    seen = AdminClient(where).list_topics(timeout=PATIENCE).topics["clicks"]
    rows = kafka.describe_topic_partitions(ClusterArn=arn, TopicName="clicks")
    assert {row["Partition"]: row["Leader"] for row in rows["Partitions"]} == {
        number: one.leader for number, one in seen.partitions.items()
    }
    assert {row["Leader"] for row in rows["Partitions"]} == {1, 2, 3}
    assert all(sorted(row["Isr"]) == [1, 2, 3] for row in rows["Partitions"])
    gone = kafka.delete_topic(ClusterArn=arn, TopicName="clicks")
    assert gone["Status"] == "DELETING"
    assert AdminClient(where).list_topics(timeout=PATIENCE).topics == {}
    with pytest.raises(ClientError, match="UnknownTopicOrPartitionException"):
        kafka.describe_topic(ClusterArn=arn, TopicName="clicks")


def test_topics_are_listed(aws: Aws) -> None:
    kafka, arn = aws("kafka"), create(aws)
    where = bootstrap(aws, arn)
    for name in ("taps", "clicks", "clicks-late"):
        make_topic(where, name)
    listed = kafka.list_topics(ClusterArn=arn, TopicNameFilter="clicks", MaxResults=1)
    (first,) = listed["Topics"]
    assert first["TopicName"] == "clicks"
    assert first["OutOfSyncReplicaCount"] == 0
    listed = kafka.list_topics(
        ClusterArn=arn, TopicNameFilter="clicks", NextToken=listed["NextToken"]
    )
    assert [row["TopicName"] for row in listed["Topics"]] == ["clicks-late"]
    assert "NextToken" not in listed


def test_wrong_topics_are_refused(aws: Aws) -> None:
    kafka, arn = aws("kafka"), create(aws)
    good = {"ClusterArn": arn, "TopicName": "t"}
    with pytest.raises(ClientError, match="cannot be reached because only 3 broker"):
        kafka.create_topic(**good, PartitionCount=1, ReplicationFactor=4)
    with pytest.raises(ClientError, match=r"KafkaRequestException.*name is invalid"):
        kafka.create_topic(
            ClusterArn=arn, TopicName="t t", PartitionCount=1, ReplicationFactor=1
        )
    with pytest.raises(ClientError, match="here an AdminClient does"):
        kafka.create_topic(
            **good, PartitionCount=1, ReplicationFactor=1, Configs="YQ=="
        )
    kafka.create_topic(**good, PartitionCount=2, ReplicationFactor=1)
    with pytest.raises(ClientError, match="KafkaRequestException"):
        kafka.update_topic(**good, PartitionCount=1)
    with pytest.raises(ClientError, match="UnknownTopicOrPartitionException"):
        kafka.delete_topic(ClusterArn=arn, TopicName="other")


def test_a_cluster_that_is_made_has_no_topics_yet(
    aws: Aws, endpoint: Connection
) -> None:
    kafka = aws("kafka")
    with held(endpoint):
        arn = kafka.create_cluster(**asked())["ClusterArn"]
        with pytest.raises(ClientError, match="in CREATING state, not ACTIVE"):
            kafka.list_topics(ClusterArn=arn)
