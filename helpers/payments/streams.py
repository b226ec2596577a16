"""A stream with too few keys, and a Kafka topic that holds the same order lines."""

import json
import time
from typing import Any

from helpers.payments import orders
from helpers.payments.naming import Clients, Given

METRICS = ["IncomingRecords", "WriteProvisionedThroughputExceeded"]
PARTITIONS = 3
PATIENCE = 300


def land(given: Given, aws: Clients) -> Given:
    """Make the stream, and a Kafka cluster whose topic has all lines, once.

    Returns:
        What was given, with `seconds`, the lines by second of the replay, and
        `brokers`, the bootstrap servers of the cluster.
    """
    seconds = orders.noon(given["seed"])
    make(given["stream"], given["shards"], aws)
    brokers = _cluster(given["cluster"], aws)
    _produce(brokers, given["topic"], [line for part in seconds for line in part])
    return given | {"seconds": seconds, "brokers": brokers}


def make(name: str, shards: int, aws: Clients) -> None:
    """Make a stream that measures each shard, if there is none of this name."""
    kinesis = aws("kinesis")
    if name in kinesis.list_streams(Limit=1000)["StreamNames"]:
        return
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    kinesis.enable_enhanced_monitoring(StreamName=name, ShardLevelMetrics=METRICS)


def _cluster(name: str, aws: Clients) -> str:
    msk = aws("kafka")
    found = msk.list_clusters(ClusterNameFilter=name)["ClusterInfoList"]
    arn = found[0]["ClusterArn"] if found else _created(name, aws)
    end = time.monotonic() + PATIENCE
    while msk.describe_cluster(ClusterArn=arn)["ClusterInfo"]["State"] != "ACTIVE":
        if time.monotonic() > end:
            raise TimeoutError(f"the cluster {name} is not active")
        time.sleep(0.1)
    return msk.get_bootstrap_brokers(ClusterArn=arn)["BootstrapBrokerString"]


def _created(name: str, aws: Clients) -> str:
    subnets = aws("ec2").describe_subnets()["Subnets"][:2]
    return aws("kafka").create_cluster(
        ClusterName=name,
        KafkaVersion="3.8.x",
        NumberOfBrokerNodes=2,
        BrokerNodeGroupInfo={
            "InstanceType": "kafka.t3.small",
            "ClientSubnets": [subnet["SubnetId"] for subnet in subnets],
            "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 10}},
        },
        EncryptionInfo={"EncryptionInTransit": {"ClientBroker": "PLAINTEXT"}},
    )["ClusterArn"]


def _produce(brokers: str, topic: str, lines: list[dict[str, Any]]) -> None:
    from confluent_kafka import Producer
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({"bootstrap.servers": brokers})
    if topic in admin.list_topics(timeout=30).topics:
        return
    admin.create_topics([NewTopic(topic, PARTITIONS, 2)])[topic].result(30)
    producer = Producer({"bootstrap.servers": brokers, "linger.ms": 50})
    for line in lines:
        producer.produce(topic, json.dumps(line), line["order"])
    producer.flush(60)
