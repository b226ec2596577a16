"""Snapshots: what a window has counted is there again when it is restored."""

import datetime as dt
import json
from typing import Any

import pytest

from tests.localaws.services import kafka_face as kafka
from tests.localaws.services.flink_face import (
    WINDOWS,
    Aws,
    create,
    groups,
    make_ground,
    most,
    needs_flink,
    started,
    stopped,
)

pytestmark = needs_flink


class Clicks:
    """The topics of the application.

    Args:
        aws: Makes clients.
    """

    def __init__(self, aws: Aws) -> None:
        arn = kafka.create(
            aws,
            NumberOfBrokerNodes=2,
            BrokerNodeGroupInfo=kafka.group(ClientSubnets=kafka.SUBNETS[:2]),
        )
        self.where = kafka.bootstrap(aws, arn)
        for topic in ("clicks", "counts"):
            kafka.make_topic(self.where, topic)

    def write(self, *seconds: int) -> None:
        """Write a click for each second of a minute."""
        rows = [
            json.dumps({"at_time": f"2026-01-05 08:00:{one:02}"}) for one in seconds
        ]
        kafka.produce(self.where, "clicks", [("x", row) for row in rows])

    def counts(self, count: int) -> list[int]:
        """Read what so many windows have counted, from the first on."""
        reader = kafka.member(self.where, f"reader-{count}")
        reader.subscribe(["counts"])
        found = [json.loads(one.value())["n"] for one in kafka.consume(reader, count)]
        reader.close()
        return found


def taken(aws: Aws, name: str) -> Any:
    """Take a snapshot, and wait until it is ready."""
    flink = aws("kinesisanalyticsv2")
    members = {"ApplicationName": "desk", "SnapshotName": name}
    flink.create_application_snapshot(**members)
    with pytest.raises(flink.exceptions.ResourceInUseException, match="already exists"):
        flink.create_application_snapshot(**members)

    def ready() -> Any:
        found = flink.describe_application_snapshot(**members)["SnapshotDetails"]
        assert found["SnapshotStatus"] in ("CREATING", "READY")
        return found if found["SnapshotStatus"] == "READY" else None

    return kafka.until(ready)


def restoring(kind: str, **more: str) -> dict[str, Any]:
    """Return a part of a RunConfiguration."""
    return {"ApplicationRestoreConfiguration": {"ApplicationRestoreType": kind, **more}}


def test_windows_go_on_from_a_snapshot(aws: Aws) -> None:
    role, clicks, flink = make_ground(aws), Clicks(aws), aws("kinesisanalyticsv2")
    told = groups(True, bootstrap=clicks.where["bootstrap.servers"], label="x")
    configuration = {"EnvironmentProperties": told}
    create(aws, role, WINDOWS, jar=True, ApplicationConfiguration=configuration)
    clicks.write(1, 2, 3)
    started(aws)
    kafka.until(lambda: most(aws, "numRecordsIn") == 3)
    first = taken(aws, "morning")
    assert first["ApplicationVersionId"] == 1
    clicks.write(4, 5)
    kafka.until(lambda: most(aws, "numRecordsIn") == 5)
    stopped(aws)
    # closes the window: five clicks, of which none is read twice
    clicks.write(30)
    started(aws)
    assert clicks.counts(1) == [5]
    stopped(aws, Force=True)
    started(aws, **restoring("RESTORE_FROM_CUSTOM_SNAPSHOT", SnapshotName="morning"))
    # three from the snapshot, two that were written after it
    assert clicks.counts(2) == [5, 5]
    stopped(aws, Force=True)
    _deleted(aws, first)
    with pytest.raises(flink.exceptions.ResourceNotFoundException):
        flink.start_application(
            ApplicationName="desk",
            RunConfiguration=restoring(
                "RESTORE_FROM_CUSTOM_SNAPSHOT", SnapshotName="morning"
            ),
        )


def _deleted(aws: Aws, first: Any) -> None:
    """Delete a snapshot, which asks for its time."""
    flink = aws("kinesisanalyticsv2")
    listed = flink.list_application_snapshots(ApplicationName="desk", Limit=1)
    assert len(listed["SnapshotSummaries"]) == 1
    more = flink.list_application_snapshots(
        ApplicationName="desk", NextToken=listed["NextToken"]
    )
    assert [one["SnapshotName"] for one in more["SnapshotSummaries"]] == ["morning"]
    members = {"ApplicationName": "desk", "SnapshotName": "morning"}
    made = first["SnapshotCreationTimestamp"]
    with pytest.raises(flink.exceptions.InvalidArgumentException):
        flink.delete_application_snapshot(
            **members, SnapshotCreationTimestamp=made + dt.timedelta(hours=1)
        )
    flink.delete_application_snapshot(**members, SnapshotCreationTimestamp=made)
    with pytest.raises(flink.exceptions.ResourceNotFoundException):
        flink.describe_application_snapshot(**members)
