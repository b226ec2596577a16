"""Consumer groups of MSK's clusters: who reads what, and from where they go on."""

import subprocess
import sys

import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient

from tests.localaws.services.kafka_face import (
    PATIENCE,
    Aws,
    bootstrap,
    consume,
    create,
    make_topic,
    member,
    produce,
    until,
)

CLICKS = [(f"user-{number % 7}", f"click-{number}") for number in range(700)]


DOOMED = """
import sys, time
from confluent_kafka import Consumer
consumer = Consumer({
    "bootstrap.servers": sys.argv[1],
    "group.id": "g",
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "session.timeout.ms": 6000,
    "heartbeat.interval.ms": 500,
})
consumer.subscribe(["clicks"])
read = []
while len(read) < 200:
    read += consumer.consume(200 - len(read), timeout=0.2)
consumer.commit(asynchronous=False)
print(len(read), flush=True)
time.sleep(600)
"""


@pytest.fixture
def where(aws: Aws) -> dict[str, str]:
    """How a client reaches a cluster."""
    return bootstrap(aws, create(aws))


def held(consumer: Consumer) -> set[int]:
    """Return the partitions that a consumer has just now."""
    consumer.poll(0.1)
    return {one.partition for one in consumer.assignment()}


def test_two_consumers_share_and_one_takes_over(where: dict[str, str]) -> None:
    make_topic(where, "clicks", 4)
    first, second = member(where, "g"), member(where, "g")
    first.subscribe(["clicks"])
    until(lambda: held(first) == {0, 1, 2, 3})
    second.subscribe(["clicks"])
    until(lambda: len(held(first)) == len(held(second)) == 2)
    assert held(first) | held(second) == {0, 1, 2, 3}
    admin = AdminClient(where)
    found = admin.describe_consumer_groups(["g"])["g"].result(PATIENCE)
    assert found.state.name == "STABLE"
    assert len(found.members) == 2
    second.close()
    until(lambda: held(first) == {0, 1, 2, 3})
    first.close()
    found = admin.describe_consumer_groups(["g"])["g"].result(PATIENCE)
    assert found.state.name == "DEAD"


def test_cooperative_consumers_share_too(where: dict[str, str]) -> None:
    make_topic(where, "clicks", 4)
    how = {"partition.assignment.strategy": "cooperative-sticky"}
    first, second = member(where, "g", **how), member(where, "g", **how)
    first.subscribe(["clicks"])
    until(lambda: held(first) == {0, 1, 2, 3})
    second.subscribe(["clicks"])
    until(lambda: len(held(first)) == len(held(second)) == 2)
    first.close()
    until(lambda: held(second) == {0, 1, 2, 3})
    second.close()


def test_a_killed_consumer_is_given_up(where: dict[str, str]) -> None:
    make_topic(where, "clicks", 2)
    produce(where, "clicks", CLICKS)
    command = [sys.executable, "-c", DOOMED, where["bootstrap.servers"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as doomed:
        assert doomed.stdout is not None
        committed = int(doomed.stdout.readline())
        doomed.kill()
    heir = member(where, "g")
    heir.subscribe(["clicks"])
    consume(heir, len(CLICKS) - committed)
    assert held(heir) == {0, 1}
    assert heir.poll(0.5) is None
    heir.close()


def test_offsets_outlive_a_consumer(where: dict[str, str]) -> None:
    make_topic(where, "clicks")
    produce(where, "clicks", CLICKS)
    consumer = member(where, "g")
    consumer.subscribe(["clicks"])
    consume(consumer, 300)
    consumer.commit(asynchronous=False)
    position = consumer.position([TopicPartition("clicks", 0)])[0].offset
    consume(consumer, 100)
    consumer.close()
    again = member(where, "g")
    (committed,) = again.committed([TopicPartition("clicks", 0)], timeout=PATIENCE)
    assert committed.offset == position
    again.subscribe(["clicks"])
    read = consume(again, len(CLICKS) - position)
    assert read[0].value() == f"click-{position}".encode()
    again.close()
    other = member(where, "another group")
    other.subscribe(["clicks"])
    assert consume(other, 1)[0].offset() == 0
    other.close()


def test_a_session_that_kafka_does_not_allow(where: dict[str, str]) -> None:
    make_topic(where, "clicks")
    consumer = member(where, "g", **{"session.timeout.ms": 1000})
    consumer.subscribe(["clicks"])
    told = until(lambda: consumer.poll(0.2))
    assert told.error().code() == KafkaError.INVALID_SESSION_TIMEOUT
    consumer.close()
