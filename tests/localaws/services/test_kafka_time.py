"""What follows for MSK's clusters as time goes by: metrics, retention, the bill."""

import datetime as dt

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from localaws.daemon import Connection
from tests.localaws.services.kafka_face import (
    PATIENCE,
    Aws,
    bootstrap,
    consume,
    create,
    described,
    group,
    make_topic,
    member,
    produce,
    until,
)

CLICKS = [(f"user-{number % 7}", "x" * 100) for number in range(600)]


def advance(endpoint: Connection, seconds: float) -> None:
    """Move the endpoint's clock on."""
    endpoint.control("POST", "clock", {"seconds": seconds})


def values(aws: Aws, name: str, **dimensions: str) -> list[float]:
    """Return every value of a metric of the cluster `desk`."""
    named = {key.replace("_", " "): value for key, value in dimensions.items()}
    end = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    found = aws("cloudwatch").get_metric_statistics(
        Namespace="AWS/Kafka",
        MetricName=name,
        Dimensions=[
            {"Name": key, "Value": value}
            for key, value in {"Cluster Name": "desk", **named}.items()
        ],
        StartTime=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        EndTime=end,
        Period=3600,
        Statistics=["Sum"],
    )
    return [point["Sum"] for point in found["Datapoints"]]


def test_metrics_count_what_was_written_and_read(
    aws: Aws, endpoint: Connection
) -> None:
    arn = create(aws)
    where = bootstrap(aws, arn)
    make_topic(where, "clicks", 3)
    produce(where, "clicks", CLICKS)
    consumer = member(where, "readers")
    consumer.subscribe(["clicks"])
    consume(consumer, len(CLICKS))
    consumer.commit(asynchronous=False)
    consumer.close()
    produce(where, "clicks", CLICKS[:60])
    assert values(aws, "SumOffsetLag", Consumer_Group="readers", Topic="clicks") == []
    advance(endpoint, 60)
    lag = {"Consumer_Group": "readers", "Topic": "clicks"}
    assert values(aws, "SumOffsetLag", **lag) == [60]
    assert 0 < values(aws, "MaxOffsetLag", **lag)[0] <= 60
    rates = [values(aws, "MessagesInPerSec", Broker_ID=str(n)) for n in (1, 2, 3)]
    assert round(sum(rate[0] for rate in rates) * 60) == 660
    whole = [values(aws, "BytesInPerSec", Broker_ID=str(n))[0] for n in (1, 2, 3)]
    assert sum(whole) * 60 > 660 * 100
    topics = [
        values(aws, "BytesInPerSec", Broker_ID=str(n), Topic="clicks")
        for n in (1, 2, 3)
    ]
    assert [rate[0] for rate in topics] == whole
    assert values(aws, "GlobalTopicCount") == [1]
    assert values(aws, "GlobalPartitionCount") == [3]


def test_records_are_kept_for_their_time(aws: Aws, endpoint: Connection) -> None:
    where = bootstrap(aws, create(aws))
    admin = AdminClient(where)
    short = NewTopic("short", 1, config={"retention.ms": "3600000"})
    admin.create_topics([short])["short"].result(PATIENCE)
    make_topic(where, "usual")
    ever = NewTopic("ever", 1, config={"retention.ms": str(2**63 - 1)})
    admin.create_topics([ever])["ever"].result(PATIENCE)
    for topic in ("short", "usual", "ever"):
        produce(where, topic, CLICKS[:10])
    advance(endpoint, 1800)
    produce(where, "short", CLICKS[:3])
    consumer = member(where, "g")

    def watermarks(topic: str) -> tuple[int, int]:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), PATIENCE)
        return low, high

    assert watermarks("short") == (0, 13)
    advance(endpoint, 1830)
    assert watermarks("short") == (10, 13)
    advance(endpoint, 1800)
    assert watermarks("short") == (13, 13)
    assert watermarks("usual") == (0, 10)
    advance(endpoint, 7 * 86_400)
    assert watermarks("usual") == (10, 10)
    assert watermarks("ever") == (0, 10)
    consumer.close()


def test_a_topic_is_kept_to_its_size(aws: Aws) -> None:
    where = bootstrap(aws, create(aws))
    admin = AdminClient(where)
    small = NewTopic("small", 1, config={"retention.bytes": "20000"})
    admin.create_topics([small])["small"].result(PATIENCE)
    for start in range(0, 600, 20):
        produce(where, "small", CLICKS[start : start + 20])
    consumer = member(where, "g")
    low, high = consumer.get_watermark_offsets(TopicPartition("small", 0), PATIENCE)
    assert high == 600
    assert 400 < low < 580
    consumer.close()


def lines(endpoint: Connection) -> dict[str, tuple[float, float]]:
    """Return quantity and cost of MSK on the bill."""
    return {
        line["usage"]: (line["quantity"], line["cost"])
        for line in endpoint.control("GET", "bill")["lines"]
        if line["service"] == "Amazon MSK"
    }


def test_brokers_and_volumes_cost_by_the_hour(aws: Aws, endpoint: Connection) -> None:
    volume = {"EbsStorageInfo": {"VolumeSize": 730}}
    arn = create(aws, BrokerNodeGroupInfo=group(StorageInfo=volume))
    before = lines(endpoint).get("Standard broker kafka.t3.small", (0.0, 0.0))
    advance(endpoint, 10 * 3600)
    found = lines(endpoint)
    hours, cost = found["Standard broker kafka.t3.small"]
    assert abs(hours - before[0] - 30) < 0.01
    assert abs(cost - hours * 0.0456) < 0.001
    months, _ = found["Broker storage"]
    assert abs(months - hours) < 0.001
    aws("kafka").delete_cluster(ClusterArn=arn)
    until(lambda: described(aws, arn) is None)
    before = lines(endpoint)["Standard broker kafka.t3.small"]
    advance(endpoint, 3600)
    assert lines(endpoint)["Standard broker kafka.t3.small"] == before
