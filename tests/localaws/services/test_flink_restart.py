"""What a kill of the endpoint leaves of an application: its state, and no process."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from localaws import daemon
from tests.localaws.faults.killing import kill, running
from tests.localaws.services import kafka_face as kafka
from tests.localaws.services.flink_face import (
    WINDOWS,
    became,
    create,
    groups,
    make_ground,
    make_topics,
    most,
    needs_flink,
    processes,
    started,
    words,
)

pytestmark = needs_flink


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of an endpoint of the test's own."""
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    daemon.stop()


def click(where: dict[str, str], *seconds: int) -> None:
    """Write a click for each second of a minute."""
    rows = [json.dumps({"at_time": f"2026-01-05 08:00:{one:02}"}) for one in seconds]
    kafka.produce(where, "clicks", [("x", row) for row in rows])


def test_an_application_goes_on_after_a_kill(home: Path) -> None:
    with running():
        aws = boto3.client
        role = make_ground(aws)
        arn, where = make_topics(aws)
        told = groups(True, bootstrap=where["bootstrap.servers"], label="x")
        configuration = {"EnvironmentProperties": told}
        create(aws, role, WINDOWS, jar=True, ApplicationConfiguration=configuration)
        click(where, 1, 2, 3)
        started(aws)
        kafka.until(lambda: most(aws, "numRecordsIn") == 3)
        before = words(aws).count("Completed checkpoint")
        # the second from now has begun with the three in it
        kafka.until(lambda: words(aws).count("Completed checkpoint") >= before + 2)
        assert most(aws, "KPUs") == 2
        kill()
        kafka.until(lambda: processes() == 0)
        daemon.start()
        kafka.became(aws, arn, "ACTIVE")
        found = became(aws, "RUNNING", "READY")
        assert found["ApplicationStatus"] == "RUNNING"
        click(where, 4, 30)
        reader = kafka.member(where, "counts")
        reader.subscribe(["counts"])
        (row,) = kafka.consume(reader, 1)
        assert json.loads(row.value())["n"] == 4
        reader.close()
        daemon.stop()
        assert processes() == 0
