"""What a kill leaves of MSK's clusters: all of it, and no process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient

from localaws import daemon
from tests.localaws.faults.killing import kill, running
from tests.localaws.services.kafka_face import (
    PATIENCE,
    Aws,
    became,
    bootstrap,
    consume,
    create,
    described,
    make_topic,
    member,
    processes,
    produce,
    until,
)

CLICKS = [(f"user-{number % 7}", f"click-{number}") for number in range(700)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of an endpoint of the test's own."""
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    daemon.stop()


def filled(aws: Any) -> tuple[str, dict[str, str], int]:
    """Make a cluster with records, some of them read."""
    arn = create(aws, Tags={"team": "ground"})
    where = bootstrap(aws, arn)
    make_topic(where, "clicks", 3)
    produce(where, "clicks", CLICKS)
    consumer = member(where, "g")
    consumer.subscribe(["clicks"])
    read = len(consume(consumer, 250))
    consumer.commit(asynchronous=False)
    consumer.close()
    return arn, where, read


def rest(consumer: Consumer, count: int) -> set[bytes]:
    """Read what a group has not read, to the end."""
    consumer.subscribe(["clicks"])
    found = {bytes(message.value()) for message in consume(consumer, count)}
    assert consumer.poll(0.5) is None
    consumer.close()
    return found


def test_records_offsets_and_ports_outlive_a_kill(home: Path) -> None:
    with running():
        arn, where, read = filled(boto3.client)
        writer = Producer(where)
        before = described(boto3.client, arn)
        kill()
        until(lambda: processes() == 0)
        for log in (home / "kafka").glob("*/*/*.log"):
            with log.open("ab") as file:
                # a batch that was being written
                file.write(bytes(100))
        daemon.start()
        assert became(boto3.client, arn, "ACTIVE") == before
        assert bootstrap(boto3.client, arn) == where
        # a client of before goes on
        writer.produce("clicks", "late")
        assert writer.flush(PATIENCE) == 0
        assert b"late" in rest(member(where, "g"), len(CLICKS) + 1 - read)
        assert len(rest(member(where, "other"), len(CLICKS) + 1)) == len(CLICKS) + 1
        daemon.stop()
        assert processes() == 0
        assert not (home / "kafka").exists()
        with running():
            assert described(boto3.client, arn) is None


def listener(port: int) -> int | None:
    """Return the process that listens on a port."""
    found = {
        link.pid
        for link in psutil.net_connections("tcp")
        if link.status == psutil.CONN_LISTEN and link.laddr.port == port
    }
    return found.pop() if found else None


def test_a_cluster_heals(aws: Aws) -> None:
    arn, where, read = filled(aws)
    port = int(where["bootstrap.servers"].rpartition(":")[2])
    killed = listener(port)
    psutil.Process(killed).kill()
    until(lambda: listener(port) not in (None, killed))
    became(aws, arn, "ACTIVE")
    assert bootstrap(aws, arn) == where
    assert len(rest(member(where, "g"), len(CLICKS) - read)) == len(CLICKS) - read
    admin = AdminClient(where)
    assert list(admin.list_topics(timeout=PATIENCE).topics) == ["clicks"]
