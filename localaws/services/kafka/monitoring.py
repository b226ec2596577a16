"""The metrics of clusters in CloudWatch, from one look at them a minute."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from localaws.services.context import Context
from localaws.services.kafka.clusters import TABLE
from localaws.services.kafka.retention import Retention
from localaws.services.kafka.watch import Look, Watch, minute
from localaws.services.records import Records

NAMESPACE = "AWS/Kafka"
_MINUTE, _MOST = 60, 1000
_BYTES, _COUNT, _RATE = "Bytes/Second", "Count", "Count/Second"
Datum = tuple[str, dict[str, str], float, str]


def _data(look: Look) -> Iterator[Datum]:
    """Yield the metrics of the minute since the last look."""
    assert look.before is not None
    name = look.row["name"]
    topics = {topic for topic, _ in look.now.leaders}
    yield "GlobalTopicCount", {"Cluster Name": name}, len(topics), _COUNT
    yield "GlobalPartitionCount", {"Cluster Name": name}, len(look.now.leaders), _COUNT
    if not topics:
        return
    brokers = range(1, look.row["brokers"] + 1)
    whole, records = dict.fromkeys(brokers, 0), dict.fromkeys(brokers, 0)
    sizes: dict[tuple[int, str], int] = defaultdict(int)
    for place, leader in look.now.leaders.items():
        grown = look.now.sizes[place] - look.before.sizes.get(place, 0)
        count = look.now.ends[place] - look.before.ends.get(place, 0)
        sizes[leader, place[0]] += max(0, grown)
        whole[leader] += max(0, grown)
        records[leader] += max(0, count)
    for (broker, topic), grown in sizes.items():
        where = _where(name, broker) | {"Topic": topic}
        yield "BytesInPerSec", where, grown / _MINUTE, _BYTES
    for broker in brokers:
        where = _where(name, broker)
        yield "BytesInPerSec", where, whole[broker] / _MINUTE, _BYTES
        yield "MessagesInPerSec", where, records[broker] / _MINUTE, _RATE


def _send(context: Context, look: Look) -> None:
    """Send the metrics of a minute that is over to CloudWatch."""
    rows: list[dict[str, Any]] = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": n, "Value": v} for n, v in where.items()],
            "Timestamp": minute(look.since),
            "Value": value,
            "Unit": unit,
        }
        for name, where, value, unit in (*_data(look), *_lags(look))
    ]
    client = context.aws.client("cloudwatch")
    for start in range(0, len(rows), _MOST):
        part = rows[start : start + _MOST]
        client.put_metric_data(Namespace=NAMESPACE, MetricData=part)


def _where(name: str, broker: int) -> dict[str, str]:
    return {"Cluster Name": name, "Broker ID": str(broker)}


def _lags(look: Look) -> Iterator[Datum]:
    for group, places in look.now.committed.items():
        lags: dict[str, list[int]] = {}
        for place, offset in places.items():
            if place in look.now.ends:
                lag = max(0, look.now.ends[place] - offset)
                lags.setdefault(place[0], []).append(lag)
        for topic, found in lags.items():
            where = {
                "Cluster Name": look.row["name"],
                "Consumer Group": group,
                "Topic": topic,
            }
            yield "SumOffsetLag", where, sum(found), _COUNT
            yield "MaxOffsetLag", where, max(found), _COUNT


def tick(context: Context) -> dt.datetime | None:
    """Look at the clusters; return when records are next too old."""
    if not context.part(Records).all(TABLE):
        return None
    for look in context.part(Watch).look():
        if look.before is not None:
            _send(context, look)
        context.part(Retention).see(look)
    return context.part(Retention).due()
