"""A cluster of MSK, and how tests wait for it and reach it with Kafka's clients."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from botocore.exceptions import ClientError
from confluent_kafka import Consumer, Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from localaws.daemon import Connection

Aws = Callable[[str], Any]
PATIENCE = 240
PLAIN = {"EncryptionInTransit": {"ClientBroker": "PLAINTEXT"}}
SUBNETS = ["subnet-a", "subnet-b", "subnet-c"]


def group(**members: Any) -> dict[str, Any]:
    """Return a BrokerNodeGroupInfo."""
    return {"ClientSubnets": SUBNETS, "InstanceType": "kafka.t3.small", **members}


def asked(name: str = "desk", **members: Any) -> dict[str, Any]:
    """Return the input of CreateCluster."""
    return {
        "ClusterName": name,
        "KafkaVersion": "3.9.x",
        "NumberOfBrokerNodes": 3,
        "BrokerNodeGroupInfo": group(),
        "EncryptionInfo": PLAIN,
        **members,
    }


def create(aws: Aws, name: str = "desk", **members: Any) -> str:
    """Create a cluster, wait until one can connect, and return its ARN."""
    arn = aws("kafka").create_cluster(**asked(name, **members))["ClusterArn"]
    became(aws, arn, "ACTIVE")
    return str(arn)


@contextlib.contextmanager
def held(endpoint: Connection) -> Iterator[None]:
    """Let nothing that the endpoint starts get on: clusters stay in CREATING."""
    children = psutil.Process(endpoint.pid).children()
    for child in children:
        child.suspend()
    try:
        yield
    finally:
        for child in children:
            child.resume()


def described(aws: Aws, arn: str) -> Any:
    """Return the description of a cluster, None if there is none."""
    try:
        return aws("kafka").describe_cluster(ClusterArn=arn)["ClusterInfo"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NotFoundException", error
        return None


def became(aws: Aws, arn: str, state: str) -> Any:
    """Wait until a cluster has a state."""

    def reached() -> Any:
        found = described(aws, arn)
        assert found["State"] != "FAILED"
        return found if found["State"] == state else None

    return until(reached)


def until(look: Callable[[], Any]) -> Any:
    """Poll until something is found."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing after {PATIENCE} s")


def processes() -> int:
    """Return how many clusters of this endpoint are served."""
    home = Path(os.environ["LOCALAWS_HOME"])
    folders = {one.info["cwd"] for one in psutil.process_iter(["cwd"])}
    return sum(
        home in Path(folder).parents and Path(folder).parent.name == "kafka"
        for folder in folders
        if folder
    )


def bootstrap(aws: Aws, arn: str) -> dict[str, str]:
    """Return the configuration with which a client reaches a cluster."""
    found = aws("kafka").get_bootstrap_brokers(ClusterArn=arn)
    return {"bootstrap.servers": found["BootstrapBrokerString"]}


def make_topic(where: dict[str, str], name: str, partitions: int = 1) -> None:
    """Make a topic as one does without AWS."""
    topic = NewTopic(name, num_partitions=partitions)
    admin = AdminClient(where)
    admin.create_topics([topic])[name].result(PATIENCE)


def produce(
    where: dict[str, str], topic: str, records: list[tuple[str, str]]
) -> list[Message]:
    """Write records with keys, and return how they were written."""
    written: list[Message] = []

    def done(error: Any, message: Message) -> None:
        assert error is None, error
        written.append(message)

    producer = Producer(where)
    for key, value in records:
        producer.produce(topic, key=key, value=value, on_delivery=done)
    assert producer.flush(PATIENCE) == 0
    return written


def member(where: dict[str, str], group_id: str, **members: Any) -> Consumer:
    """Return a consumer of a group that starts at the beginning."""
    return Consumer(
        {
            **where,
            "group.id": group_id,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 500,
            "enable.auto.commit": False,
            **members,
        }
    )


def consume(consumer: Consumer, count: int) -> list[Message]:
    """Read so many records."""
    found: list[Message] = []
    end = time.monotonic() + PATIENCE
    while len(found) < count and time.monotonic() < end:
        for message in consumer.consume(count - len(found), timeout=0.2):
            assert message.error() is None, message.error()
            found.append(message)
    assert len(found) == count
    return found
