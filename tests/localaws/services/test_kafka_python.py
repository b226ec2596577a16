"""MSK's clusters through kafka-python, a client of its own making."""

import warnings

from tests.localaws.services.kafka_face import PATIENCE, Aws, bootstrap, create

with warnings.catch_warnings():
    # it reads its schemas by a function that Python 3.11 calls old
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.admin import NewTopic


def test_another_client_writes_reads_and_commits(aws: Aws) -> None:
    where = bootstrap(aws, create(aws))["bootstrap.servers"].split(",")
    admin = KafkaAdminClient(bootstrap_servers=where)
    admin.create_topics([NewTopic("clicks", num_partitions=2, replication_factor=3)])
    producer = KafkaProducer(bootstrap_servers=where)
    sent = [
        producer.send("clicks", key=b"%d" % (number % 5), value=b"%d" % number)
        for number in range(500)
    ]
    written = {
        (one.partition, one.offset)
        for one in (future.get(timeout=PATIENCE) for future in sent)
    }
    assert len(written) == 500
    consumer = KafkaConsumer(
        "clicks",
        bootstrap_servers=where,
        group_id="g",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        consumer_timeout_ms=PATIENCE * 1000,
    )
    read = set()
    while len(read) < 500:
        message = next(consumer)
        read.add((message.partition, message.offset))
    assert read == written
    consumer.commit()
    places = [TopicPartition("clicks", number) for number in range(2)]
    ends = consumer.end_offsets(places)
    assert {place: consumer.committed(place) for place in places} == ends
    assert sum(ends.values()) == 500
    consumer.close()
    producer.close()
    admin.delete_topics(["clicks"])
    assert list(admin.list_topics()) == []
    admin.close()
