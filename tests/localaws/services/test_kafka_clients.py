"""MSK's clusters through confluent-kafka: partitions, offsets, admin calls."""

import time

import pytest
from confluent_kafka import (
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
)

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


@pytest.fixture
def where(aws: Aws) -> dict[str, str]:
    """How a client reaches a cluster."""
    return bootstrap(aws, create(aws))


def places(messages: list[Message]) -> dict[object, set[int]]:
    """Return the partitions in which each key was seen."""
    found: dict[object, set[int]] = {}
    for message in messages:
        found.setdefault(message.key(), set()).add(message.partition())
    return found


def test_a_key_stays_in_its_partition_in_order(where: dict[str, str]) -> None:
    make_topic(where, "clicks", 3)
    written = produce(where, "clicks", CLICKS)
    assert all(len(seen) == 1 for seen in places(written).values())
    assert len({message.partition() for message in written}) > 1
    consumer = member(where, "readers")
    consumer.subscribe(["clicks"])
    read = consume(consumer, len(CLICKS))
    consumer.close()
    assert places(read) == places(written)
    for key in places(read):
        values = [m.value().decode() for m in read if m.key() == key]
        assert values == [value for name, value in CLICKS if name == key.decode()]
    for number in range(3):
        offsets = [m.offset() for m in read if m.partition() == number]
        assert offsets == list(range(len(offsets)))


def test_offsets_by_time_and_records_deleted(where: dict[str, str]) -> None:
    make_topic(where, "clicks")
    producer = Producer(where)
    for number in range(10):
        producer.produce("clicks", f"{number}", timestamp=1_000_000 + number * 1000)
    producer.flush(PATIENCE)
    consumer = member(where, "g")
    wanted = TopicPartition("clicks", 0, 1_003_500)
    (found,) = consumer.offsets_for_times([wanted], timeout=PATIENCE)
    assert found.offset == 4
    # a batch that the cluster cannot read counts as a whole
    for kind, expected in (("gzip", 4), ("lz4", 0)):
        make_topic(where, kind)
        packed = Producer({**where, "compression.type": kind, "linger.ms": 500})
        for number in range(10):
            packed.produce(kind, "x" * 99, timestamp=1_000_000 + number * 1000)
        packed.flush(PATIENCE)
        wanted = TopicPartition(kind, 0, 1_003_500)
        (found,) = consumer.offsets_for_times([wanted], timeout=PATIENCE)
        assert found.offset == expected
    place = TopicPartition("clicks", 0)
    assert consumer.get_watermark_offsets(place, PATIENCE) == (0, 10)
    admin = AdminClient(where)
    cut = TopicPartition("clicks", 0, 6)
    assert admin.delete_records([cut])[cut].result(PATIENCE).low_watermark == 6
    assert consumer.get_watermark_offsets(place, PATIENCE) == (6, 10)
    latest = admin.list_offsets({place: OffsetSpec.latest()})[place]
    assert latest.result(PATIENCE).offset == 10
    consumer.assign([TopicPartition("clicks", 0, 0)])
    assert [m.value() for m in consume(consumer, 4)] == [b"6", b"7", b"8", b"9"]
    consumer.close()


def test_each_record_is_written_once(where: dict[str, str]) -> None:
    make_topic(where, "clicks", 2)
    once = {**where, "enable.idempotence": "true", "compression.type": "gzip"}
    written = produce(once, "clicks", CLICKS)
    assert len({(m.partition(), m.offset()) for m in written}) == len(CLICKS)
    consumer = member(where, "g")
    consumer.subscribe(["clicks"])
    assert len(consume(consumer, len(CLICKS))) == len(CLICKS)
    consumer.close()


def code(error: BaseException) -> int:
    """Return the number of Kafka's error."""
    return int(error.args[0].code())


def test_topics_by_an_admin_client(where: dict[str, str]) -> None:
    admin = AdminClient(where)
    wanted = {
        "one": NewTopic("one", 2, 2, config={"retention.ms": "1000"}),
        "two": NewTopic("two", 0),
        "t w o": NewTopic("t w o", 1),
        "four": NewTopic("four", 1, 4),
        "five": NewTopic("five", 1, config={"cleanup.policy": "compact"}),
    }
    made = admin.create_topics(list(wanted.values()))
    assert made["one"].result(PATIENCE) is None
    for name, expected in (
        ("two", KafkaError.INVALID_PARTITIONS),
        ("t w o", KafkaError.TOPIC_EXCEPTION),
        ("four", KafkaError.INVALID_REPLICATION_FACTOR),
        ("five", KafkaError.INVALID_CONFIG),
    ):
        with pytest.raises(KafkaException) as raised:
            made[name].result(PATIENCE)
        assert code(raised.value) == expected
    with pytest.raises(KafkaException) as raised:
        admin.create_topics([wanted["one"]])["one"].result(PATIENCE)
    assert code(raised.value) == KafkaError.TOPIC_ALREADY_EXISTS
    admin.create_partitions([NewPartitions("one", 3)])["one"].result(PATIENCE)
    found = admin.list_topics(timeout=PATIENCE).topics
    assert list(found) == ["one"]
    assert len(found["one"].partitions) == 3
    assert all(len(one.replicas) == 2 for one in found["one"].partitions.values())
    resource = ConfigResource(ConfigResource.Type.TOPIC, "one")
    entry = ConfigEntry(
        "max.message.bytes", "2000", incremental_operation=AlterConfigOpType.SET
    )
    resource.add_incremental_config(entry)
    admin.incremental_alter_configs([resource])[resource].result(PATIENCE)
    configs = admin.describe_configs([resource])[resource].result(PATIENCE)
    assert configs["retention.ms"].value == "1000"
    assert configs["max.message.bytes"].value == "2000"
    with pytest.raises(AssertionError, match="MSG_SIZE_TOO_LARGE"):
        produce(where, "one", [("key", "x" * 3000)])
    admin.delete_topics(["one"])["one"].result(PATIENCE)
    assert admin.list_topics(timeout=PATIENCE).topics == {}


def test_no_topic_is_made_by_being_asked_for(where: dict[str, str]) -> None:
    errors: list[KafkaError] = []
    producer = Producer({**where, "message.timeout.ms": 1500})
    producer.produce("nowhere", "v", on_delivery=lambda error, _: errors.append(error))
    producer.flush(PATIENCE)
    assert errors[0] is not None
    consumer = member(where, "g")
    consumer.subscribe(["nowhere"])
    told = until(lambda: consumer.poll(0.2))
    assert told.error().code() == KafkaError.UNKNOWN_TOPIC_OR_PART
    consumer.close()
    assert AdminClient(where).list_topics(timeout=PATIENCE).topics == {}


def test_too_few_replicas_for_what_the_cluster_asks(where: dict[str, str]) -> None:
    admin = AdminClient(where)
    admin.create_topics([NewTopic("single", 1, 1)])["single"].result(PATIENCE)
    strict = {**where, "message.timeout.ms": 1500}
    with pytest.raises(AssertionError, match=r"MSG_TIMED_OUT|NOT_ENOUGH_REPLICAS"):
        produce(strict, "single", [("k", "v")])
    (written,) = produce({**where, "acks": "1"}, "single", [("k", "v")])
    assert written.offset() == 0


def test_there_are_no_transactions(where: dict[str, str]) -> None:
    producer = Producer({**where, "transactional.id": "t"})
    begin = time.monotonic()
    with pytest.raises(KafkaException) as raised:
        producer.init_transactions(PATIENCE)
    assert code(raised.value) == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    assert time.monotonic() - begin < PATIENCE
