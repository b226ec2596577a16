"""The life of an application: from its creation over its windows to its end."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from confluent_kafka import TopicPartition

from localaws import client
from localaws.daemon import Connection
from tests.localaws.services import kafka_face as kafka
from tests.localaws.services.flink_face import (
    BUCKET,
    WINDOWS,
    archive,
    asked,
    became,
    create,
    detail,
    groups,
    make_ground,
    make_topics,
    most,
    needs_flink,
    processes,
    said,
    started,
    words,
)

pytestmark = needs_flink
# A click each second of half a minute: three windows, of which two are over.
CLICKS = [("ann", f"2026-01-05 08:00:{second:02}") for second in range(30)]
aws = boto3.client


@dataclass
class Desk:
    """A running application, and the cluster that it reads and writes."""

    endpoint: Connection
    where: dict[str, str]
    role: str
    created: Any
    running: Any

    def click(self, *clicks: tuple[str, str]) -> None:
        """Write clicks."""
        rows = [(who, json.dumps({"who": who, "at_time": at})) for who, at in clicks]
        kafka.produce(self.where, "clicks", rows)

    def counted(self, count: int) -> list[tuple[str, int]]:
        """Read so many windows from the first on."""
        reader = kafka.member(self.where, f"reader-{count}")
        reader.subscribe(["counts"])
        rows = [json.loads(one.value()) for one in kafka.consume(reader, count)]
        assert reader.poll(0.3) is None
        reader.close()
        assert {row["label"] for row in rows} == {"morning"}
        return [(row["begins"], row["n"]) for row in rows]


@pytest.fixture(scope="module")
def desk(_running: Connection) -> Iterator[Desk]:
    """An application that runs as long as the tests of this file."""
    _running.control("POST", "reset")
    client.install(_running)
    role = make_ground(aws)
    _, where = make_topics(aws)
    told = groups(True, bootstrap=where["bootstrap.servers"], label="morning")
    configuration = {"EnvironmentProperties": told}
    made = create(aws, role, WINDOWS, jar=True, ApplicationConfiguration=configuration)
    found = Desk(_running, where, role, made, None)
    found.click(*CLICKS)
    found.running = started(aws)
    yield found


def test_an_application_is_described(desk: Desk) -> None:
    assert desk.created["ApplicationStatus"] == "READY"
    assert desk.created["ApplicationVersionId"] == 1
    found = desk.running
    assert found["ApplicationARN"] == (
        "arn:aws:kinesisanalytics:us-east-1:123456789012:application/desk"
    )
    config = found["ApplicationConfigurationDescription"]
    flink = config["FlinkApplicationConfigurationDescription"]
    assert flink["ParallelismConfigurationDescription"]["CurrentParallelism"] == 1
    content = config["ApplicationCodeConfigurationDescription"]
    body = archive(WINDOWS, jar=True)
    assert content["CodeContentDescription"]["CodeSize"] == len(body)
    restored = config["RunConfigurationDescription"]
    restored = restored["ApplicationRestoreConfigurationDescription"]
    assert restored == {"ApplicationRestoreType": "RESTORE_FROM_LATEST_SNAPSHOT"}
    more = detail(aws, IncludeAdditionalDetails=True)
    flink = more["ApplicationConfigurationDescription"]
    plan = flink["FlinkApplicationConfigurationDescription"]["JobPlanDescription"]
    assert "KafkaSource" in plan
    (listed,) = aws("kinesisanalyticsv2").list_applications()["ApplicationSummaries"]
    assert listed["ApplicationStatus"] == "RUNNING"


def test_windows_close_as_the_watermark_passes_them(desk: Desk) -> None:
    # the last click is of 08:00:29, five seconds before it the watermark stands
    first = [("2026-01-05 08:00:00", 10), ("2026-01-05 08:00:10", 10)]
    assert desk.counted(2) == first
    # the first two are over: these are late, and come too late
    desk.click(("bob", "2026-01-05 08:00:05"), ("bob", "2026-01-05 08:00:19"))
    # this one is in time, though later ones came before it
    desk.click(("bob", "2026-01-05 08:00:27"))
    desk.click(("ann", "2026-01-05 08:00:36"))
    assert desk.counted(3) == [*first, ("2026-01-05 08:00:20", 11)]
    kafka.until(lambda: most(aws, "numLateRecordsDropped") == 2)


def test_metrics_are_flinks(desk: Desk) -> None:
    kafka.until(lambda: most(aws, "lastCheckpointDuration") > 0)
    assert most(aws, "numRecordsIn") >= len(CLICKS)
    assert most(aws, "uptime") > 1000
    assert most(aws, "downtime") == most(aws, "numRestarts") == 0
    assert most(aws, "lastCheckpointSize") > 0
    assert most(aws, "KPUs") == 2
    mark = dt.datetime.fromtimestamp(most(aws, "currentInputWatermark") / 1000, dt.UTC)
    assert mark.isoformat() >= "2026-01-05T08:00:23.999000+00:00"
    assert most(aws, "fullRestarts") == -1


def test_the_log_has_flinks_words_and_the_programs(desk: Desk) -> None:
    kafka.until(lambda: "switched from INITIALIZING to RUNNING" in words(aws))
    text = words(aws)
    assert f"bootstrap {desk.where['bootstrap.servers']}" in text
    assert (
        "flink/KinesisAnalyticsSession is not authorized to perform: s3:PutObject"
        in text
    )
    assert {one["applicationVersionId"] for one in said(aws)} == {"1"}
    loggers = {one["logger"] for one in said(aws)}
    assert "org.apache.flink.client.python.PythonDriver" in loggers
    assert "org.apache.flink.runtime.taskmanager.Task" in loggers


def test_offsets_are_committed_with_checkpoints(desk: Desk) -> None:
    reader = kafka.member(desk.where, "desk")
    place = TopicPartition("clicks", 0)

    def committed() -> bool:
        (found,) = reader.committed([place], kafka.PATIENCE)
        return bool(found.offset >= len(CLICKS))

    kafka.until(committed)
    reader.close()


def test_the_bill_has_two_kpus(desk: Desk) -> None:
    before = _kpus(desk.endpoint)
    desk.endpoint.control("POST", "clock", {"seconds": 3600})
    assert _kpus(desk.endpoint) - before == pytest.approx(2, abs=0.01)


def _kpus(endpoint: Connection) -> float:
    lines = endpoint.control("GET", "bill")["lines"]
    return sum(one["quantity"] for one in lines if one["usage"].startswith("KPUs"))


def test_what_a_running_application_does_not_let_be_done(desk: Desk) -> None:
    flink = aws("kinesisanalyticsv2")
    for call, says in (
        (lambda: flink.start_application(ApplicationName="desk"), "RUNNING status"),
        (lambda: flink.create_application(**asked(desk.role)), "already exists"),
    ):
        with pytest.raises(flink.exceptions.ResourceInUseException, match=says):
            call()
    wrong = desk.created["CreateTimestamp"] + dt.timedelta(seconds=5)
    with pytest.raises(ClientError, match="CreateTimestamp is not"):
        flink.delete_application(ApplicationName="desk", CreateTimestamp=wrong)
    assert detail(aws)["ApplicationStatus"] == "RUNNING"


def test_it_stops_with_a_snapshot_and_leaves_nothing(desk: Desk) -> None:
    flink = aws("kinesisanalyticsv2")
    assert processes() > 0
    key = flink.stop_application(ApplicationName="desk")["OperationId"]
    with pytest.raises(flink.exceptions.ResourceInUseException):
        flink.stop_application(ApplicationName="desk")
    became(aws, "READY")
    assert processes() == 0
    told = flink.describe_application_operation(ApplicationName="desk", OperationId=key)
    done = told["ApplicationOperationInfoDetails"]
    assert (done["Operation"], done["OperationStatus"]) == (
        "StopApplication",
        "SUCCESSFUL",
    )
    listed = flink.list_application_operations(ApplicationName="desk")
    names = [one["Operation"] for one in listed["ApplicationOperationInfoList"]]
    assert names == ["StopApplication", "StartApplication"]
    (made,) = flink.list_application_snapshots(ApplicationName="desk")[
        "SnapshotSummaries"
    ]
    assert made["SnapshotStatus"] == "READY"
    for force in (False, True):
        with pytest.raises(flink.exceptions.ResourceInUseException, match="READY"):
            flink.stop_application(ApplicationName="desk", Force=force)
    before = _kpus(desk.endpoint)
    desk.endpoint.control("POST", "clock", {"seconds": 3600})
    assert _kpus(desk.endpoint) == before
    made = desk.created["CreateTimestamp"]
    flink.delete_application(ApplicationName="desk", CreateTimestamp=made)
    kafka.until(lambda: not flink.list_applications()["ApplicationSummaries"])
    with pytest.raises(flink.exceptions.ResourceNotFoundException):
        detail(aws)
    assert aws("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1
